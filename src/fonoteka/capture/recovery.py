"""What a crash left behind: every folder in `open/` is sealed with what it holds, or set aside."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from fonoteka.capture.journal import read_journal
from fonoteka.capture.manifest import manifest_of
from fonoteka.capture.spool_folder import move_folder, remove_folder, seal_folder
from fonoteka.capture.stream_file import check_header, make_whole
from fonoteka.domain.errors import SpoolCorrupt
from fonoteka.domain.ids import is_id
from fonoteka.domain.sealed import JOURNAL_NAME, MANIFEST_NAME, SealedRecording
from fonoteka.settings import DataFolder

WRITER_WAIT_S = 5.0
"""So long may a media process outlive its recorder, writing what it still holds."""

_log = logging.getLogger(__name__)


def recover(folder: DataFolder, live: Collection[str] = ()) -> list[str]:
    """Seal every folder left in `open/`, except the `live` ones; returns the ids that were sealed.

    Torn tails are cut off; a recording whose end is not in the journal ended as "interrupted"; a folder
    with a manifest is only moved; one that cannot be read goes to `failed/` untouched; one that was being
    discarded goes altogether. A folder that cannot be handled now (disk full, a recorder or its media
    process still writes to it) stays for the next time. Running twice changes nothing more.

    `live` may change meanwhile, if an id is added before its folder is there.
    """
    sealed = []
    give_up_at = time.monotonic() + WRITER_WAIT_S
    for path in sorted(folder.spool_open.iterdir()):
        if path.is_symlink() or not path.is_dir() or path.name in live:
            continue
        try:
            if _settle(folder, path, give_up_at):
                sealed.append(path.name)
        except SpoolCorrupt as error:
            _set_aside(folder, path, error)
        except OSError as error:
            if path.exists():  # else it was live when the names were read, and has been sealed since
                _log.error("recording %s: cannot be recovered now: %s", path.name, error)
    return sealed


def _settle(data: DataFolder, path: Path, give_up_at: float) -> bool:
    """Whether the folder was sealed (False: removed or left). Raises `SpoolCorrupt`, OSError."""
    if not is_id(path.name):
        raise SpoolCorrupt("its name is not a recording's id")
    if _is_written_to(path, give_up_at):
        _log.warning("recording %s: still written to, left for later", path.name)
        return False
    if _is_bare(path) or _was_discarded(path):
        remove_folder(path)
        return False
    written = _written_manifest(path)
    manifest = written or _manifest_of(path)
    dumps = [path / stream.file for stream in manifest.streams if stream.kind == "rtpdump"]
    for dump in dumps:
        check_header(dump)
    for dump in dumps:
        make_whole(dump, manifest.opened_at)
    if written:
        move_folder(path, data.spool_sealed)
    else:
        seal_folder(data, path, manifest)
    _log.info("recording %s: recovered, %s", path.name, manifest.end_reason)
    return True


def _manifest_of(path: Path) -> SealedRecording:
    manifest = manifest_of(read_journal(path / JOURNAL_NAME), sealed_at=datetime.now(UTC))
    if manifest.recording_id != path.name:
        raise SpoolCorrupt(f"the journal is that of {manifest.recording_id}")
    return manifest


def _written_manifest(path: Path) -> SealedRecording | None:
    """The manifest, if sealing had come so far that only the move was missing."""
    try:
        manifest = SealedRecording.from_json((path / MANIFEST_NAME).read_text("utf-8"))
    except (FileNotFoundError, SpoolCorrupt, UnicodeDecodeError):
        return None
    return manifest if manifest.recording_id == path.name else None


def _is_bare(path: Path) -> bool:
    """Whether the crash came before the opening was written: no answer had been given, nothing is lost."""
    names = {one.name for one in path.iterdir()}
    return names <= {JOURNAL_NAME} and (not names or not read_journal(path / JOURNAL_NAME))


def _was_discarded(path: Path) -> bool:
    try:
        return bool(read_journal(path / JOURNAL_NAME)[-1]["event"] == "discarded")
    except (SpoolCorrupt, IndexError):
        return False


def _is_written_to(path: Path, give_up_at: float) -> bool:
    """Whether a recorder or a media process goes on writing to the folder (each file is locked then)."""
    while any(_is_locked(one) for one in path.iterdir() if one.is_file() and not one.is_symlink()):
        if time.monotonic() > give_up_at:
            return True
        time.sleep(0.02)
    return False


def _is_locked(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _set_aside(data: DataFolder, path: Path, reason: SpoolCorrupt) -> None:
    try:
        move_folder(path, data.spool_failed)
    except OSError as error:
        _log.error("recording %s: %s; it cannot be set aside: %s", path.name, reason, error)
    else:
        _log.error("recording %s: set aside in failed/: %s", path.name, reason)
