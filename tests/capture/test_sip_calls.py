"""Whole calls through real sockets, the real media process and the real spool."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fonoteka.domain.call import Party
from fonoteka.domain.recording import EndReason
from fonoteka.domain.sealed import MediaFormat
from tests.capture.running import running
from tests.capture.sip_client import SDP, Voice


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_call_is_recorded_and_sealed(tmp_path: Path, transport: str) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client(transport)
            response = await client.invite()
            assert response.attributes("label") == ["1", "2"]
            assert response.body.count("a=recvonly") == 2
            assert "+sip.srs" in response["contact"]
            calling, called = (Voice(port, ssrc) for port, ssrc in zip(response.ports, (1, 2), strict=True))
            await asyncio.gather(calling.say(40), called.say(30))
            assert (await client.ask("BYE")).code == 200
            (sealed,) = await run.sealed()
            assert sealed.end_reason is EndReason.BYE
            assert sealed.sip_call_id == client.call_id
            assert sealed.user_agent == "raw test client"
            assert sealed.communication_session_id == "cs-1"
            assert [(one.party, one.number, one.name) for one in sealed.participants] == [
                (Party.CALLING, "101", "Anna"),
                (Party.CALLED, "+74951234567", ""),
            ]
            assert [(one.party, one.participant_ids) for one in sealed.streams] == [
                (Party.CALLING, ("p-1",)),
                (Party.CALLED, ("p-2",)),
            ]
            formats = sealed.streams[0].format_spans[0].formats
            assert formats[8] == MediaFormat("PCMA", 8000)
            folder = run.folders("sealed")[0]
            for stream, voice in zip(sealed.streams, (calling, called), strict=True):
                data = (folder / stream.file).read_bytes()
                assert all(packet in data for packet in voice.sent)
            assert run.messages(folder) == [
                ("in", "INVITE sip:srs@recorder.test SIP/2.0"),
                ("out", "SIP/2.0 200 OK"),
                ("in", f"ACK {client.target} SIP/2.0"),
                ("in", f"BYE {client.target} SIP/2.0"),
                ("out", "SIP/2.0 200 OK"),
            ]
            assert run.folders("open") == []

    asyncio.run(story())


def test_plain_call_without_siprec_takes_from_and_to(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            await client.invite("application/sdp", SDP.encode(), require="")
            await client.ask("BYE")
            (sealed,) = await run.sealed()
            assert [(one.party, one.number) for one in sealed.participants] == [
                (Party.CALLING, "src"),
                (Party.CALLED, "srs"),
            ]

    asyncio.run(story())
