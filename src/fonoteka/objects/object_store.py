"""The object store: a local folder or S3, immutable objects under slash-parted keys."""

from __future__ import annotations

import contextlib
import re
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import FileIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from fonoteka.domain.errors import ObjectMissing, ObjectsUnavailable, SettingInvalid
from fonoteka.domain.ids import new_id
from fonoteka.objects.durability import FolderNames, sync_file
from fonoteka.objects.failures import bucket_missing, typed
from fonoteka.objects.s3 import S3Access, bucket_of, open_bucket

BLOCK_BYTES = 256 * 1024
_REMOTE_BLOCK_BYTES = 4 * BLOCK_BYTES
_UPLOADS_AT_ONCE = 3
_READS_AT_ONCE = 16
"""Fewer than a web server has threads: a store that hangs does not take the pages along."""
_SLOT_WAIT_S = 1.0
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}(?:/[A-Za-z0-9_][A-Za-z0-9._-]{0,127}){0,15}")
_KEY_CHARACTERS_MAX = 512


@dataclass(frozen=True, slots=True)
class Probe:
    """What a store was seen to do, beside keeping what it is given."""

    creates_once: bool
    """A second conditional put of the same key is refused."""
    reads_ranges: bool


class ObjectStore:
    """Objects by key. Threads may share it.

    Keys are 1–16 parts of ASCII letters, digits, `.`, `_`, `-` (no leading full stop) parted by `/`; another
    key is a ValueError, for keys are made by this program alone. Any use raises `ObjectsUnavailable` when
    the store does not answer in time, refuses us, or has lost its bucket.
    """

    def __init__(self, reads: LocalStore | S3Store, writes: LocalStore | S3Store, root: Path | str) -> None:
        """`root` is the folder of a local store, or the name of a bucket."""
        self._reads = reads
        self._writes = writes
        self._folder = root if isinstance(root, Path) else None
        self._names = FolderNames(root) if isinstance(root, Path) else None
        self._bucket = root if isinstance(root, str) else ""
        self._slots = threading.BoundedSemaphore(_READS_AT_ONCE)

    @classmethod
    def open(cls, url_or_folder: str | Path, access: S3Access | None = None) -> ObjectStore:
        """A folder (made when missing, for the owner alone), `file://…` or `s3://bucket/prefix`.

        Nothing is asked of a bucket yet. Raises `SettingInvalid`.
        """
        text = str(url_or_folder)
        if text.startswith("s3://"):
            how = access or S3Access()
            reads, writes = (open_bucket(text, how, writes) for writes in (False, True))
            return cls(reads, writes, bucket_of(text))
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
        store = LocalStore(folder)
        return cls(store, store, folder)

    @property
    def folder(self) -> Path | None:
        """The folder of an embedded store; None where objects lie elsewhere."""
        return self._folder

    def put(self, key: str, data: bytes | Path) -> None:
        """Write an object whole or not at all; on return it survives loss of power. Raises `StorageFull`."""
        self.put_all({key: data})

    def put_all(self, objects: Mapping[str, bytes | Path]) -> None:
        """Write several, each whole or not at all, in this order; on return all survive loss of power.

        Waits for the disk once for all of them. Large files go to a bucket in parts, which it puts together
        at the end. Raises `StorageFull`.
        """
        for key, data in objects.items():
            _check(key)
            with self._translated(key):
                self._write(key, data)
        if self._folder is None or self._names is None:
            return
        for key in objects:  # obstore renames atomically but does not sync
            with self._translated(key):
                sync_file(self._folder / key)
        with self._translated(""):
            self._names.sync(*{(self._folder / key).parent for key in objects})

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to `stop` (exclusive, None: the end) in blocks of up to 256 KiB.

        Raises `ObjectMissing` at once; what is being read survives a deletion meanwhile (local folder).
        A start at or past the end gives nothing.
        """
        size = self.size(key)
        stop = size if stop is None else min(stop, size)
        if not 0 <= start < stop:
            return iter(())
        if self._folder is None:
            return self._ranges(key, start, stop)
        # Not by obstore, whose streams of files are handed from thread to thread: a tenth of the speed.
        with self._translated(key):
            file = (self._folder / key).open("rb", buffering=0)
        return self._blocks(file, start, stop, key)

    def size(self, key: str) -> int:
        """Bytes of the object. Raises `ObjectMissing`."""
        _check(key)
        try:
            with self._slot(), self._translated(key):
                return obstore.head(self._reads, key)["size"]
        except ObjectMissing:
            self._check_bucket()
            raise

    def delete(self, key: str) -> None:
        """Remove an object for good; a missing one is no error."""
        _check(key)
        try:
            with self._translated(key):
                self._remove(key)
        except ObjectMissing:
            self._check_bucket()
            return
        if self._folder is not None and self._names is not None:
            self._names.remove_empty((self._folder / key).parent)

    def delete_folders(self, prefixes: Iterable[str]) -> None:
        """Remove every object below the folders, and what an interrupted `put` left there (local folder).

        On return the removal survives loss of power. Waits for the disk once for all of one parent.
        """
        parents: set[Path] = set()
        for prefix in prefixes:
            _check(prefix)
            for key in tuple(self.list(prefix)):
                with self._translated(key), contextlib.suppress(FileNotFoundError, NotFoundError):
                    self._remove(key)
            if self._folder is not None:
                shutil.rmtree(self._folder / prefix, ignore_errors=True)
                parents.add((self._folder / prefix).parent)
        if self._names is not None:
            with self._translated(""):
                self._names.sync(*sorted(parents))

    def modified_at(self, key: str) -> datetime:
        """When the object was written, aware UTC. Raises `ObjectMissing`."""
        _check(key)
        with self._slot(), self._translated(key):
            return obstore.head(self._reads, key)["last_modified"]

    def set_aside(self, key: str, new_key: str) -> None:
        """Move an object to another key; a missing one is no error."""
        _check(key)
        _check(new_key)
        try:
            with self._translated(key):
                obstore.rename(self._writes, key, new_key)
        except ObjectMissing:
            return
        if self._folder is not None:
            for moved in (new_key, key):
                if self._names is not None and (self._folder / moved).parent.is_dir():
                    self._names.sync((self._folder / moved).parent)

    def list(self, prefix: str) -> Iterator[str]:
        """Keys below the folder `prefix` (whole parts; empty: all), in no order."""
        for key, _ in self.entries(prefix):
            yield key

    def entries(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Key and bytes of each object below the folder `prefix`, as `list`; read as it is asked for.

        A store that lost its folder or bucket raises `ObjectsUnavailable`: it is not empty.
        """
        if prefix:
            _check(prefix)
        self._check_bucket()
        try:
            with self._translated(prefix):
                for some in obstore.list(self._reads, prefix or None):
                    yield from ((one["path"], one["size"]) for one in some)
        except ObjectMissing:
            return

    def probe(self) -> Probe:
        """Whether the store can be written and read, and what it honours; leaves nothing behind."""
        key = f"probe/{new_id()}"
        with self._translated(key):
            obstore.put(self._writes, key, b"0123456789", mode="create")
            try:
                obstore.put(self._writes, key, b"another", mode="create")
                creates_once = False
            except AlreadyExistsError:
                creates_once = True
            part = bytes(obstore.get_range(self._reads, key, start=2, end=5))
        self.delete(key)
        return Probe(creates_once, part == b"234")

    def _write(self, key: str, data: bytes | Path) -> None:
        obstore.put(self._writes, key, data, max_concurrency=_UPLOADS_AT_ONCE)

    def _remove(self, key: str) -> None:
        obstore.delete(self._writes, key)

    def _ranges(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        """One question a block: nobody who listens slowly holds a connection, or is cut off by a timeout."""
        for at in range(start, stop, _REMOTE_BLOCK_BYTES):
            with self._slot(), self._translated(key):
                end = min(at + _REMOTE_BLOCK_BYTES, stop)
                view = memoryview(obstore.get_range(self._reads, key, start=at, end=end))
            yield from _cut(view)

    def _blocks(self, file: FileIO, start: int, stop: int, key: str) -> Iterator[bytes]:
        with file, self._translated(key):
            file.seek(start)
            while start < stop and (block := file.read(min(BLOCK_BYTES, stop - start))):
                start += len(block)
                yield block

    def _check_bucket(self) -> None:
        """Tell a missing object from a missing store. Raises `ObjectsUnavailable`."""
        if self._folder is not None:
            if not self._folder.is_dir():
                raise ObjectsUnavailable(f"The folder of objects is gone: {self._folder}.")
            return
        try:
            with self._slot(), self._translated(""):
                next(iter(obstore.list(self._reads, "probe", chunk_size=1)), None)
        except ObjectMissing as error:
            raise bucket_missing(self._bucket) from error

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._slots.acquire(timeout=_SLOT_WAIT_S):
            raise ObjectsUnavailable("The object store is slow: too many wait for it already.")
        try:
            yield
        finally:
            self._slots.release()

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            raise typed(error, key, self._bucket) from error


def _check(key: str) -> None:
    if len(key) > _KEY_CHARACTERS_MAX or not _KEY.fullmatch(key):
        raise ValueError(f"not a key of an object: {key[:80]!r}")


def _cut(view: memoryview) -> Iterator[bytes]:
    for start in range(0, len(view), BLOCK_BYTES):
        yield bytes(view[start : start + BLOCK_BYTES])
