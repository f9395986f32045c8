"""A folder tree of recordings, folder by folder; links are not followed, so no tree goes in a circle."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from fonoteka.connectors.folder.report import Problem
from fonoteka.connectors.folder.text_file import name_of

DEPTH_MAX = 64
ENTRIES_MAX = 1_000_000
"""Entries of one folder; a tree may hold any number of folders."""

AUDIO_SUFFIXES = frozenset(
    {
        *(
            ".wav",
            ".wave",
            ".wav49",
            ".mp3",
            ".ogg",
            ".oga",
            ".opus",
            ".flac",
            ".gsm",
            ".m4a",
            ".mp4",
            ".mka",
        ),
        *(".webm", ".aac", ".amr", ".au", ".aif", ".aiff", ".w64", ".g722", ".g729", ".caf"),
    }
)
HEADERLESS_SUFFIXES = frozenset([".sln", ".sln16", ".ulaw", ".ul", ".pcmu", ".alaw", ".al", ".pcma"])
"""Sound without a header in the forms that Asterisk writes; the suffix alone says what it is."""
_UNKNOWN_SOUND = frozenset({".raw", ".slin", ".pcm", ".g711", ".g726", ".ilbc", ".dss", ".wma", ".nmf"})
_SOUND = AUDIO_SUFFIXES | HEADERLESS_SUFFIXES


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file as the system names it (its path need not be UTF-8)."""

    path: Path
    size_bytes: int
    mtime_ns: int

    @property
    def name(self) -> str:
        """The name as text."""
        return name_of(self.path.name)

    @property
    def suffix(self) -> str:
        """The suffix in lower case, with its dot."""
        return self.path.suffix.lower()

    def problem(self, code: str, detail: str) -> Problem:
        """Why this file is left out."""
        return Problem(name_of(str(self.path)), code, detail)


@dataclass(slots=True)
class FoundFolder:
    """The recordings of one folder in the order of their names; `others` were passed over."""

    path: Path
    files: list[FoundFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    others: int = 0


def walk(root: Path, without: Path) -> Iterator[FoundFolder]:
    """Every folder below `root`, which may itself be a file or a link to a folder. Order is by name.

    `without` is our own data folder, which holds sound files that nobody wants to import.
    """
    root, without = root.resolve(), without.resolve()
    if not root.is_dir():
        found = FoundFolder(root.parent)
        _sort_in(found, root.parent, root.name)
        yield found
        return
    waiting = [(root, 0)]
    while waiting:
        folder, depth = waiting.pop()
        if folder == without:
            continue
        found = FoundFolder(folder)
        below = _list(found, depth)
        yield found
        waiting.extend((one, depth + 1) for one in reversed(below))


def _list(found: FoundFolder, depth: int) -> list[Path]:
    if depth > DEPTH_MAX:
        found.problems.append(_problem(found.path, "too_deep", f"More than {DEPTH_MAX} folders deep."))
        return []
    try:
        with os.scandir(found.path) as entries:
            names = sorted(one.name for one in islice(entries, ENTRIES_MAX + 1))
    except OSError as error:
        found.problems.append(_problem(found.path, "unreadable", f"The folder: {error.strerror}."))
        return []
    if len(names) > ENTRIES_MAX:
        del names[ENTRIES_MAX:]
        detail = f"The folder has more than {ENTRIES_MAX} entries; the rest is left out."
        found.problems.append(_problem(found.path, "too_many", detail))
    return [below for name in names if (below := _sort_in(found, found.path, name)) is not None]


def _sort_in(found: FoundFolder, folder: Path, name: str) -> Path | None:
    """Put an entry where it belongs; a folder is returned."""
    path = folder / name
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - pathlib sees no suffix in “x.”
    try:
        status = path.lstat()
    except OSError as error:
        found.problems.append(_problem(path, "unreadable", f"{error.strerror}."))
        return None
    if stat.S_ISDIR(status.st_mode):
        return path
    if stat.S_ISLNK(status.st_mode):
        if suffix in _SOUND or path.is_dir():
            found.problems.append(_problem(path, "link", "A link; import what it points to."))
        return None
    if stat.S_ISREG(status.st_mode) and suffix in _UNKNOWN_SOUND:
        detail = f"Sound of the kind {suffix} cannot be read; convert it to WAV first."
        found.problems.append(_problem(path, "format_unknown", detail))
    elif stat.S_ISREG(status.st_mode) and suffix in _SOUND:
        found.files.append(FoundFile(path, status.st_size, status.st_mtime_ns))
    else:
        found.others += 1
    return None


def _problem(path: Path, code: str, detail: str) -> Problem:
    return Problem(name_of(str(path)), code, detail)
