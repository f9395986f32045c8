"""What crosses, comes too late or fails in the middle: no call may be harmed or left behind by it."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from fonoteka.capture.recorder import Recorder
from fonoteka.capture.sip_tcp import TcpConnection, TcpLimits, TransportReceiver
from fonoteka.domain.recording import EndReason
from fonoteka.wire.rtpdump import record_offsets, whole_length
from tests.capture.running import Running, running, until
from tests.capture.sip_client import SDP, Client, Voice, siprec_body
from tests.capture.test_spool import files_limited_to

HELD_SDP = SDP.replace("a=sendonly", "a=inactive")


def replaces(client: Client) -> str:
    to_tag, from_tag = client.to.partition("tag=")[2], client.from_.partition("tag=")[2]
    return f"Replaces: {client.call_id};to-tag={to_tag};from-tag={from_tag}"


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_bye_right_behind_a_reinvite_and_an_update(tmp_path: Path, transport: str) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client(transport)
            await client.invite()
            held = siprec_body(HELD_SDP)
            for method in ("INVITE", "UPDATE"):
                client.wire.send(client.build(method, *held))
            client.wire.send(client.build("BYE"))
            client.wire.send(client.build("UPDATE"))
            codes: dict[str, int] = {}
            while len(codes) < 4:
                response = await client.final()
                codes.setdefault(response["cseq"], response.code)
            assert codes == {"2 INVITE": 200, "3 UPDATE": 200, "4 BYE": 200, "5 UPDATE": 481}
            (sealed,) = await run.sealed()
            assert sealed.end_reason is EndReason.BYE
            assert [len(one.hold_spans) for one in sealed.streams] == [1, 1]
            # The unacknowledged answer to the re-INVITE is not repeated into a dialog that is over.
            await asyncio.sleep(0.7)
            late = [client.wire.inbox.get_nowait() for _ in range(client.wire.inbox.qsize())]
            assert not [one for one in late if b"2 INVITE" in one]

    asyncio.run(story())


def test_packets_that_come_while_and_after_the_call_is_sealed(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            response = await client.invite()
            voices = [Voice(port, number) for number, port in enumerate(response.ports)]
            await asyncio.gather(*(one.say(30) for one in voices))
            before_bye = [len(one.sent) for one in voices]
            speaking = asyncio.gather(*(one.say(400) for one in voices))
            assert (await client.ask("BYE")).code == 200
            await run.sealed()
            (folder,) = run.folders("sealed")
            whole = {}
            for stream, (voice, count) in enumerate(zip(voices, before_bye, strict=True)):
                data = (folder / f"stream-{stream}.rtpdump").read_bytes()
                assert whole_length(data) == len(data), "no torn tail"
                assert all(packet in data for packet in voice.sent[:count])
                assert len(record_offsets(data)[0]) <= len(voice.sent)
                whole[stream] = data
            await speaking
            for stream, data in whole.items():
                assert (folder / f"stream-{stream}.rtpdump").read_bytes() == data, "sealed is sealed"

    asyncio.run(story())


def test_a_refused_invite_replaces_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            old, new = await run.client(), await run.client()
            await old.invite()
            unusable = siprec_body(SDP.replace("RTP/AVP 8 101", "RTP/SAVP 8 101"))
            assert (await new.ask("INVITE", *unusable, replaces(old), require="siprec")).code == 488
            assert (await old.ask("UPDATE")).code == 200, "the call goes on"
            assert (await old.ask("BYE")).code == 200
            (sealed,) = await run.sealed()
            assert sealed.sip_call_id == old.call_id

    asyncio.run(story())


def test_a_recording_that_waits_for_room_on_the_disk_is_sealed_whatever_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fonoteka.capture.siprec_session.SEAL_AGAIN_S", 2.0)

    async def story() -> None:
        async with running(tmp_path) as run:
            old, new = await run.client(), await run.client()
            await old.invite()
            with files_limited_to(100):
                assert (await old.ask("BYE")).code == 200
                await asyncio.sleep(0.5)
                assert len(run.folders("open")) == 1
            await new.invite(*siprec_body(), replaces(old))
            sealed = await run.sealed()
            assert [one.sip_call_id for one in sealed] == [old.call_id]
            assert (await new.ask("BYE")).code == 200
            await run.sealed(2)

    asyncio.run(story())


def test_a_fault_of_ours_is_answered_and_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            with monkeypatch.context() as broken:
                broken.setattr(Recorder, "_sent_by", lambda *_: 1 / 0)
                assert (await (await run.client()).ask("OPTIONS")).code == 500
                assert (await (await run.client()).ask("INVITE", *siprec_body())).code == 500
            await until(lambda: run.recorder.recordings == 0)
            assert not run.folders("open")
            await _good_call(run)

    asyncio.run(story())


def test_a_peer_that_stops_reading_keeps_no_connection() -> None:
    """Over a socket with a small buffer, so that an answer waits in ours when the connection is closed."""

    async def story() -> None:
        loop = asyncio.get_running_loop()
        open_ones: dict[int, TcpConnection] = {}
        nobody = TransportReceiver(lambda *_: None, lambda *_: None)
        limits = TcpLimits(closing_s=0.2)
        listening = socket.create_server(("127.0.0.1", 0))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        server = await loop.create_server(
            lambda: TcpConnection(1, nobody, open_ones, limits, refuse=False), sock=listening
        )
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            await asyncio.to_thread(deaf.connect, listening.getsockname())
            await until(lambda: bool(open_ones))
            open_ones[1].send(bytes(400_000))
            open_ones[1].close()
            await asyncio.sleep(0.1)
            open_ones[1].close_if_idle(loop.time())
            assert open_ones, "it gets its time to read"
            await asyncio.sleep(0.3)
            open_ones[1].close_if_idle(loop.time())
            await until(lambda: not open_ones)
        server.close()

    asyncio.run(story())


async def _good_call(run: Running) -> None:
    client = await run.client()
    await client.invite()
    assert (await client.ask("BYE")).code == 200
    await run.sealed()
