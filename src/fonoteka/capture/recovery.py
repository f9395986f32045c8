"""What a crash left behind: every folder in `open/` is sealed with what it holds, or set aside."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from fonoteka.capture.journal import Event, read_journal
from fonoteka.capture.manifest import manifest_of
from fonoteka.capture.spool import move_folder, remove_folder, seal_folder
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
    discarded goes altogether. A folder that cannot be handled now (disk full, a media process still
    writes to it) stays for the next time. Running twice changes nothing more.
    """
    sealed = []
    for path in sorted(folder.spool_open.iterdir()):
        if path.is_symlink() or not path.is_dir() or path.name in live:
            continue
        try:
            if _settle(folder, path):
                sealed.append(path.name)
        except SpoolCorrupt as error:
            _set_aside(folder, path, error)
        except OSError as error:
            _log.error("recording %s: cannot be recovered now: %s", path.name, error)
    return sealed


def _settle(data: DataFolder, path: Path) -> bool:
    """Whether the folder was sealed (False: removed or left). Raises `SpoolCorrupt`, OSError."""
    if not is_id(path.name):
        raise SpoolCorrupt("its name is not a recording's id")
    if _is_written_to(path):
        _log.warning("recording %s: still written to, left for later", path.name)
        return False
    if _has_manifest(path):
        move_folder(path, data.spool_sealed)
        return True
    if _is_bare(path):
        remove_folder(path)
        return False
    events = read_journal(path / JOURNAL_NAME)
    if events and events[-1]["event"] == "discarded":
        remove_folder(path)
        return False
    manifest = _manifest_of(path, events)
    for stream in manifest.streams:
        check_header(path / stream.file)
    for stream in manifest.streams:
        make_whole(path / stream.file, manifest.opened_at)
    seal_folder(data, path, manifest)
    _log.info("recording %s: recovered, %s", path.name, manifest.end_reason)
    return True


def _manifest_of(path: Path, events: list[Event]) -> SealedRecording:
    manifest = manifest_of(events, sealed_at=datetime.now(UTC))
    if manifest.recording_id != path.name:
        raise SpoolCorrupt(f"the journal is that of {manifest.recording_id}")
    if any((path / stream.file).is_symlink() for stream in manifest.streams):
        raise SpoolCorrupt("a stream's file is a link")
    return manifest


def _has_manifest(path: Path) -> bool:
    """Whether sealing had come so far that only the move was missing."""
    try:
        manifest = SealedRecording.from_json((path / MANIFEST_NAME).read_text("utf-8"))
    except (FileNotFoundError, SpoolCorrupt, UnicodeDecodeError):
        return False
    whole = all((path / stream.file).is_file() for stream in manifest.streams)
    return manifest.recording_id == path.name and whole


def _is_bare(path: Path) -> bool:
    """Whether the crash came before the opening was written: no answer had been given, nothing is lost."""
    names = {one.name for one in path.iterdir()}
    return names <= {JOURNAL_NAME} and (not names or not read_journal(path / JOURNAL_NAME))


def _is_written_to(path: Path) -> bool:
    """Whether a media process goes on writing to a file of the folder (it holds a lock on each)."""
    give_up_at = time.monotonic() + WRITER_WAIT_S
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
