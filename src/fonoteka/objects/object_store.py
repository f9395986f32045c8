"""The object store: a local folder or S3, immutable objects under slash-parted keys."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store, from_url

from fonoteka.domain.errors import ObjectMissing, ObjectsUnavailable, SettingInvalid, StorageFull
from fonoteka.objects.durability import sync_file, sync_folders

BLOCK_BYTES = 256 * 1024
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}(?:/[A-Za-z0-9_][A-Za-z0-9._-]{0,127}){0,15}")
_KEY_CHARACTERS_MAX = 512
_FULL = tuple(f"(os error {number})" for number in (errno.ENOSPC, errno.EDQUOT))


class ObjectStore:
    """Objects by key. Threads may share it.

    Keys are 1–16 parts of ASCII letters, digits, `.`, `_`, `-` (no leading full stop) parted by `/`; another
    key is a ValueError, for keys are made by this program alone. Any use raises `ObjectsUnavailable` when
    the store does not answer.
    """

    def __init__(self, store: LocalStore | S3Store, folder: Path | None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def open(cls, url_or_folder: str | Path) -> ObjectStore:
        """A folder (made when missing, for the owner alone), `file://…` or `s3://bucket/prefix`.

        S3 takes its endpoint and credentials from AWS's environment variables. Raises `SettingInvalid`.
        """
        text = str(url_or_folder)
        if text.startswith("s3://"):
            return cls._open_s3(text)
        if text.startswith("file://"):
            folder = Path(unquote(urlsplit(text).path))
        elif "://" in text or not text:
            raise SettingInvalid("objects_url is neither a folder, file:// nor s3://.")
        else:
            folder = Path(url_or_folder)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise SettingInvalid(f"objects_url: the folder cannot be made: {error.strerror}.") from error
        folder = folder.resolve()
        return cls(LocalStore(folder, automatic_cleanup=True), folder)

    @classmethod
    def _open_s3(cls, url: str) -> ObjectStore:
        try:
            store = from_url(url)
        except (BaseError, ValueError) as error:
            raise SettingInvalid(f"objects_url: {error}") from error
        assert isinstance(store, S3Store)
        return cls(store, None)

    @property
    def folder(self) -> Path | None:
        """The folder of an embedded store; None where objects lie elsewhere."""
        return self._folder

    def put(self, key: str, data: bytes | Path) -> None:
        """Write an object whole or not at all; on return it survives loss of power. Raises `StorageFull`."""
        _check(key)
        try:
            obstore.put(self._store, key, data)
            if self._folder is not None:  # obstore renames atomically but does not sync
                sync_file(self._folder / key)
                sync_folders((self._folder / key).parent, self._folder)
        except (BaseError, OSError) as error:
            raise _typed(error, key) from error

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to `stop` (exclusive, None: the end) in blocks of up to 256 KiB.

        Raises `ObjectMissing` at once; what is being read survives a deletion meanwhile (local folder).
        A start at or past the end gives nothing.
        """
        size = self.size(key)
        stop = size if stop is None else min(stop, size)
        if not 0 <= start < stop:
            return iter(())
        try:
            found = obstore.get(self._store, key, options={"range": (start, stop)})
        except (BaseError, OSError) as error:
            raise _typed(error, key) from error
        return _blocks(iter(found.stream(min_chunk_size=BLOCK_BYTES)), key)

    def size(self, key: str) -> int:
        """Bytes of the object. Raises `ObjectMissing`."""
        _check(key)
        try:
            return obstore.head(self._store, key)["size"]
        except (BaseError, OSError) as error:
            raise _typed(error, key) from error

    def delete(self, key: str) -> None:
        """Remove an object for good; a missing one is no error."""
        _check(key)
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise _typed(error, key) from error
        if self._folder is not None:
            sync_folders((self._folder / key).parent, self._folder)

    def delete_folder(self, prefix: str) -> None:
        """Remove every object below the folder, and what an interrupted `put` left there (local folder)."""
        _check(prefix)
        for key in tuple(self.list(prefix)):
            self.delete(key)
        if self._folder is not None and (self._folder / prefix).is_dir():
            shutil.rmtree(self._folder / prefix, ignore_errors=True)
            sync_folders((self._folder / prefix).parent, self._folder)

    def list(self, prefix: str) -> Iterator[str]:
        """Keys below the folder `prefix` (whole parts; empty: all), in no order."""
        if prefix:
            _check(prefix)
        try:
            for some in obstore.list(self._store, prefix or None):
                yield from (one["path"] for one in some)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise _typed(error, prefix) from error


def _check(key: str) -> None:
    if len(key) > _KEY_CHARACTERS_MAX or not _KEY.fullmatch(key):
        raise ValueError(f"not a key of an object: {key[:80]!r}")


def _blocks(chunks: Iterator[object], key: str) -> Iterator[bytes]:
    try:
        for chunk in chunks:
            view = memoryview(chunk)  # type: ignore[arg-type]
            for start in range(0, len(view), BLOCK_BYTES):
                yield bytes(view[start : start + BLOCK_BYTES])
    except (BaseError, OSError) as error:
        raise _typed(error, key) from error


def _typed(error: BaseError | OSError, key: str) -> ObjectMissing | StorageFull | ObjectsUnavailable:
    if isinstance(error, FileNotFoundError):
        return ObjectMissing(f"The object {key} is missing.")
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT) or any(sign in str(error) for sign in _FULL):
        return StorageFull(f"There is no room left for the object {key}.")
    return ObjectsUnavailable(f"The object store does not answer: {os.fspath(key)}: {error}")
