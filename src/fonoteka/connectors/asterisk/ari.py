"""ARI as a client: requests over HTTP, events over WebSocket.

One connection a request: Asterisk keeps a thread for each open one, and a burst of taps wants them short.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException

from fonoteka.connectors.asterisk.config import AsteriskConfig
from fonoteka.domain.errors import ConnectorRefused, ConnectorUnreachable

REQUESTS_AT_ONCE = 32
REQUEST_WAIT_S = 10.0
HEADER_BYTES_MAX = 64 * 1024
BODY_BYTES_MAX = 64 * 1024 * 1024
"""`GET /channels` with 10,000 channels is a tenth of that."""
EVENT_BYTES_MAX = 1024 * 1024
PING_S = 10.0
"""A PBX that does not answer for so long, twice, is taken for gone."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is HTTP's; `value` the JSON that came with it, None for none."""

    status: int
    value: Any

    @property
    def is_ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300


class AriClient:
    """One PBX. Nothing is kept open between requests."""

    def __init__(self, config: AsteriskConfig) -> None:
        self._config = config
        parts = urlsplit(config.url)
        self._tls = config.tls()
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._tls else 80)
        self._netloc = parts.netloc.rpartition("@")[2]
        self._prefix = parts.path.rstrip("/") + "/ari"
        credentials = f"{config.user}:{config.password}".encode()
        self._authorization = "Basic " + base64.b64encode(credentials).decode()
        self._room = asyncio.Semaphore(REQUESTS_AT_ONCE)

    async def request(self, method: str, *path: str, body: object = None, **query: str) -> Answer:
        """Ask for `/ari/PATH`, its parts quoted. Raises `ConnectorUnreachable` when there is no answer."""
        target = self._prefix + "".join("/" + quote(part, safe="") for part in path)
        target += "?" + urlencode(query) if query else ""
        content = b"" if body is None else json.dumps(body).encode()
        head = [
            f"{method} {target} HTTP/1.1",
            f"Host: {self._netloc}",
            f"Authorization: {self._authorization}",
            "Connection: close",
            f"Content-Length: {len(content)}",
            *(["Content-Type: application/json"] if content else []),
        ]
        raw = "\r\n".join(head).encode() + b"\r\n\r\n" + content
        try:
            async with self._room, asyncio.timeout(REQUEST_WAIT_S):
                return await self._exchange(raw)
        except (OSError, TimeoutError, ValueError, EOFError, asyncio.LimitOverrunError) as error:
            detail = f"{type(error).__name__}: {error}".rstrip(": ")
            raise ConnectorUnreachable(f"{self._netloc}: {method} {'/'.join(path)}: {detail}") from error

    @asynccontextmanager
    async def events(self) -> AsyncIterator[EventStream]:
        """The stream of all events. Raises `ConnectorUnreachable`, `ConnectorRefused`."""
        query = urlencode({"app": self._config.app, "subscribeAll": "true"})
        scheme = "wss" if self._tls else "ws"
        address = f"{scheme}://{self._netloc}{self._prefix}/events?{query}"
        try:
            connection = await connect(
                address,
                additional_headers={"Authorization": self._authorization},
                ssl=self._tls,
                compression=None,
                proxy=None,  # a PBX is in our own network, whatever the environment says of proxies
                open_timeout=REQUEST_WAIT_S,
                ping_interval=PING_S,
                ping_timeout=PING_S,
                close_timeout=1,
                max_size=EVENT_BYTES_MAX,
                max_queue=4096,
            )
        except InvalidStatus as error:
            status = error.response.status_code
            if status in (401, 403):
                raise ConnectorRefused(f"{self._netloc}: user or password is wrong") from error
            raise ConnectorUnreachable(f"{self._netloc}: events: status {status}") from error
        except (OSError, TimeoutError, InvalidHandshake) as error:
            raise ConnectorUnreachable(f"{self._netloc}: {type(error).__name__}: {error}") from error
        try:
            yield EventStream(connection)
        finally:
            await connection.close()

    async def _exchange(self, raw: bytes) -> Answer:
        reader, writer = await asyncio.open_connection(
            self._host, self._port, ssl=self._tls, limit=HEADER_BYTES_MAX
        )
        try:
            writer.write(raw)
            await writer.drain()
            status, headers = _read_head(await reader.readuntil(b"\r\n\r\n"))
            return Answer(status, _value(await _read_body(reader, headers)))
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


class EventStream:
    """Messages as they come."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    @property
    def local_address(self) -> str:
        """Our IP address towards the PBX."""
        return str(self._connection.local_address[0])

    async def next(self) -> str | bytes:
        """The next message. Raises `ConnectorUnreachable` when the connection is gone."""
        try:
            return await self._connection.recv()
        except (WebSocketException, OSError) as error:
            raise ConnectorUnreachable(f"events: {type(error).__name__}: {error}") from error


def _read_head(raw: bytes) -> tuple[int, Mapping[str, str]]:
    first, *lines = raw.decode("latin-1").split("\r\n")
    version, status, *_ = first.split(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError("not HTTP")
    pairs = (line.partition(":") for line in lines if line)
    return int(status), {name.strip().lower(): value.strip() for name, _, value in pairs}


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return await _read_chunks(reader)
    length = int(headers.get("content-length", "0"))
    if not 0 <= length <= BODY_BYTES_MAX:
        raise ValueError(f"a body of {length} bytes")
    return await reader.readexactly(length)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while length := int((await reader.readline()).partition(b";")[0], 16):
        if not 0 < length <= BODY_BYTES_MAX - len(body):
            raise ValueError("the body is too long")
        body += await reader.readexactly(length)
        await reader.readexactly(2)
    return bytes(body)


def _value(body: bytes) -> Any:
    return json.loads(body) if body.strip() else None
