"""A bound for a whole conversation: a timeout of a socket bounds one silence only."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_AGAIN_S = 0.2


class Deadline:
    """Whether the time was up."""

    def __init__(self) -> None:
        self.is_over = False


@contextmanager
def deadline(seconds: float, current: Callable[[], socket.socket | None]) -> Iterator[Deadline]:
    """After so many seconds the conversation's socket is shut down, which ends whoever waits on it."""
    state = Deadline()

    ended = threading.Event()

    def watch() -> None:
        if ended.wait(seconds):
            return
        state.is_over = True
        while True:  # it may be between two sockets just now
            if (found := current()) is not None:
                with suppress(OSError):
                    found.shutdown(socket.SHUT_RDWR)
            if ended.wait(_AGAIN_S):
                return

    thread = threading.Thread(target=watch, name="deadline", daemon=True)
    thread.start()
    try:
        yield state
    finally:
        ended.set()
        thread.join()
