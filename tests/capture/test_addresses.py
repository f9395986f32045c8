"""The recorder in both address families: our own client calls it, and each finds the other."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import numpy as np
import pytest

from fonoteka.caller import CallAudio, CallOptions, EndedBy, PartyAudio, place_call
from fonoteka.domain.call import Party
from fonoteka.domain.recording import EndReason
from fonoteka.wire.rtpdump_table import read_table
from tests.capture.running import running
from tests.capture.streams import rtp, seqs

SECONDS = 0.4
PACKETS = 20


def voice() -> PartyAudio:
    return PartyAudio(np.full(int(8000 * SECONDS), 1000, np.int16), 8000)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize(
    ("listening", "called"),
    [("[::1]:0", "::1"), ("[::]:0", "::1"), ("0.0.0.0:0", "127.0.0.1"), ("127.0.0.1:0", "127.0.0.1")],
)
def test_a_call_by_any_address_is_whole(tmp_path: Path, listening: str, called: str, transport: str) -> None:
    host = f"[{called}]" if ":" in called else called

    async def story() -> None:
        async with running(tmp_path, sip=listening) as run:
            options = CallOptions(
                srs=f"sip:{host}:{run.port}",
                calling="101",
                called="+74951234567",
                audio=CallAudio(voice(), voice()),
                transport=transport,
            )
            report = await place_call(options)
            assert report.ok, report.answer
            assert report.ended_by is EndedBy.CALLER
            assert report.remarks == ()
            # The way back, not the address that listens on all.
            assert {one.target.rpartition(":")[0] for one in report.streams} == {host}
            (sealed,) = await run.sealed()
            assert sealed.end_reason is EndReason.BYE
            assert sealed.peer.rpartition(":")[0] == host
            assert [one.party for one in sealed.streams] == [Party.CALLING, Party.CALLED]
            for stream in sealed.streams:
                data = (run.folders("sealed")[0] / stream.file).read_bytes()
                table, malformed = read_table(data)
                assert (len(table), malformed) == (PACKETS, 0)
            methods = [line.split()[0] for _, line in run.messages(run.folders("sealed")[0])]
            assert "ACK" in methods, "the address in our Contact was called"

    asyncio.run(story())


@pytest.mark.parametrize(("listening", "called"), [("[::1]:0", "::1"), ("127.0.0.1:0", "127.0.0.1")])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_our_bye_finds_the_client(tmp_path: Path, listening: str, called: str, transport: str) -> None:
    host = f"[{called}]" if ":" in called else called

    async def story() -> None:
        async with running(tmp_path, sip=listening) as run:
            options = CallOptions(
                srs=f"sip:{host}:{run.port}",
                calling="101",
                called="102",
                audio=CallAudio(voice(), voice()),
                transport=transport,
                duration_s=60,
            )
            calling = asyncio.create_task(place_call(options))
            while not (run.folders("open") and run.recorder.recordings):
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.5)
            await run.recorder.stop()
            report = await asyncio.wait_for(calling, 10)
            assert report.ended_by is EndedBy.SERVER
            (sealed,) = await run.sealed()
            assert sealed.end_reason is EndReason.SHUTDOWN

    asyncio.run(story())


def test_a_set_media_address_goes_into_the_answer(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, media_address="192.0.2.44") as run:
            client = await run.client()
            response = await client.invite()
            assert "c=IN IP4 192.0.2.44\r\n" in response.body
            assert f"127.0.0.1:{run.port}" in response["contact"]

    asyncio.run(story())


def test_media_is_received_where_the_answer_says(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, media_address="::1") as run:
            client = await run.client()
            response = await client.invite()
            assert "c=IN IP6 ::1\r\n" in response.body
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as out:
                out.sendto(rtp(1), ("::1", response.ports[0]))
            assert (await client.ask("BYE")).code == 200
            await run.sealed()
            assert seqs(run.folders("sealed")[0] / "stream-0.rtpdump") == [1]

    asyncio.run(story())
