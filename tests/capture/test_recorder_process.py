"""The recorder as a process of its own: heartbeat, lock, clean end, crash and recovery."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from fonoteka.domain.recording import EndReason
from fonoteka.domain.running import last_beat
from fonoteka.domain.sealed import MANIFEST_NAME, SealedRecording
from tests.capture.running import SPAN, until
from tests.capture.sip_client import Client, Voice, Wire


@contextmanager
def process(data: Path, files: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m fonoteka.capture.recorder` with its settings in the environment.

    `files`: the soft limit of open files that it starts with.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = None if files is None else partial(resource.setrlimit, resource.RLIMIT_NOFILE, (files, hard))
    settings = {"data": data, "sip": "127.0.0.1:0", "disk_free_min_bytes": 0, **SPAN}
    environment = os.environ | {f"FONOTEKA_{name.upper()}": str(value) for name, value in settings.items()}
    started = subprocess.Popen(
        [sys.executable, "-m", "fonoteka.capture.recorder"],
        env=environment,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=limit,
    )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.communicate()


async def port_of(data: Path, recorder: subprocess.Popen[bytes]) -> int:
    def beats() -> bool:
        facts = last_beat(data / "run" / "recorder.json")
        return facts is not None and facts["pid"] == recorder.pid

    await until(beats, 30)
    facts = last_beat(data / "run" / "recorder.json")
    assert facts is not None
    host, _, port = str(facts["sip"]).rpartition(":")
    assert host == "127.0.0.1"
    return int(port)


async def call(port: int) -> tuple[Client, Voice]:
    client = Client(await Wire.udp(port))
    response = await client.invite()
    voice = Voice(response.ports[0], 1)
    await voice.say(30)
    return client, voice


def sealed(data: Path) -> list[SealedRecording]:
    folders = (data / "spool" / "sealed").iterdir()
    return [SealedRecording.from_json((one / MANIFEST_NAME).read_text()) for one in folders]


def test_sigterm_ends_calls_and_the_process(tmp_path: Path) -> None:
    async def story(recorder: subprocess.Popen[bytes]) -> None:
        client, _ = await call(await port_of(tmp_path, recorder))
        recorder.send_signal(signal.SIGTERM)
        client.answer(await client.request("BYE"))
        assert await asyncio.to_thread(recorder.wait, 30) == 0
        await client.wire.close()

    with process(tmp_path) as recorder:
        asyncio.run(story(recorder))
    (recording,) = sealed(tmp_path)
    assert recording.end_reason is EndReason.SHUTDOWN


def test_as_many_files_may_be_open_as_the_system_gives(tmp_path: Path) -> None:
    """2,000 calls take some 12,000 descriptors; systems start processes with 1,024."""
    with process(tmp_path, files=128) as recorder:
        asyncio.run(port_of(tmp_path, recorder))
        children = Path(f"/proc/{recorder.pid}/task/{recorder.pid}/children").read_text().split()
        assert len(children) == 1
        for pid in (recorder.pid, int(children[0])):
            soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            assert soft == hard > 128


def test_a_second_recorder_on_the_same_folder_ends_at_once(tmp_path: Path) -> None:
    with process(tmp_path) as first:
        asyncio.run(port_of(tmp_path, first))
        with process(tmp_path) as second:
            assert second.wait(30) == 1
            assert second.stderr is not None
            assert b"data.in_use" in second.stderr.read()
        assert first.poll() is None


def test_what_a_killed_recorder_left_is_sealed_at_the_next_start(tmp_path: Path) -> None:
    async def story(recorder: subprocess.Popen[bytes]) -> Voice:
        client, voice = await call(await port_of(tmp_path, recorder))
        await asyncio.sleep(0.5)
        recorder.kill()
        await asyncio.to_thread(recorder.wait, 30)
        await client.wire.close()
        return voice

    async def again(recorder: subprocess.Popen[bytes]) -> None:
        port = await port_of(tmp_path, recorder)
        client, _ = await call(port)
        assert (await client.ask("BYE")).code == 200
        await until(lambda: len(sealed(tmp_path)) == 2)
        await client.wire.close()

    with process(tmp_path) as recorder:
        voice = asyncio.run(story(recorder))
    with process(tmp_path) as recorder:
        asyncio.run(again(recorder))
    by_reason = {one.end_reason: one for one in sealed(tmp_path)}
    assert set(by_reason) == {EndReason.INTERRUPTED, EndReason.BYE}
    interrupted = by_reason[EndReason.INTERRUPTED]
    data = (
        tmp_path / "spool" / "sealed" / interrupted.recording_id / interrupted.streams[0].file
    ).read_bytes()
    assert all(packet in data for packet in voice.sent)
    assert [one.number for one in interrupted.participants] == ["101", "+74951234567"]
