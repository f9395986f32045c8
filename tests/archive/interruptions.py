"""A kill between any two steps, by raising where a step would have become durable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fonoteka.objects import ObjectStore
from fonoteka.store import Store, Transaction


class Killed(BaseException):
    """The process is gone."""


class Fuse:
    """Lets so many durable steps happen, then kills before or after the next."""

    def __init__(self, steps: int, *, after: bool) -> None:
        self.steps = steps
        self.after = after
        self.blown = False

    @contextmanager
    def step(self) -> Iterator[None]:
        """One durable step."""
        self.steps -= 1
        if self.steps == -1 and not self.after:
            self.blown = True
            raise Killed
        yield
        if self.steps == -1 and self.after:
            self.blown = True
            raise Killed


class FusedStore(Store):
    """A store whose commits are steps of a fuse."""

    fuse: Fuse

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self.fuse.step(), super().transaction() as tx:
            yield tx


class FusedObjects(ObjectStore):
    """An object store whose changes are steps of a fuse."""

    fuse: Fuse

    def _write(self, key: str, data: bytes | Path) -> None:
        with self.fuse.step():
            super()._write(key, data)

    def _remove(self, key: str) -> None:
        with self.fuse.step():
            super()._remove(key)
