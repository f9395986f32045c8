"""Speech servers on loopback that answer as real ones do, and worse."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict[str, str], int], "tuple[int, bytes]"]
"""Of the fields of a request and how many came before: status and body."""


class _Handler(BaseHTTPRequestHandler):
    server: SpeechServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fields = _fields(body, self.headers["Content-Type"].partition("boundary=")[2])
        fields["authorization"] = self.headers.get("Authorization", "")
        fields["path"] = self.path
        status, answer = self.server.answer(fields, len(self.server.asked))
        self.server.asked.append(fields)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        for at in range(0, len(answer), self.server.block):
            self.wfile.write(answer[at : at + self.server.block])
            self.wfile.flush()
            if self.server.pause_s:
                time.sleep(self.server.pause_s)

    def log_message(self, *_: object) -> None:
        pass


class SpeechServer(ThreadingHTTPServer):
    """Keeps what it was asked; writes its answers in blocks with pauses between."""

    daemon_threads = True

    def __init__(self, answer: Answer, block: int, pause_s: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.block = block
        self.pause_s = pause_s
        self.asked: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """The client may leave before the end."""


@contextmanager
def serving(answer: Answer, block: int = 1 << 20, pause_s: float = 0) -> Iterator[SpeechServer]:
    server = SpeechServer(answer, block, pause_s)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def saying(value: Any) -> Answer:
    return lambda _fields, _before: (200, json.dumps(value).encode())


def _fields(body: bytes, boundary: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in body.split(b"--" + boundary.encode())[1:-1]:
        head, _, content = part.strip(b"\r\n").partition(b"\r\n\r\n")
        name = head.decode().partition('name="')[2].partition('"')[0]
        text = content.decode("latin-1")
        found[name] = f"{found[name]},{text}" if name in found else text
    return found
