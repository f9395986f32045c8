"""The AMI client against servers that behave badly. (Against the real one: tests/interop/test_asterisk_*.)"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any

import pytest

from fonoteka.connectors.asterisk import AsteriskConfig, ami
from fonoteka.connectors.asterisk.ami_transport import AmiTransport
from fonoteka.connectors.asterisk.taps import Tap, TapFailed
from fonoteka.domain.errors import ConnectorRefused, ConnectorUnreachable, FonotekaError, WireMalformed

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
DONE = "Response: Success\nActionID: {id}\n\n"
ANSWERS = {
    "Challenge": "Response: Success\nActionID: {id}\nChallenge: 1234\n\n",
    "Login": DONE,
    "ListCommands": "Response: Success\nOriginate: x\nHangup: x\nCoreShowChannels: x\nActionID: {id}\n\n",
    "Originate": DONE + "Event: OriginateResponse\nActionID: {id}\nResponse: Success\nReason: 4\n\n",
    "CoreShowChannels": DONE + "Event: CoreShowChannelsComplete\nActionID: {id}\n\n",
    "BridgeList": DONE + "Event: BridgeListComplete\nActionID: {id}\n\n",
    "Ping": DONE,
}
"""What a PBX says that has no calls; each a text with the action's id to be filled in. Empty: nothing."""
NO_CHANGE: Mapping[str, str] = MappingProxyType({})


@asynccontextmanager
async def pbx(
    answers: Mapping[str, str] = NO_CHANGE,
    greeting: bytes = GREETING,
    heard: list[dict[str, str]] | None = None,
) -> AsyncIterator[AmiTransport]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        try:
            while raw := await reader.readuntil(b"\r\n\r\n"):
                said = dict(line.split(": ", 1) for line in raw.decode().split("\r\n") if line)
                if heard is not None:
                    heard.append(said)
                answer = {**ANSWERS, **answers}[said["Action"]]
                if answer == "close":
                    break
                writer.write(answer.replace("{id}", said["ActionID"]).encode())
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield AmiTransport(AsteriskConfig(f"ami://127.0.0.1:{port}", "fonoteka", "secret"))
    finally:
        server.close()


def connect_to(error: type[FonotekaError], words: str, **server: Any) -> None:
    async def run() -> None:
        async with pbx(**server) as transport, transport.connect() as connection:
            await connection.state()

    with pytest.raises(error, match=words):
        asyncio.run(run())


def test_password_does_not_travel() -> None:
    heard: list[dict[str, str]] = []

    async def run() -> None:
        async with pbx(heard=heard) as transport, transport.connect() as connection:
            assert connection.local_address == "127.0.0.1"
            assert await connection.state() == ([], [])

    asyncio.run(run())
    login = next(one for one in heard if one["Action"] == "Login")
    assert login["Key"] == hashlib.md5(b"1234secret", usedforsecurity=False).hexdigest()
    assert login["Events"] == "call,agent"
    assert "secret" not in str(heard)


@pytest.mark.parametrize(
    ("action", "answer", "words"),
    [
        ("Login", "Response: Error\nActionID: {id}\nMessage: failed\n\n", "password is wrong"),
        ("ListCommands", "Response: Success\nActionID: {id}\nPing: x\n\n", "write = originate,call,system"),
        ("Originate", "Response: Error\nActionID: {id}\nMessage: Permission denied\n\n", "Permission denied"),
        ("Originate", "Event: OriginateResponse\nActionID: {id}\nResponse: Failure\n\n" + DONE, "chan_rtp"),
    ],
)
def test_refusals_say_what_to_change(action: str, answer: str, words: str) -> None:
    connect_to(ConnectorRefused, words, answers={action: answer})


def test_a_pbx_that_tells_nothing_of_calls_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fonoteka.connectors.asterisk.ami_taps.STARTED_WAIT_S", 0.2)
    connect_to(ConnectorRefused, "read = call", answers={"Originate": DONE})


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ({"greeting": b"SSH-2.0-OpenSSH\r\n"}, "not an Asterisk"),
        ({"answers": dict.fromkeys(ANSWERS, "")}, "TimeoutError"),
        ({"answers": {"Challenge": "close"}}, "closed the connection"),
        ({"answers": {"Login": ""}}, "TimeoutError"),
        ({"answers": {"CoreShowChannels": "close"}}, "closed the connection"),
        ({"answers": {"BridgeList": DONE}}, "TimeoutError"),
    ],
)
def test_broken_servers_are_unreachable(
    monkeypatch: pytest.MonkeyPatch, server: dict[str, Any], words: str
) -> None:
    monkeypatch.setattr(ami, "ACTION_WAIT_S", 0.5)
    connect_to(ConnectorUnreachable, words, **server)


def test_nobody_there() -> None:
    async def run() -> None:
        transport = AmiTransport(AsteriskConfig("ami://127.0.0.1:1", "fonoteka", "secret"))
        async with transport.connect():
            raise AssertionError("there is nobody here")

    with pytest.raises(ConnectorUnreachable, match=r"127\.0\.0\.1:1"):
        asyncio.run(run())


def in_connection(what: Callable[[AmiTransport, Any], Awaitable[None]], **answers: str) -> None:
    async def run() -> None:
        async with pbx(answers) as transport, transport.connect() as connection:
            await connection.state()
            await what(transport, connection)

    asyncio.run(run())


def test_a_pbx_that_is_gone_without_a_word_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami, "PING_S", 0.05)
    monkeypatch.setattr(ami, "ACTION_WAIT_S", 0.3)

    async def wait(_transport: AmiTransport, connection: Any) -> None:
        with pytest.raises(ConnectorUnreachable, match="Ping"):
            await connection.next()

    in_connection(wait, Ping="")


def test_an_event_that_is_none_ends_nothing() -> None:
    events = "Event: Hangup\nChannel: x\n\nEvent: Hangup\nUniqueid: 1.1\nChannel: PJSIP/101-1\n\n"

    async def read(_transport: AmiTransport, connection: Any) -> None:
        with pytest.raises(WireMalformed, match="Uniqueid"):
            await connection.next()
        assert (await connection.next()).channel.id == "1.1"

    in_connection(read, BridgeList=events + ANSWERS["BridgeList"])


def test_what_a_channel_is_called_cannot_give_orders() -> None:
    async def tap(transport: AmiTransport, _connection: Any) -> None:
        for name in ("1.1\r\nAction: Logoff", "1.1,qw"):
            with pytest.raises((TapFailed, ConnectorUnreachable), match=r"one line|cannot be told"):
                await transport.tap_maker.ask(Tap(name, ("fonoteka-1",), ""), "127.0.0.1:9")

    in_connection(tap)


async def until_it_ends(connection: Any) -> None:
    while True:
        await connection.next()


def test_flood_of_events_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami, "EVENTS_MAX", 100)
    flood = "Event: Hold\nUniqueid: 1.1\nChannel: PJSIP/101-1\n\n" * 20_000

    async def read(_transport: AmiTransport, connection: Any) -> None:
        await asyncio.sleep(0.3)
        with pytest.raises(ConnectorUnreachable, match="faster"):
            await until_it_ends(connection)

    in_connection(read, BridgeList=ANSWERS["BridgeList"] + flood)
