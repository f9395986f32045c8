"""Chosen calls as files in a folder; begun again, it goes on where it was."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from fonoteka.archive.archive import Archive
from fonoteka.archive.exporting import ExportedFile, ExportFormat, open_exported
from fonoteka.archive.listening import zone_of
from fonoteka.archive.manifest import Line, Manifest
from fonoteka.domain.access import Actor
from fonoteka.domain.errors import AudioMalformed, FonotekaError, StorageFull
from fonoteka.domain.query import CallSelection

_PART = ".part"
_BLOCK_BYTES = 1 << 20


def export_to_folder(
    archive: Archive, actor: Actor, selection: CallSelection, wanted: ExportFormat, folder: Path
) -> Iterator[Line]:
    """Write the recordings of chosen calls and, at the end, the manifest; what became of each, as it goes.

    A file appears under its name only when it is whole. One that is there is not fetched again, unless it is
    a stored file and its bytes are not. Raises as `open_exported`, `StorageFull`, OSError.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def is_there(file: ExportedFile) -> bool:
        path = folder / file.name
        return path.is_file() and file.sha256 in ("", sha256_of_file(path)[0])

    files = open_exported(archive, actor, selection, wanted, is_there)
    manifest = Manifest(folder, actor.name, wanted.language, zone_of(archive, actor.tenant_id))
    try:
        with closing(manifest):
            for file in files:
                line = _written(folder, file)
                manifest.add(line)
                yield line
            for name, _, pieces in manifest.finish():
                _replace(folder / name, pieces)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(f"There is no room left in {folder}.") from error
        raise


def sha256_of_file(path: Path) -> tuple[str, int]:
    """The SHA-256 of a file in hexadecimal, and its bytes."""
    hashed, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            hashed.update(block)
            size += len(block)
    return hashed.hexdigest(), size


def _written(folder: Path, file: ExportedFile) -> Line:
    if not file.name:
        return Line(file, error=file.error)
    path = folder / file.name
    if file.read is None:
        sha256, size = sha256_of_file(path)
        return Line(file, size, sha256)
    path.parent.mkdir(exist_ok=True, mode=0o700)
    try:
        sha256, size = _replace(path, file.read(0, None))
    except FonotekaError as failed:
        return Line(file, error=failed.code)
    return Line(file, size, sha256, "" if file.sha256 in ("", sha256) else AudioMalformed.code)


def _replace(path: Path, pieces: Iterator[bytes]) -> tuple[str, int]:
    """Write a file whole or not at all; the SHA-256 and the bytes."""
    part = path.with_name(path.name + _PART)
    hashed, size = hashlib.sha256(), 0
    try:
        with part.open("wb") as out:
            for piece in pieces:
                out.write(piece)
                hashed.update(piece)
                size += len(piece)
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return hashed.hexdigest(), size
