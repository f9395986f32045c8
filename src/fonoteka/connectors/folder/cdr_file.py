"""A CDR file read on from where it was left, whatever happened to it meanwhile.

Where one is is told by the file's first bytes, not by its name: log rotation renames a file or empties it
after a copy, and an export is written anew with the same beginning.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, cast

from fonoteka.connectors.folder.cdr_row import CdrRow, header_of, row_of
from fonoteka.connectors.folder.report import Problem
from fonoteka.connectors.folder.text_file import name_of
from fonoteka.domain.errors import ImportInvalid

LINES_TOGETHER = 500
LINE_BYTES_MAX = 64 * 1024
HEAD_BYTES = 1024
_BLOCK_BYTES = 1024 * 1024
_ROTATED_MAX = 60
_DELIMITERS = b",;\t"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a file was read. By the `head_sha256` of its first `head_bytes` it is known again."""

    offset: int = 0
    lines: int = 0
    head_bytes: int = 0
    head_sha256: str = ""
    columns: tuple[str, ...] | None = None
    delimiter: str = ","

    def to_json(self) -> str:
        """As it is remembered."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Place:
        """The inverse of `to_json`."""
        value = json.loads(text)
        columns = value["columns"]
        return cls(**{**value, "columns": None if columns is None else tuple(columns)})


START = Place()


@dataclass(slots=True)
class Lines:
    """Some lines of a file: the records in them, what was no record, and the place behind them."""

    place: Place
    rows: list[CdrRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def end_of(path: Path) -> Place:
    """The place behind the last whole line of the file. Raises OSError."""
    with _opened(path) as file:
        first = Lines(START)
        line = file.readline(LINE_BYTES_MAX)
        if not line.endswith(b"\n"):
            return START
        first.place = _behind(START, line)
        _take(path, first, line)
        offset, lines, here = first.place.offset, 1, first.place.offset
        while block := file.read(_BLOCK_BYTES):
            if (found := block.rfind(b"\n")) >= 0:
                offset, lines = here + found + 1, lines + block.count(b"\n")
            here += len(block)
        return _known_by(file, Lines(replace(first.place, offset=offset, lines=lines))).place


def read_on(path: Path, place: Place) -> Iterator[Lines]:
    """The whole lines behind the place, some at a time; a last line that is still being written waits.

    A file that was rotated away meanwhile is read to its end first. Raises OSError.
    """
    for file, since in _files(path, place):
        yield from _read(file, since)


def _files(path: Path, place: Place) -> list[tuple[Path, Place]]:
    """What to read in which order."""
    current = [(path, START)] if path.exists() else []
    if not place.offset:
        return current
    if current and _is_same(path, place):
        return [(path, place)]
    rotated = _rotated(path)
    for number, older in enumerate(rotated):
        with suppress(OSError, EOFError):
            if _is_same(older, place):
                between = [(one, START) for one in reversed(rotated[:number])]
                return [(older, place), *between, *current]
    if current:
        _log.warning("%s begins anew and the file before it is gone: its end may not have been read", path)
    return current


def _rotated(path: Path) -> list[Path]:
    """Files that the file may have become, newest first."""
    some = []
    for one in path.parent.glob(f"{path.name}?*"):
        with suppress(OSError):
            some.append((one.stat().st_mtime_ns, one))
    return [one for _, one in sorted(some, reverse=True)[:_ROTATED_MAX]]


def _is_same(path: Path, place: Place) -> bool:
    with _opened(path) as file:
        head = file.read(place.head_bytes)
        if hashlib.sha256(head).hexdigest() != place.head_sha256:
            return False
        file.seek(place.offset - 1)
        return bool(file.read(1))


def _read(path: Path, place: Place) -> Iterator[Lines]:
    with _opened(path) as file:
        file.seek(place.offset)
        lines = Lines(place)
        while True:
            line = file.readline(LINE_BYTES_MAX)
            if not line.endswith(b"\n") and len(line) < LINE_BYTES_MAX:
                break
            lines.place = _behind(lines.place, line)
            _take(path, lines, line)
            if len(lines.rows) + len(lines.problems) >= LINES_TOGETHER:
                yield _known_by(file, lines)
                lines = Lines(lines.place)
        if lines.place != place or lines.rows:
            yield _known_by(file, lines)


def _behind(place: Place, line: bytes) -> Place:
    return replace(place, offset=place.offset + len(line), lines=place.lines + line.endswith(b"\n"))


def _known_by(file: BinaryIO, lines: Lines) -> Lines:
    """With the head from which the file is known again; what is read already does not change any more."""
    if lines.place.head_bytes < HEAD_BYTES:
        there = file.tell()
        file.seek(0)
        head = file.read(min(HEAD_BYTES, lines.place.offset))
        file.seek(there)
        digest = hashlib.sha256(head).hexdigest()
        lines.place = replace(lines.place, head_bytes=len(head), head_sha256=digest)
    return lines


def _take(path: Path, lines: Lines, line: bytes) -> None:
    if lines.place.lines <= 1 and lines.place.offset == len(line):
        line = line.removeprefix(b"\xef\xbb\xbf")
        delimiter = max(_DELIMITERS, key=line.count)
        lines.place = replace(lines.place, delimiter=chr(delimiter))
        columns = header_of(_cells(line, chr(delimiter)))
        if columns is not None:
            lines.place = replace(lines.place, columns=columns)
            return
    if not line.strip():
        return
    try:
        lines.rows.append(row_of(lines.place.columns, _cells(line, lines.place.delimiter)))
    except (ImportInvalid, csv.Error) as error:
        where = f"{name_of(str(path))}:{lines.place.lines}"
        lines.problems.append(Problem(where, "line_invalid", str(error)))


def _cells(line: bytes, delimiter: str) -> list[str]:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        text = line.decode("cp1251", "replace")
    rows = list(csv.reader([text.replace("\0", "")], delimiter=delimiter))
    return [cell.strip() for cell in rows[0]] if rows else []


def _opened(path: Path) -> BinaryIO:
    """The file, unpacked where log rotation packed it."""
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
