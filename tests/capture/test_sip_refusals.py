"""What the recorder refuses, and with which response."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from fonoteka.capture import refused_calls
from fonoteka.capture.recorder import Recorder
from fonoteka.capture.sip_metrics import REFUSED_UNNOTED
from fonoteka.domain.call import CallOutcome
from fonoteka.domain.errors import AddressInUse, SettingInvalid
from fonoteka.domain.recording import EndReason
from fonoteka.domain.refusals import CALLS_MAX_REACHED, DISK_LOW
from fonoteka.settings import Settings
from tests.capture.running import free_ports, running, until
from tests.capture.sip_client import METADATA, SDP, Client, Message, siprec_body


def tell(tmp_path: Path, method: str, *parts: object, **more: str) -> Message:
    """Send one request to a fresh recorder; its response."""

    async def story() -> Message:
        async with running(tmp_path) as run:
            client = await run.client()
            response = await client.ask(method, *parts, **more)  # type: ignore[arg-type]
            assert run.folders("open") == run.folders("sealed") == []
            return response

    return asyncio.run(story())


def test_options(tmp_path: Path) -> None:
    response = tell(tmp_path, "OPTIONS")
    assert response.code == 200
    assert response["allow"] == "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE"
    assert "application/rs-metadata+xml" in response["accept"]
    assert {"siprec", "timer"} <= set(response["supported"].split(", "))
    assert "+sip.srs" in response["contact"]
    assert "tag=" in response["to"]


@pytest.mark.parametrize("method", ["REGISTER", "SUBSCRIBE", "MESSAGE", "INFO", "PRACK", "invite", "X-YZ"])
def test_unsupported_methods(tmp_path: Path, method: str) -> None:
    response = tell(tmp_path, method)
    assert response.code == 405
    assert response["allow"]


def test_unknown_extension(tmp_path: Path) -> None:
    response = tell(tmp_path, "INVITE", *siprec_body(), require="siprec, brew, precondition")
    assert response.code == 420
    assert response["unsupported"] == "brew, precondition"


@pytest.mark.parametrize("method", ["BYE", "UPDATE"])
def test_outside_a_dialog(tmp_path: Path, method: str) -> None:
    assert tell(tmp_path, method).code == 481


def test_interval_too_small(tmp_path: Path) -> None:
    response = tell(tmp_path, "INVITE", *siprec_body(), "Supported: timer", "Session-Expires: 30")
    assert response.code == 422
    assert response["min-se"] == "90"


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("application/sdp", b"v=0\r\nm=audio x RTP/AVP 0\r\n", 400),
        ("application/sdp", b"nothing of the kind", 400),
        ("application/sdp", SDP.replace("RTP/AVP", "RTP/SAVP").encode(), 488),
        ("application/sdp", b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n", 488),
        ("text/plain", b"hello", 415),
        ("multipart/mixed;boundary=x", b"no part", 400),
        ("multipart/mixed;boundary=x", b"--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n", 415),
    ],
)
def test_bodies(tmp_path: Path, content_type: str, body: bytes, code: int) -> None:
    assert tell(tmp_path, "INVITE", content_type, body, require="siprec").code == code


def test_encoded_body(tmp_path: Path) -> None:
    assert tell(tmp_path, "INVITE", "application/sdp", b"\x1f\x8b\x08", "Content-Encoding: gzip").code == 415


def test_100rel_costs_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            await client.invite(*siprec_body(), require="siprec, 100rel")
            await client.ask("BYE")
            await run.sealed()

    asyncio.run(story())


def test_no_room_for_another_recording(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, recordings_max=1) as run:
            first, second = await run.client(), await run.client()
            await first.invite()
            refused = await second.ask("INVITE", *siprec_body())
            assert refused.code == 503
            assert int(refused["retry-after"]) > 0
            assert (await second.ask("OPTIONS")).code == 503, "so that clients try their other recorder"
            second.ack()
            (told,) = await run.sealed()
            assert (told.outcome, told.reason) == (CallOutcome.REFUSED, CALLS_MAX_REACHED)
            assert told.communication_session_id
            assert (len(told.participants), told.streams) == (2, ())
            assert (await second.ask("INVITE", *siprec_body())).code == 503
            second.ack()
            await first.ask("BYE")
            await until(lambda: run.recorder.recordings == 0)
            await run.sealed(2)  # the first call and the refused one, which was told once
            await second.invite()
            assert (await first.ask("OPTIONS")).code == 481, "in a dialog that has ended"

    asyncio.run(story())


def test_too_little_disk(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, disk_free_min_bytes=10**18) as run:
            refused = await (await run.client()).ask("INVITE", *siprec_body())
            assert refused.code == 503
            assert refused["retry-after"]
            (told,) = await run.sealed()
            assert (told.outcome, told.reason) == (CallOutcome.REFUSED, DISK_LOW)

    asyncio.run(story())


def test_a_flood_of_calls_becomes_no_flood_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refused_calls, "NOTED_AT_ONCE_MAX", 3)
    monkeypatch.setattr(refused_calls, "NOTED_PER_S", 0)

    async def story() -> None:
        async with running(tmp_path, disk_free_min_bytes=10**18) as run:
            before = REFUSED_UNNOTED._value.get()
            for n in range(8):
                body = siprec_body(metadata=METADATA.replace('session_id="cs-1"', f'session_id="cs-{n}"'))
                assert (await (await run.client()).ask("INVITE", *body)).code == 503
            await run.sealed(3)
            assert REFUSED_UNNOTED._value.get() - before == 5

    asyncio.run(story())


def test_spool_that_cannot_be_written(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            run.settings.folder.spool_open.rename(tmp_path / "elsewhere")
            refused = await (await run.client()).ask("INVITE", *siprec_body())
            assert refused.code == 503
            assert refused["retry-after"]
            (tmp_path / "elsewhere").rename(run.settings.folder.spool_open)
            client = await run.client()
            await client.invite()
            await client.ask("BYE")
            await run.sealed()

    asyncio.run(story())


def test_no_media_ports_left(tmp_path: Path) -> None:
    async def story() -> None:
        first_port = free_ports(4)
        async with running(tmp_path, media_port_min=first_port, media_port_max=first_port + 3) as run:
            first, second = await run.client(), await run.client()
            await first.invite()
            assert (await second.ask("INVITE", *siprec_body())).code == 503
            await until(lambda: len(run.folders("open")) == 1)
            await first.ask("BYE")
            outcomes = {one.sip_call_id: one.outcome for one in await run.sealed(2)}
            assert outcomes == {
                first.call_id: CallOutcome.RECORDED,
                second.call_id: CallOutcome.REFUSED,
            }

    asyncio.run(story())


def test_the_same_invite_by_two_ways(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            await client.invite()
            client.to = "<sip:srs@recorder.test>"
            client.wire.send(client.build("INVITE", *siprec_body(), cseq=1))
            assert (await client.final()).code == 482

    asyncio.run(story())


def test_requests_out_of_order(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            client.cseq = 10
            await client.invite()
            client.wire.send(client.build("UPDATE", cseq=5))
            assert (await client.final()).code == 500
            assert (await client.ask("OPTIONS")).code == 200, "asked inside the dialog"
            assert (await client.ask("INFO")).code == 405
            await client.ask("BYE")
            (sealed,) = await run.sealed()
            assert sealed.end_reason is EndReason.BYE

    asyncio.run(story())


def test_an_ack_for_nothing_is_dropped(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            client.to += ";tag=nobody"
            client.ack()
            assert (await Client(client.wire).ask("OPTIONS")).code == 200, "and that is the first response"

    asyncio.run(story())


def test_address_in_use(tmp_path: Path) -> None:
    async def story(port: int) -> None:
        settings = Settings(data=tmp_path, sip=f"127.0.0.1:{port}")
        settings.folder.make()
        recorder = Recorder(settings)
        with pytest.raises(AddressInUse):
            await recorder.start()
        assert recorder.media.pid is None

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        asyncio.run(story(taken.getsockname()[1]))


def test_no_address(tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid):
        Recorder(Settings(data=tmp_path, sip="everywhere"))
