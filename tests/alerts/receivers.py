"""A web server on loopback that receives webhooks, and answers as told."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

from tests.certificates import Certificate

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True)
class Request:
    """What came."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Answers `status` with `headers`; `delay_s` before, `body_drip_s` between bytes of an endless body."""

    def __init__(self, certificate: Certificate | None = None) -> None:
        self.status, self.headers = 204, {}
        self.delay_s = 0.0
        self.endless = False
        self.requests: list[Request] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if certificate is not None:
            self._server.socket = certificate.server_context().wrap_socket(
                self._server.socket, server_side=True
            )
        self.scheme = "http" if certificate is None else "https"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self._server.server_address[1]}/hook?a=1"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append(Request(self.path, dict(self.headers.items()), body))
                time.sleep(receiver.delay_s)
                try:
                    self._answer()
                except OSError:
                    self.close_connection = True

            def do_GET(self) -> None:
                receiver.requests.append(Request(self.path, dict(self.headers.items()), b""))
                self.send_response(200)
                self.end_headers()

            def _answer(self) -> None:
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                while receiver.endless:
                    self.wfile.write(b"x" * 1000)
                    time.sleep(0.05)

            def log_message(self, *_: Any) -> None:
                """Nothing to the terminal."""

        return Handler
