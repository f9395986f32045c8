"""The ARI client against servers that behave badly. (Against the real one: tests/interop/test_asterisk_*.)"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fonoteka.connectors.asterisk import AsteriskConfig, ari
from fonoteka.connectors.asterisk.ari import AriClient
from fonoteka.domain.errors import ConnectorUnreachable

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def client_of(serve: Serve, prefix: str = "") -> AsyncIterator[AriClient]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield AriClient(AsteriskConfig(f"http://127.0.0.1:{port}{prefix}", "fonoteka", "secret"))
    finally:
        server.close()


def answering(raw: bytes, heard: list[bytes] | None = None) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if heard is not None:
            heard.append(head)
        writer.write(raw)
        await writer.drain()
        writer.close()

    return serve


async def ask(raw: bytes) -> ari.Answer:
    async with client_of(answering(raw)) as client:
        return await client.request("GET", "channels")


def test_request_is_quoted_and_authorized() -> None:
    heard: list[bytes] = []

    async def run() -> ari.Answer:
        raw = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n[1, 2]\n"
        async with client_of(answering(raw, heard), "/asterisk/") as client:
            return await client.request("POST", "channels", "a/b c", "snoop", app="x&y")

    assert asyncio.run(run()) == ari.Answer(200, [1, 2])
    lines = heard[0].decode().split("\r\n")
    assert lines[0] == "POST /asterisk/ari/channels/a%2Fb%20c/snoop?app=x%26y HTTP/1.1"
    assert "Authorization: Basic Zm9ub3Rla2E6c2VjcmV0" in lines


def test_chunked_body_is_put_together() -> None:
    raw = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n5;x=1\r\n": 1}\r\n0\r\n\r\n'
    assert asyncio.run(ask(raw)).value == {"a": 1}


def test_refusal_is_an_answer() -> None:
    answer = asyncio.run(ask(b"HTTP/1.1 422 Unprocessable\r\nContent-Length: 0\r\n\r\n"))
    assert not answer.is_ok
    assert answer.status == 422


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 two OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
    ],
)
def test_broken_answers_are_no_answers(raw: bytes) -> None:
    with pytest.raises(ConnectorUnreachable):
        asyncio.run(ask(raw))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80).map(lambda rest: b"HTTP/1.1 200 OK\r\n" + rest))
def test_any_bytes_are_an_answer_or_none(raw: bytes) -> None:
    try:
        answer = asyncio.run(ask(raw))
    except ConnectorUnreachable:
        return
    assert answer.status == 200


def test_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ari, "REQUEST_WAIT_S", 0.2)

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def run() -> None:
        async with client_of(say_nothing) as client:
            await client.request("GET", "channels")

    with pytest.raises(ConnectorUnreachable, match="TimeoutError"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "password is wrong"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "404"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200"),
        (b"nonsense\r\n\r\n", "Invalid"),
        (b"", "127.0.0.1"),
    ],
)
def test_refused_events_say_why(raw: bytes, reason: str) -> None:
    async def run() -> None:
        async with client_of(answering(raw)) as client, client.events():
            raise AssertionError("there are no events here")

    with pytest.raises(ConnectorUnreachable, match=reason):
        asyncio.run(run())


def test_nobody_there() -> None:
    async def run() -> None:
        async with AriClient(AsteriskConfig("http://127.0.0.1:1", "fonoteka", "secret")).events():
            raise AssertionError("there is nobody here")

    with pytest.raises(ConnectorUnreachable):
        asyncio.run(run())
