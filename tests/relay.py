"""A TCP relay that a test can cut, hold and mend, in a thread of its own."""

from __future__ import annotations

import contextlib
import socket
import threading

from tests.service import HOST

_REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Relay:
    """Passes connections to its own port on to another, until told otherwise and again after `mend`."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = False
        self._refuses = False
        self._bytes_left: int | None = None
        self._flowing = threading.Event()
        self._flowing.set()
        self._listener = socket.create_server((HOST, 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every connection and refuse new ones."""
        self._is_cut = True
        self._end_all()

    def hold(self) -> None:
        """Take connections and bytes, and let nothing through."""
        self._flowing.clear()

    def refuse(self) -> None:
        """Answer every HTTP request with 503."""
        self._refuses = True
        self._end_all()

    def cut_after(self, count: int) -> None:
        """Let `count` bytes more through to the other side, then cut."""
        self._bytes_left = count

    def mend(self) -> None:
        """Let everything through again."""
        self._is_cut = self._refuses = False
        self._bytes_left = None
        self._flowing.set()

    def close(self) -> None:
        """End it."""
        self.mend()
        self.cut()
        self._listener.close()

    def _end_all(self) -> None:
        with self._lock:
            for one in self._open:
                _end(one)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._refuses:
                threading.Thread(target=_say_no, args=(near,), daemon=True).start()
                continue
            try:
                if self._is_cut:
                    raise ConnectionRefusedError
                far = socket.create_connection(self._target, 5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)  # a connection may be quiet for longer than making it may take
            with self._lock:
                self._open |= {near, far}
            for pair, is_out in (((near, far), True), ((far, near), False)):
                threading.Thread(target=self._pass, args=(*pair, is_out), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, is_out: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._flowing.wait()
                if is_out and self._bytes_left is not None:
                    self._bytes_left -= len(data)
                    if self._bytes_left < 0:
                        self.cut()
                        break
                target.sendall(data)
        _end(target)
        with self._lock:
            self._open.discard(source)
        source.close()


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


def _say_no(near: socket.socket) -> None:
    with near, contextlib.suppress(OSError):
        near.settimeout(5)
        near.recv(65536)
        near.sendall(_REFUSAL)
