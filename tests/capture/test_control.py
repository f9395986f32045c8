"""Pause, resume and keep through the control socket of a running recorder."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from fonoteka.capture.live_client import LiveClient
from fonoteka.domain.errors import RecorderUnreachable, RecordingNotFound, RequestInvalid
from fonoteka.domain.ids import new_id
from fonoteka.domain.ports import LiveCall, LiveControl
from fonoteka.domain.rules import RuleOutcome
from fonoteka.domain.sealed import SealedRecording
from tests.capture.policies import metadata, publish, rule
from tests.capture.running import Running, running, until
from tests.capture.sip_client import SDP, Client, Voice, siprec_body

ACTS_S = 1.0
TICK_S = 0.1
"""More than a pass of the media process; a packet that waits for it when a pause begins is dropped."""


def control_of(run: Running) -> LiveControl:
    return LiveClient(run.settings.folder.run / "recorder.sock")


async def begin(run: Running) -> tuple[Client, list[Voice], LiveCall]:
    known = {one.recording_id for one in await asyncio.to_thread(control_of(run).calls)}
    client = await run.client()
    response = await client.invite(*siprec_body(metadata=metadata("101", "89161234567")))
    calls = await asyncio.to_thread(control_of(run).calls)
    (call,) = [one for one in calls if one.recording_id not in known]
    return client, [Voice(port, ssrc) for ssrc, port in enumerate(response.ports, 1)], call


async def do(what: Any, *values: object) -> None:
    async with asyncio.timeout(ACTS_S + 4):
        await asyncio.to_thread(what, *values)


async def end(run: Running, client: Client) -> tuple[SealedRecording, bytes]:
    assert (await client.ask("BYE")).code == 200
    (sealed,) = await run.sealed()
    folder = run.settings.folder.spool_sealed / sealed.recording_id
    return sealed, b"".join(path.read_bytes() for path in folder.iterdir())


def test_calls_in_progress_are_listed_as_they_are(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            control = control_of(run)
            assert await asyncio.to_thread(control.calls) == ()
            client, _, call = await begin(run)
            (folder,) = run.folders("open")
            assert (call.recording_id, call.tenant_id, call.source) == (folder.name, "a", "siprec")
            assert [one.number for one in call.participants] == ["101", "89161234567"]
            assert call.decision is not None
            assert (call.decision.rule_name, call.kept, call.is_paused) == ("Sales", None, False)
            assert call.started_at.tzinfo is not None
            await end(run, client)
            # The spool knows of the end first.
            async with asyncio.timeout(ACTS_S):
                while await asyncio.to_thread(control.calls):
                    await asyncio.sleep(0.01)

    publish(tmp_path / "data", 1, RuleOutcome.SKIP, rule("Sales", RuleOutcome.RECORD))
    asyncio.run(story())


def test_nothing_of_a_pause_reaches_a_disk_and_the_gap_names_its_reason(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            control = control_of(run)
            client, voices, call = await begin(run)
            for voice in voices:
                await voice.say(10)
            await asyncio.sleep(TICK_S)
            await do(control.pause, call.recording_id, "номер карты", 600)
            (now,) = await asyncio.to_thread(control.calls)
            assert (now.is_paused, now.pause_reason) == (True, "номер карты")
            assert now.resumes_at is not None
            for voice in voices:
                await voice.say(10)
            # The far end's hold ends, and a stream comes anew; the pause goes on.
            for sdp in (SDP.replace("a=sendonly", "a=inactive"), SDP, SDP.replace("40002", "0"), SDP):
                assert (await client.ask("UPDATE", "application/sdp", sdp.encode())).code == 200
            voices.append(Voice(client.last.ports[1] if client.last else 0, 3))
            for voice in voices[::2]:
                await voice.say(10)
            await do(control.resume, call.recording_id)
            await asyncio.sleep(TICK_S)
            for voice in voices[::2]:
                await voice.say(10)
            sealed, data = await end(run, client)
            first, second, third = ([packet in data for packet in voice.sent] for voice in voices)
            assert first == [True] * 10 + [False] * 20 + [True] * 10
            assert second == [True] * 10 + [False] * 10
            assert third == [False] * 10 + [True] * 10
            reasons = [{span.reason for span in one.hold_spans} for one in sealed.streams]
            assert reasons[0] == {"hold", "pause: номер карты"}
            assert all(
                span.until_ms is not None
                for one in (sealed.streams[0], sealed.streams[2])
                for span in one.hold_spans
            )

    publish(tmp_path / "data", 1, RuleOutcome.RECORD)
    asyncio.run(story())


def test_a_pause_outlives_the_media_process(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            control = control_of(run)
            client, voices, call = await begin(run)
            await voices[0].say(10)
            await asyncio.sleep(TICK_S)
            await do(control.pause, call.recording_id, "", None)
            victim = run.recorder.media.pid
            assert victim is not None
            os.kill(victim, signal.SIGKILL)
            await voices[0].say(10)
            await until(lambda: run.recorder.media.pid not in (None, victim))
            await voices[0].say(10)
            await do(control.resume, call.recording_id)
            await voices[0].say(10)
            _, data = await end(run, client)
            kept = [packet in data for packet in voices[0].sent]
            assert kept == [True] * 10 + [False] * 20 + [True] * 10

    asyncio.run(story())


def test_a_pause_ends_by_itself_and_the_last_one_asked_for_counts(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            control = control_of(run)
            client, voices, call = await begin(run)
            await do(control.pause, call.recording_id, "", 1)
            await do(control.pause, call.recording_id, "longer", 3)
            await asyncio.sleep(1.5)
            assert (await asyncio.to_thread(control.calls))[0].is_paused
            async with asyncio.timeout(4.0):
                while (await asyncio.to_thread(control.calls))[0].is_paused:
                    await asyncio.sleep(TICK_S)
            await asyncio.sleep(2 * TICK_S)
            await voices[0].say(10)
            sealed, data = await end(run, client)
            assert all(packet in data for packet in voices[0].sent)
            assert [span.reason for span in sealed.streams[0].hold_spans] == ["pause", "pause: longer"]

    asyncio.run(story())


def test_a_call_is_kept_while_it_goes_on_and_after_its_end(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            control = control_of(run)
            client, _, call = await begin(run)
            await do(control.keep, call.recording_id)
            assert (await asyncio.to_thread(control.calls))[0].kept is True
            sealed, _ = await end(run, client)
            assert sealed.kept is True
            other, _, call = await begin(run)
            assert (await other.ask("BYE")).code == 200
            await run.sealed(2)
            await do(control.keep, call.recording_id)
            assert (run.settings.folder.spool_sealed / call.recording_id / "kept").is_file()

    publish(tmp_path / "data", 1, RuleOutcome.ON_DEMAND)
    asyncio.run(story())


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            control = control_of(run)
            outside = run.settings.folder.spool_sealed / "x"
            outside.mkdir()
            for recording_id in (new_id(), "", "x", "../sealed/x", "\0"):
                with pytest.raises(RecordingNotFound):
                    await do(control.pause, recording_id, "", None)
                with pytest.raises(RecordingNotFound):
                    await do(control.resume, recording_id)
                with pytest.raises(RecordingNotFound):
                    await do(control.keep, recording_id)
            assert list(outside.iterdir()) == []
            for reason, after_s in (("x" * 1000, None), ("", 0), ("", 10**9)):
                with pytest.raises(RequestInvalid):
                    await do(control.pause, new_id(), reason, after_s)

    asyncio.run(story())


def test_bad_requests_are_answered_or_cut_off_and_harm_nobody(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            path = run.settings.folder.run / "recorder.sock"
            assert path.stat().st_mode & 0o077 == 0
            reader, writer = await asyncio.open_unix_connection(path)
            for line in (
                b"{",
                b"[]",
                b"{}",
                b"1",
                b'{"do": "stop"}',
                b'{"do": "pause"}',
                b"[" * 5_000,
                b"\xff",
            ):
                writer.write(line + b"\n")
                answer = json.loads(await reader.readline())
                assert answer["error"] == "request.invalid", line[:20]
            writer.write(b"x" * 200_000)
            assert await reader.read() == b""
            writer.close()
            idle = [await asyncio.open_unix_connection(path) for _ in range(10)]
            assert await asyncio.to_thread(control_of(run).calls) == ()
            for _, one in idle:
                one.close()

    asyncio.run(story())


def test_without_a_recorder_it_is_unreachable(tmp_path: Path) -> None:
    path = tmp_path / "recorder.sock"
    for _ in range(2):
        with pytest.raises(RecorderUnreachable):
            LiveClient(path).calls()
        if not path.exists():
            # What a killed recorder leaves behind: a socket that nobody listens on.
            with socket.socket(socket.AF_UNIX) as left:
                left.bind(str(path))


def test_a_data_folder_may_lie_deep(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(deep) as run:
            client, _, call = await begin(run)
            await do(control_of(run).pause, call.recording_id, "", None)
            await end(run, client)

    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    asyncio.run(story())
