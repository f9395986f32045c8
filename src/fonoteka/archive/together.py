"""Work that several threads ask for at once, done by one of them for all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class _Asked(Generic[T]):
    """What one thread asked for."""

    def __init__(self, things: Sequence[T]) -> None:
        self.things = things
        self.is_done = False


class Together(Generic[T]):
    """Joins what was asked for while the work before was going on: one wait for the disk is for all of it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._waiting: list[_Asked[T]] = []

    def do(self, things: Sequence[T], work: Callable[[Sequence[T]], None]) -> None:
        """Return when `work` was done for these, by us or by another. Raises what `work` raises.

        Those whose things were among ours when it failed try again themselves.
        """
        mine = _Asked(things)
        with self._guard:
            self._waiting.append(mine)
        with self._turn:
            if mine.is_done:
                return
            with self._guard:
                asked, self._waiting = self._waiting, []
            try:
                work([thing for one in asked for thing in one.things])
            except BaseException:
                with self._guard:
                    self._waiting = [*(one for one in asked if one is not mine), *self._waiting]
                raise
            for one in asked:
                one.is_done = True
