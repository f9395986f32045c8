"""Chosen calls as one ZIP, sent as it is made."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import datetime, tzinfo

from fonoteka.archive.archive import Archive
from fonoteka.archive.exporting import ExportedFile, ExportFormat, Read, open_exported
from fonoteka.archive.listening import zone_of
from fonoteka.archive.manifest import Line, Manifest
from fonoteka.archive.zip_writer import ZipWriter
from fonoteka.domain.access import Actor
from fonoteka.domain.errors import AudioMalformed, ExportBusy, FonotekaError, StorageFull
from fonoteka.domain.query import CallSelection
from fonoteka.objects import BLOCK_BYTES

AT_ONCE_MAX = 8
_MAKING = threading.BoundedSemaphore(AT_ONCE_MAX)


def zip_calls(
    archive: Archive,
    actor: Actor,
    selection: CallSelection,
    wanted: ExportFormat,
    still: Callable[[], Actor] | None = None,
) -> Generator[bytes, None, None]:
    """A ZIP of the calls' recordings with a manifest at its end, in pieces, as it is read.

    What cannot be read is named in the manifest. It holds as much memory as one piece, whatever the number of
    calls; to stop, close it. Raises as `open_exported`, all of it with the first piece, and `ExportBusy`.
    """
    if not _MAKING.acquire(blocking=False):
        raise ExportBusy
    try:
        scratch = archive.cache_folder / "exports"
        scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        files = open_exported(archive, actor, selection, wanted, still=still)
        zone = zone_of(archive, actor.tenant_id)
        writer, manifest = ZipWriter(scratch), Manifest(scratch, actor.name, wanted.language, zone)
        with closing(writer), closing(manifest):
            yield from _zipped(files, writer, manifest, archive.now(), zone)
    except OSError as error:
        raise StorageFull("There is no room for what an export notes down.") from error
    finally:
        _MAKING.release()


def _zipped(
    files: Iterator[ExportedFile], writer: ZipWriter, manifest: Manifest, now: datetime, zone: tzinfo
) -> Iterator[bytes]:
    for file in files:
        if file.read is None:
            manifest.add(Line(file, error=file.error))
        else:
            manifest.add((yield from _packed(writer, file, file.read, zone)))
    for name, size, pieces in manifest.finish():
        yield writer.begin(name, now.astimezone(zone), size)
        yield from map(writer.data, pieces)
        yield writer.end()
    yield from writer.finish()


def _packed(writer: ZipWriter, file: ExportedFile, read: Read, zone: tzinfo) -> Generator[bytes, None, Line]:
    """One file; what it became. Of one that breaks off the archive holds what came."""
    assert file.recording is not None
    made_at = file.recording.started_at.astimezone(zone)
    pieces = [writer.begin(file.name, made_at, file.size_bytes)]
    hashed, size, waiting, error = hashlib.sha256(), 0, 0, ""
    try:
        for block in read(0, None):
            hashed.update(block)
            size, waiting = size + len(block), waiting + len(block)
            pieces.append(writer.data(block))
            if waiting >= BLOCK_BYTES:  # small files go in one piece
                yield b"".join(pieces)
                pieces, waiting = [], 0
    except FonotekaError as failed:
        error = failed.code
    yield b"".join([*pieces, writer.end()])
    sha256 = hashed.hexdigest()
    if not error and file.sha256 not in ("", sha256):
        error = AudioMalformed.code
    return Line(file, size, sha256, error)
