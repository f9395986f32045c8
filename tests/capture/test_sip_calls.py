"""Whole calls through real sockets, the real media process and the real spool."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from fonoteka.capture.sip_timing import SipTiming
from fonoteka.domain.call import Party
from fonoteka.domain.recording import EndReason
from fonoteka.domain.sealed import MediaFormat
from tests.capture.running import Running, running, until
from tests.capture.sip_client import METADATA, SDP, Client, Voice, crlf, siprec_body

QUICK = SipTiming(t1_s=0.02)
HELD_SDP = SDP.replace("a=sendonly", "a=inactive")


async def bye(run: Running, client: Client) -> None:
    assert (await client.ask("BYE")).code == 200


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_call_is_recorded_and_sealed(tmp_path: Path, transport: str) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client(transport)
            response = await client.invite()
            assert response.attributes("label") == ["1", "2"]
            assert response.body.count("a=recvonly") == 2
            assert response["content-type"] == "application/sdp"
            assert "+sip.srs" in response["contact"]
            voices = [Voice(port, ssrc) for port, ssrc in zip(response.ports, (1, 2), strict=True)]
            await asyncio.gather(voices[0].say(40), voices[1].say(30))
            await bye(run, client)
            (sealed,) = await run.sealed()
            assert sealed.end_reason is EndReason.BYE
            assert sealed.sip_call_id == client.call_id
            assert sealed.user_agent == "raw test client"
            assert sealed.source == "siprec"
            assert sealed.communication_session_id == "cs-1"
            assert [(one.party, one.number, one.name) for one in sealed.participants] == [
                (Party.CALLING, "101", "Anna"),
                (Party.CALLED, "+74951234567", ""),
            ]
            assert [(one.party, one.participant_ids, one.label) for one in sealed.streams] == [
                (Party.CALLING, ("p-1",), "1"),
                (Party.CALLED, ("p-2",), "2"),
            ]
            assert sealed.streams[0].format_spans[0].formats[8] == MediaFormat("PCMA", 8000)
            assert sealed.streams[0].hold_spans == ()
            folder = run.folders("sealed")[0]
            for stream, voice in zip(sealed.streams, voices, strict=True):
                data = (folder / stream.file).read_bytes()
                assert all(packet in data for packet in voice.sent)
            assert run.messages(folder) == [
                ("in", "INVITE sip:srs@recorder.test SIP/2.0"),
                ("out", "SIP/2.0 200 OK"),
                ("in", f"ACK {client.target} SIP/2.0"),
                ("in", f"BYE {client.target} SIP/2.0"),
                ("out", "SIP/2.0 200 OK"),
            ]
            assert next(one for one in run.journal(folder) if one["event"] == "metadata")["raw"] == METADATA
            assert run.folders("open") == []
            await until(lambda: run.recorder.recordings == 0)

    asyncio.run(story())


def test_retransmissions_do_not_restart_anything(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            invite = client.build("INVITE", *siprec_body())
            for _ in range(5):
                client.wire.send(invite)
            response = await client.final()
            client.wire.send(invite)
            client.take_dialog(response)
            client.ack()
            client.ack()
            farewell = client.build("BYE")
            for _ in range(3):
                client.wire.send(farewell)
                assert (await client.final()).code == 200
            (sealed,) = await run.sealed()
            assert len(sealed.streams) == 2
            first_lines = [line for _, line in run.messages(run.folders("sealed")[0])]
            assert len([line for line in first_lines if line.startswith("INVITE")]) == 1
            assert len([line for line in first_lines if line.startswith("BYE")]) == 1

    asyncio.run(story())


def test_200_is_repeated_until_ack(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, SipTiming(t1_s=0.1)) as run:
            client = await run.client()
            first = await client.ask("INVITE", *siprec_body())
            second = await client.final()
            assert first.raw == second.raw
            client.take_dialog(first)
            client.ack()
            await asyncio.sleep(0.3)
            while not client.wire.inbox.empty():
                client.wire.inbox.get_nowait()
            with pytest.raises(TimeoutError):
                await client.wire.receive(0.5)
            await bye(run, client)
            await run.sealed()

    asyncio.run(story())


def test_a_call_never_acknowledged_ends_as_failed(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, QUICK) as run:
            client = await run.client()
            client.take_dialog(await client.ask("INVITE", *siprec_body()))
            client.answer(await client.request("BYE"))
            (sealed,) = await run.sealed()
            assert sealed.end_reason is EndReason.FAILED

    asyncio.run(story())


def test_a_lost_ack_of_a_later_answer_does_not_end_the_call(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, QUICK) as run:
            client = await run.client()
            await client.invite()
            offer = await client.ask("INVITE")
            assert len(offer.ports) == 2
            await asyncio.sleep(64 * QUICK.t1_s + 0.5)
            while not client.wire.inbox.empty():
                assert not (await client.wire.receive()).is_request
            await client.invite("application/sdp", HELD_SDP.encode())
            await bye(run, client)
            (sealed,) = await run.sealed()
            assert sealed.end_reason is EndReason.BYE

    asyncio.run(story())


def test_hold_resume_and_a_new_port_of_theirs(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            first = await client.invite()
            held = await client.invite("application/sdp", HELD_SDP.replace("SRC 1 1", "SRC 1 2").encode())
            assert held.ports == first.ports
            assert held.body.count("a=inactive") == 2
            assert held.attributes("label") == ["1", "2"]
            zeros = SDP.replace("a=sendonly\n", "").replace("IP4 127.0.0.1\nt=", "IP4 0.0.0.0\nt=")
            still = await client.invite("application/sdp", zeros.encode())
            assert still.body == held.body, "nothing changed, so the version stays"
            await asyncio.sleep(0.05)
            back = await client.invite("application/sdp", SDP.replace("40000", "41000").encode())
            assert back.ports == first.ports
            assert back.body.count("a=recvonly") == 2
            versions = [int(one.body.split()[3]) for one in (first, held, back)]
            assert versions == [1, 2, 3]
            assert len({one.body.split()[2] for one in (first, held, back)}) == 1
            voice = Voice(back.ports[0], 1)
            await voice.say(10)
            await bye(run, client)
            (sealed,) = await run.sealed()
            for stream in sealed.streams:
                (span,) = stream.hold_spans
                assert span.until_ms is not None
                assert span.until_ms > span.since_ms
            assert [one.number for one in sealed.participants] == ["101", "+74951234567"], (
                "SDP alone keeps them"
            )
            data = (run.folders("sealed")[0] / "stream-0.rtpdump").read_bytes()
            assert all(packet in data for packet in voice.sent)

    asyncio.run(story())


def test_lines_come_and_go(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            first = await client.invite()
            third = SDP + "m=audio 40004 RTP/AVP 0\na=label:3\na=sendonly\n"
            added = await client.invite("application/sdp", third.encode())
            assert added.ports[:2] == first.ports
            assert added.ports[2] not in (0, *first.ports)
            gone = await client.invite("application/sdp", third.replace("40002", "0").encode())
            assert gone.ports == [first.ports[0], 0, added.ports[2]]
            again = await client.invite("application/sdp", third.encode())
            assert again.ports[1] != 0
            none = await client.invite("application/sdp", third.replace("audio 4000", "audio 0 ").encode())
            assert none.code == 200
            await bye(run, client)
            (sealed,) = await run.sealed()
            assert [one.label for one in sealed.streams] == ["1", "2", "3", "2"]
            assert [one.file for one in sealed.streams] == [f"stream-{index}.rtpdump" for index in range(4)]
            assert sealed.streams[1].hold_spans[-1].reason == "removed"

    asyncio.run(story())


def test_a_bad_reinvite_leaves_the_call_as_it_was(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            response = await client.invite()
            refused = await client.ask(
                "INVITE", "application/sdp", SDP.replace("RTP/AVP", "RTP/SAVP").encode()
            )
            assert refused.code == 488
            client.ack()
            broken = await client.ask("INVITE", "application/sdp", b"m=audio forty RTP/AVP 0")
            assert broken.code == 400
            client.ack()
            voice = Voice(response.ports[1], 2)
            await voice.say(10)
            await bye(run, client)
            (sealed,) = await run.sealed()
            data = (run.folders("sealed")[0] / sealed.streams[1].file).read_bytes()
            assert all(packet in data for packet in voice.sent)

    asyncio.run(story())


def test_update_with_bare_metadata(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            await client.invite()
            partial = METADATA.replace("complete", "partial").replace("Anna", "Anna Petrova")
            for content_type in ("application/rs-metadata", "application/xml", "application/rs-metadata+xml"):
                response = await client.ask("UPDATE", content_type, partial.encode())
                assert (response.code, response.body) == (200, "")
            broken = await client.ask("UPDATE", "application/rs-metadata+xml", b"<recording><")
            assert broken.code == 200, "labels are not worth a call"
            await bye(run, client)
            (sealed,) = await run.sealed()
            assert [one.name for one in sealed.participants] == ["Anna Petrova", ""]
            kept = [one for one in run.journal(run.folders("sealed")[0]) if one["event"] == "metadata"]
            assert len(kept) == 5

    asyncio.run(story())


def test_update_with_sdp_holds(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            await client.invite()
            response = await client.ask("UPDATE", "application/sdp", HELD_SDP.encode())
            assert response.body.count("a=inactive") == 2
            await bye(run, client)
            (sealed,) = await run.sealed()
            assert [len(one.hold_spans) for one in sealed.streams] == [1, 1]

    asyncio.run(story())


def test_bye_with_metadata_and_the_invites_cseq(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            await client.invite()
            last = METADATA.replace("Anna", "Anna at last").encode()
            farewell = client.build("BYE", "application/rs-metadata+xml", last, cseq=1)
            client.wire.send(farewell.replace(b"CSeq: 1 BYE", b"CSeq: 1 INVITE"))
            assert (await client.final()).code == 200
            (sealed,) = await run.sealed()
            assert sealed.participants[0].name == "Anna at last"

    asyncio.run(story())


def test_cancel_before_the_answer_leaves_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            media_pid = run.recorder.media.pid
            assert media_pid is not None
            client = await run.client()
            os.kill(media_pid, signal.SIGSTOP)  # no port is opened, so no answer is given
            invite = client.build("INVITE", *siprec_body())
            client.wire.send(invite)
            assert (await client.wire.receive()).code == 100
            client.wire.send(invite)
            assert (await client.wire.receive()).code == 100
            client.wire.send(client.build("CANCEL", cseq=1, branch=client.branch))
            answers = {(one.code, one["cseq"]) for one in (await client.final(), await client.final())}
            assert answers == {(200, "1 CANCEL"), (487, "1 INVITE")}
            client.wire.send(client.build("ACK", cseq=1, branch=client.branch))
            os.kill(media_pid, signal.SIGCONT)
            await until(lambda: run.recorder.recordings == 0)
            assert run.folders("open") == run.folders("sealed") == []
            assert run.recorder.media.statistics.streams == 0

    asyncio.run(story())


def test_cancel_after_the_answer_changes_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            response = await client.ask("INVITE", *siprec_body())
            client.wire.send(client.build("CANCEL", cseq=1, branch=client.branch))
            assert (await client.final())["cseq"] == "1 CANCEL"
            client.take_dialog(response)
            client.ack()
            await bye(run, client)
            (sealed,) = await run.sealed()
            assert sealed.end_reason is EndReason.BYE

    asyncio.run(story())


def test_cancel_of_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            assert (await (await run.client()).ask("CANCEL")).code == 481

    asyncio.run(story())


def test_invite_without_sdp_is_offered_and_answered_in_ack(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            offer = await client.ask("INVITE")
            client.take_dialog(offer)
            (port,) = offer.ports
            assert offer.attributes("recvonly") == ["recvonly"]
            answer = (
                "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 40000 RTP/AVP 9\n"
            )
            client.ack("application/sdp", crlf(answer).encode())
            voice = Voice(port, 1, payload_type=9)
            await voice.say(10)
            await bye(run, client)
            (sealed,) = await run.sealed()
            assert sealed.streams[0].format_spans[-1].formats[9].encoding == "G722"
            assert [one.number for one in sealed.participants] == ["src", "srs"]
            data = (run.folders("sealed")[0] / sealed.streams[0].file).read_bytes()
            assert all(packet in data for packet in voice.sent)

    asyncio.run(story())


def test_metadata_alone_names_the_lines_of_our_offer(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            offer = await client.ask("INVITE", "application/rs-metadata+xml", METADATA.encode())
            client.take_dialog(offer)
            assert offer.attributes("label") == ["1", "2"]
            client.ack("application/sdp", crlf(SDP).encode())
            await bye(run, client)
            (sealed,) = await run.sealed()
            assert [one.party for one in sealed.streams] == [Party.CALLING, Party.CALLED]

    asyncio.run(story())


def test_a_reinvite_without_sdp_is_offered_the_streams_there_are(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            first = await client.invite()
            offer = await client.ask("INVITE")
            assert offer.ports == first.ports
            early = await client.ask("UPDATE", "application/sdp", SDP.encode())
            assert early.code == 491
            client.cseq -= 1
            client.ack("application/sdp", crlf(HELD_SDP).encode())
            client.cseq += 1
            await bye(run, client)
            (sealed,) = await run.sealed()
            assert [len(one.hold_spans) for one in sealed.streams] == [1, 1]

    asyncio.run(story())


def test_an_unusable_answer_ends_the_call(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            client.take_dialog(await client.ask("INVITE"))
            client.ack("application/sdp", crlf(SDP).replace("RTP/AVP 8", "RTP/SAVP 8").encode())
            client.answer(await client.request("BYE"))
            (sealed,) = await run.sealed()
            assert sealed.end_reason is EndReason.FAILED

    asyncio.run(story())


def test_plain_call_without_siprec_takes_from_and_to(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            client.contact = client.contact.removesuffix(";+sip.src")
            await client.invite("application/sdp", SDP.encode(), require="")
            await bye(run, client)
            (sealed,) = await run.sealed()
            assert [(one.party, one.number) for one in sealed.participants] == [
                (Party.CALLING, "src"),
                (Party.CALLED, "srs"),
            ]
            silent = await run.client()
            silent.contact = client.contact
            only_listens = SDP.replace("sendonly", "recvonly").encode()
            assert (await silent.ask("INVITE", "application/sdp", only_listens)).code == 488

    asyncio.run(story())


@pytest.mark.parametrize("refreshes", [False, True])
def test_a_session_without_refresh_expires(tmp_path: Path, refreshes: bool) -> None:
    async def story() -> None:
        # 90 s of session timer last 1.8 s here; an unrefreshed session ends after 1.2 s.
        async with running(tmp_path, SipTiming(second_s=0.02)) as run:
            client = await run.client()
            timer = ("Supported: timer", "Session-Expires: 90")
            response = await client.invite(*siprec_body(), *timer)
            assert response["session-expires"] == "90;refresher=uac"
            assert response["require"] == "timer"
            if refreshes:
                for _ in range(4):
                    await asyncio.sleep(0.5)
                    assert (await client.ask("UPDATE", "", b"", *timer)).code == 200
                assert run.recorder.recordings == 1
            client.answer(await client.request("BYE"))
            (sealed,) = await run.sealed()
            assert sealed.end_reason is EndReason.SESSION_EXPIRED
            assert (await client.ask("BYE")).code == 481

    asyncio.run(story())


@pytest.mark.parametrize(("code", "alive"), [(200, True), (405, True), (481, False)])
def test_clients_without_timers_are_asked_by_update(tmp_path: Path, code: int, alive: bool) -> None:
    async def story() -> None:
        async with running(tmp_path, SipTiming(second_s=0.01), session_expires_s=90) as run:
            client = await run.client()
            response = await client.invite()
            assert response.get("session-expires") == ""
            client.answer(await client.request("UPDATE"), code)
            if alive:
                client.answer(await client.request("UPDATE"), code)
                await bye(run, client)
            (sealed,) = await run.sealed()
            assert sealed.end_reason is (EndReason.BYE if alive else EndReason.SESSION_EXPIRED)

    asyncio.run(story())


def test_shutdown_says_bye_and_seals(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            clients = [await run.client("udp"), await run.client("tcp")]
            for client in clients:
                client_response = await client.invite()
                await Voice(client_response.ports[0], 1).say(5)
            stopping = asyncio.create_task(run.recorder.stop())
            for client in clients:
                request = await client.request("BYE")
                assert request["call-id"] == client.call_id
                client.answer(request)
            await stopping
            sealed = await run.sealed(2)
            assert {one.end_reason for one in sealed} == {EndReason.SHUTDOWN}

    asyncio.run(story())


def test_replaces_ends_the_call_it_names(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            old, new = await run.client(), await run.client()
            await old.invite()
            to_tag = old.to.partition("tag=")[2]
            from_tag = old.from_.partition("tag=")[2]
            replaces = f"Replaces: {old.call_id};to-tag={to_tag};from-tag={from_tag}"
            await new.invite(*siprec_body(), replaces, require="siprec, replaces")
            old.answer(await old.request("BYE"))
            await run.sealed(1)
            unknown = await (await run.client()).ask(
                "INVITE", *siprec_body(), replaces.replace("from-1", "x")
            )
            assert unknown.code == 481
            await bye(run, new)
            await run.sealed(2)

    asyncio.run(story())
