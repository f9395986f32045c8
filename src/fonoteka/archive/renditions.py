"""Recordings in other formats, made when first asked for."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from fonoteka.archive.archive import Archive
from fonoteka.archive.metrics import RENDITION_SECONDS
from fonoteka.archive.rendition_cache import RenditionCache
from fonoteka.domain.errors import ObjectMissing
from fonoteka.domain.recording import Recording
from fonoteka.objects import BLOCK_BYTES

# They are made block by block, but each takes a core: so many at a time, however many ask.
_MAKING = threading.BoundedSemaphore(2)


def open_rendition(
    archive: Archive, recording: Recording, suffix: str, *, mixed: bool = False
) -> tuple[int, Callable[[int, int | None], Iterator[bytes]]]:
    """Size and reader of a ready recording as `wav`, `mp3`, `flac` or `opus`.

    A channel for each party, or with `mixed` all in one.

    Raises `ObjectMissing`, `StorageFull`.
    """

    def make(path: Path) -> None:
        # Not above: codecs and NumPy are 60 MB that a web process mostly does without.
        from fonoteka.audio import decode, encode, formats

        assert recording.object_key is not None
        write = {
            "wav": formats.to_wav,
            "mp3": formats.to_mp3,
            "flac": formats.to_flac,
            "opus": encode.to_opus,
        }[suffix]
        with _MAKING, RENDITION_SECONDS.time():
            sound = decode.open_stored(archive.objects.read(recording.object_key), recording.codec)
            write(sound.mixed() if mixed else sound, path)

    cache = RenditionCache(archive.cache_folder, archive.cache_bytes_max)
    name = f"{recording.sha256[:16]}.{'mixed.' if mixed else ''}{suffix}"
    path = cache.fetch(recording.id, name, make)

    def read(start: int, stop: int | None) -> Iterator[bytes]:
        return _blocks(path, start, stop)

    try:
        return path.stat().st_size, read
    except FileNotFoundError as error:
        raise ObjectMissing("The rendition was removed meanwhile; ask again.") from error


def _blocks(path: Path, start: int, stop: int | None) -> Iterator[bytes]:
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise ObjectMissing("The rendition was removed meanwhile; ask again.") from error

    def blocks() -> Iterator[bytes]:
        with file:
            file.seek(start)
            left = os.fstat(file.fileno()).st_size if stop is None else stop - start
            while left > 0 and (block := file.read(min(BLOCK_BYTES, left))):
                left -= len(block)
                yield block

    return blocks()
