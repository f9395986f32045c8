"""Torture in the manner of RFC 4475, storms, floods and broken framing, always beside a good call."""

from __future__ import annotations

import asyncio
import contextlib
import random
from pathlib import Path

import pytest

from fonoteka.capture.sip_message import Flow
from fonoteka.capture.sip_salvage import refuse_malformed
from fonoteka.capture.sip_tcp import TcpLimits
from fonoteka.domain.recording import EndReason
from tests.capture.running import Running, running, until
from tests.capture.sip_client import METADATA, SDP, Client, Message, Voice, siprec_body

HEAD = (
    "Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-torture;rport\r\n"
    "From: <sip:a@b.test>;tag=1\r\nTo: <sip:srs@b.test>\r\nCall-ID: torture\r\nCSeq: 1 {method}\r\n"
)


def message(method: str = "OPTIONS", head: str = HEAD, line: str = "", rest: str = "") -> str:
    line = line or f"{method} sip:srs@b.test SIP/2.0"
    return f"{line}\r\n{head.replace('{method}', method)}{rest}Content-Length: 0\r\n\r\n"


FOLDED = (
    "OPTIONS sip:srs@b.test SIP/2.0\r\n"
    "VIA  :  SIP/2.0/UDP\r\n  127.0.0.1:{port};\r\n\tbranch=z9hG4bK-folded;rport\r\n"
    "f :\t<sip:a@b.test>\t;\ttag =\t1\r\nTO:<sip:srs@b.test>\r\ni:torture\r\n"
    "CSeq: 0001\tOPTIONS\r\nl:0\r\n\r\n"
)
ANSWERED = {
    "folded and oddly spaced": (FOLDED, 200),
    "line feeds only": (message().replace("\r\n", "\n"), 200),
    "unknown headers and a line without colon": (message(rest="X-Y: \x01\x02\r\nno colon here\r\n"), 200),
    "many vias": (message(rest="Via: SIP/2.0/UDP far.test;branch=z9hG4bK-x, SIP/2.0/TCP [::1]:9\r\n"), 200),
    "latin-1 name": (message().replace("From: ", "From: Jürgen "), 200),
    "huge cseq": (message().replace("CSeq: 1", "CSeq: 4294967296"), 400),
    "no number in cseq": (message().replace("CSeq: 1", "CSeq: one"), 400),
    "cseq of another method": (message().replace("1 OPTIONS", "1 INVITE"), 400),
    "two call-ids": (message(rest="Call-ID: other\r\n"), 400),
    "no such scheme": (message(line="OPTIONS nobody:srs@b.test SIP/2.0"), 400),
    "blank in the uri": (message(line="OPTIONS sip:srs@b.test; lr SIP/2.0"), 400),
    "another version": (message(line="OPTIONS sip:srs@b.test SIP/7.0"), 505),
    "unknown method": (message("NEWMETHOD"), 405),
    "negative max-forwards": (message(rest="Max-Forwards: -7\r\n"), 200),
    "escaped nul in uri": (message(line="OPTIONS sip:srs%00x@b.test SIP/2.0"), 200),
    "require of nonsense": (message(rest="Require: nothingSupportsThis, nor-this\r\n"), 420),
}
DROPPED = {
    "no via": message(head=HEAD.partition("\r\n")[2]),
    "broken via": message().replace("SIP/2.0/UDP 127", "SIP/2.0/UDP:127"),
    "impossible via port": message().replace("{port}", "99999"),
    "ack that is malformed": message("ACK").replace("CSeq: 1", "CSeq: x"),
    "response of nobody": "SIP/2.0 200 OK\r\n" + HEAD.replace("{method}", "BYE") + "\r\n",
    "broken response": "SIP/2.0 9999 OK\r\n\r\n",
    "http": "GET / HTTP/1.1\r\nHost: b.test\r\n\r\n",
    "start line alone": "INVITE sip:srs@b.test SIP/2.0",
    "keep-alive": "\r\n\r\n",
    "zeros": "\x00\x00\x00\x00",
}


async def good_call(run: Running) -> None:
    """The proof that nobody was harmed: a call from INVITE to BYE."""
    client = await run.client()
    await client.invite()
    assert (await client.ask("BYE")).code == 200


def test_torture(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            for name, (text, code) in ANSWERED.items():
                wire = await run.wire()
                wire.send(text.replace("{port}", str(wire.port)).encode("latin-1"))
                assert (await wire.receive()).code == code, name
            wire = await run.wire()
            for text in DROPPED.values():
                wire.send(text.replace("{port}", str(wire.port)).encode("latin-1"))
            assert (await Client(wire).ask("OPTIONS")).code == 200
            assert wire.inbox.empty(), "nothing else was answered"
            await good_call(run)

    asyncio.run(story())


def test_a_storm_beside_a_good_call(tmp_path: Path) -> None:
    async def story() -> None:
        chance = random.Random(7)
        async with running(tmp_path) as run:
            client = await run.client()
            response = await client.invite()
            voice = Voice(response.ports[0], 1)
            speaking = asyncio.create_task(voice.say(150, 0.01))
            wires = [await run.wire(), await run.wire()]
            template = Client(wires[0]).build("INVITE", *siprec_body())
            for _ in range(300):
                kind = chance.randrange(4)
                data = bytearray(template)
                if kind == 0:
                    data = bytearray(chance.randbytes(chance.randrange(1500)))
                elif kind == 1:
                    del data[chance.randrange(len(data)) :]
                else:
                    for _ in range(chance.randrange(1, 30)):
                        data[chance.randrange(len(data))] = chance.randrange(256)
                wires[kind % 2].send(bytes(data))
                await asyncio.sleep(0.002)
            await speaking
            assert (await client.ask("BYE")).code == 200
            await until(lambda: any((one / "manifest.json").exists() for one in run.folders("sealed")))
            mine = [
                one for one in run.folders("sealed") if client.call_id in (one / "manifest.json").read_text()
            ]
            data_of_mine = (mine[0] / "stream-0.rtpdump").read_bytes()
            assert all(packet in data_of_mine for packet in voice.sent)

    asyncio.run(story())


def test_a_datagram_of_64_kb(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            padding = "<!--" + "x" * (65_000 - 4_000) + "-->"
            content = siprec_body(metadata=METADATA.replace("</recording>", padding + "</recording>"))
            client.wire.send(b"\x00" * 65_507)
            client.wire.send(b"INVITE " * 9_358)
            response = await client.invite(*content)
            assert len(response.ports) == 2
            await client.ask("BYE")
            (sealed,) = await run.sealed()
            assert sealed.participants[0].name == "Anna"

    asyncio.run(story())


def test_tcp_in_small_and_in_joined_pieces(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client("tcp")
            invite = client.build("INVITE", *siprec_body())
            for start in range(0, len(invite), 97):
                client.wire.send(invite[start : start + 97])
                await client.wire.drain()
                await asyncio.sleep(0)
            response = await client.final()
            client.take_dialog(response)
            ack = client.build("ACK", cseq=1)
            update = client.build("UPDATE", "application/rs-metadata", METADATA.encode())
            client.wire.send(b"\r\n\r\n" + ack + update + client.build("OPTIONS") + client.build("BYE"))
            pong = await client.wire.inbox.get()
            assert pong == b"\r\n"
            methods = [(await client.final())["cseq"] for _ in range(3)]
            assert sorted(methods) == ["2 UPDATE", "3 OPTIONS", "4 BYE"]
            await run.sealed()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (message(rest="Content-Length: 99999999\r\n").replace("Content-Length: 0\r\n", ""), 413),
        (message(rest="Content-Length: many\r\n").replace("Content-Length: 0\r\n", ""), 400),
        (message(rest="X: " + "y" * 8000 + "\r\n" + ("Z: " + "z" * 8000 + "\r\n") * 9), None),
        ("x" * 70_000, None),
        ("\x16\x03\x01\x02\x00" + "\x00" * 70_000, None),
    ],
)
def test_tcp_that_cannot_be_framed_is_closed(tmp_path: Path, data: str, code: int | None) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            wire = await run.wire("tcp")
            wire.send(data.replace("{port}", str(wire.port)).replace("/UDP", "/TCP").encode("latin-1"))
            await asyncio.wait_for(wire.closed.wait(), 10)
            answers = [] if wire.inbox.empty() else [Message(wire.inbox.get_nowait()).code]
            assert code is None or answers == [code]
            await good_call(run)

    asyncio.run(story())


def test_tcp_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = TcpLimits(connections_max=3, silent_s=0.5, sweep_s=0.1)
    monkeypatch.setattr("fonoteka.capture.sip_transport.TcpLimits", lambda: small)

    async def story() -> None:
        async with running(tmp_path) as run:
            speaking = await run.client("tcp")
            await speaking.invite()
            silent = await run.wire("tcp")
            slow = await run.wire("tcp")
            refused = await run.wire("tcp")
            await asyncio.wait_for(refused.closed.wait(), 10)
            for letter in b"OPTIONS sip:":
                with contextlib.suppress(ConnectionError):
                    slow.send(bytes([letter]))
                await asyncio.sleep(0.1)
            await asyncio.wait_for(silent.closed.wait(), 10)
            await asyncio.wait_for(slow.closed.wait(), 10)
            assert (await speaking.ask("BYE")).code == 200

    asyncio.run(story())


def test_a_lost_connection_is_made_anew_for_our_bye(tmp_path: Path) -> None:
    async def story() -> None:
        heard: asyncio.Queue[bytes] = asyncio.Queue()

        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.put_nowait(await reader.readuntil(b"\r\n\r\n"))
            writer.close()

        server = await asyncio.start_server(listen, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with running(tmp_path) as run:
            client = await run.client("tcp")
            client.contact = f"<sip:src@127.0.0.1:{port};transport=tcp>"
            await client.invite()
            await client.wire.close()
            await asyncio.sleep(0.2)
            await run.recorder.stop()
            assert (await asyncio.wait_for(heard.get(), 10)).startswith(b"BYE sip:src@127.0.0.1")
            (sealed,) = await run.sealed()
            assert sealed.end_reason is EndReason.SHUTDOWN
        server.close()

    asyncio.run(story())


def test_a_dialog_that_floods_does_not_stop_another(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            hostile, good = await run.client(), await run.client()
            await hostile.invite()
            for number in range(300):
                sdp = SDP if number % 2 else SDP.replace("sendonly", "inactive")
                hostile.wire.send(hostile.build("UPDATE", "application/sdp", sdp.encode()))
            await good.invite()
            assert (await good.ask("BYE")).code == 200
            codes = {(await hostile.final()).code for _ in range(200)}
            assert codes <= {200, 500}
            await until(lambda: bool(run.folders("sealed")))

    asyncio.run(story())


def test_malformed_requests_are_answered_where_they_came_from() -> None:
    source = Flow("UDP", "192.0.2.9", 5070)
    found = refuse_malformed(message().replace("{port}", "9").replace("rport", "x").encode(), source)
    assert found is not None
    data, there = found
    assert there == Flow("UDP", "192.0.2.9", 9), "the source's address, the Via's port"
    assert data.startswith(b"SIP/2.0 400 Bad Request\r\nVia: SIP/2.0/UDP 127.0.0.1:9;")
    assert b"received=192.0.2.9" in data
