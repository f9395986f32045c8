"""What arrives while a stream is not kept never reaches a disk; what arrives before and after does."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

from fonoteka.capture.media import MediaProcess
from fonoteka.capture.receiver import TICK_NS
from tests.capture.streams import LOOPBACK, media_process, records, rtp, send_paced, sender, seqs, until

FILE = "stream-0.rtpdump"
MARKER = b"said during the pause"
TICK_S = TICK_NS / 1e9
SLACK_S = 0.05
"""A machine with two cores may be late."""


def marked(seq: int) -> bytes:
    return rtp(seq, MARKER * 8)


def send(port: int, *packets: bytes) -> None:
    with sender() as out:
        for packet in packets:
            out.sendto(packet, (LOOPBACK, port))


def files_with(marker: bytes, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and marker in path.read_bytes()]


async def kill(media: MediaProcess) -> None:
    """kill -9, and wait until its successor runs."""
    victim = media.pid
    assert victim is not None
    os.kill(victim, signal.SIGKILL)
    await until(lambda: media.pid not in (None, victim))


async def settle() -> None:
    """So long that the media process reads what was sent, and would have written it."""
    await asyncio.sleep(0.3)


def test_the_boundary_is_exact_within_a_tick(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            address = await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            sent_at: dict[int, float] = {}
            sending = asyncio.create_task(send_paced(address.rtp_port, 0, 150, sent_at))
            spans: list[tuple[float, float, float, float]] = []
            for _ in range(2):
                await asyncio.sleep(0.7)
                asked = time.monotonic()
                await media.keep_packets(address.stream_id, False)
                paused = time.monotonic()
                await asyncio.sleep(0.4)
                resuming = time.monotonic()
                await media.keep_packets(address.stream_id, True)
                spans.append((asked, paused, resuming, time.monotonic()))
            await sending
            await media.close_stream(address.stream_id)
            await until(lambda: media.statistics.counts.unwanted > 0)
        kept = set(seqs(tmp_path / FILE))
        dropped = set(sent_at) - kept
        for asked, paused, resuming, resumed in spans:
            between = {seq for seq, at in sent_at.items() if paused < at < resuming}
            assert between <= dropped
            assert len(between) > 10
            late = {seq for seq, at in sent_at.items() if resumed < at < resumed + 0.2}
            early = {seq for seq, at in sent_at.items() if asked - 0.3 < at < asked - TICK_S - SLACK_S}
            assert late | early <= kept

    asyncio.run(run())


def test_a_stream_that_nobody_wants_is_received_and_not_written(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            address = await media.open_stream(tmp_path, FILE, time.monotonic_ns(), is_kept=False)
            send(address.rtp_port, *(marked(seq) for seq in range(10)), b"not RTP " + MARKER)
            await until(lambda: media.statistics.counts.unwanted == 11)
            assert media.statistics.counts.packets == 0
            await media.close_stream(address.stream_id)
        assert records(tmp_path / FILE) == []
        assert not files_with(MARKER, tmp_path)

    asyncio.run(run())


def test_a_replaced_media_process_keeps_dropping(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            paused = await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            other = await media.open_stream(tmp_path, "stream-1.rtpdump", time.monotonic_ns())
            await send_paced(paused.rtp_port, 0, 10)
            await settle()
            await media.keep_packets(paused.stream_id, False)
            for turn in range(2):
                send(paused.rtp_port, *(marked(100 + seq) for seq in range(5)))
                await settle()
                await kill(media)
                # These wait in the kernel for the successor, or come while it begins.
                send(paused.rtp_port, *(marked(200 + seq) for seq in range(5)))
                send(other.rtp_port, rtp(turn))
                await settle()
            assert not files_with(MARKER, tmp_path)
            await media.keep_packets(paused.stream_id, True)
            await kill(media)
            await send_paced(paused.rtp_port, 1000, 10)
            for one in (paused, other):
                await media.close_stream(one.stream_id)
            assert media.statistics.restarts == 3
        assert not files_with(MARKER, tmp_path)
        assert seqs(tmp_path / FILE) == [*range(10), *range(1000, 1010)]
        assert seqs(tmp_path / "stream-1.rtpdump") == [0, 1]

    asyncio.run(run())


def test_paused_or_resumed_while_there_is_no_media_process(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            resumed = await media.open_stream(tmp_path, FILE, time.monotonic_ns(), is_kept=False)
            paused = await media.open_stream(tmp_path, "stream-1.rtpdump", time.monotonic_ns())
            victim = media.pid
            assert victim is not None
            os.kill(victim, signal.SIGSTOP)
            send(resumed.rtp_port, *(marked(seq) for seq in range(5)))
            switching = asyncio.gather(
                media.keep_packets(resumed.stream_id, True), media.keep_packets(paused.stream_id, False)
            )
            await asyncio.sleep(0.1)
            os.kill(victim, signal.SIGKILL)
            await switching
            send(resumed.rtp_port, *(rtp(seq) for seq in range(10, 15)))
            send(paused.rtp_port, *(marked(seq) for seq in range(5)))
            await settle()
            for one in (resumed, paused):
                await media.close_stream(one.stream_id)
        assert not files_with(MARKER, tmp_path)
        assert seqs(tmp_path / FILE) == list(range(10, 15))

    asyncio.run(run())


def test_what_waited_in_the_kernel_when_the_pause_ended_is_dropped(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            address = await media.open_stream(tmp_path, FILE, time.monotonic_ns(), is_kept=False)
            assert media.pid is not None
            os.kill(media.pid, signal.SIGSTOP)
            send(address.rtp_port, *(marked(seq) for seq in range(400)))
            resuming = asyncio.create_task(media.keep_packets(address.stream_id, True))
            await asyncio.sleep(0.1)
            os.kill(media.pid, signal.SIGCONT)
            await resuming
            send(address.rtp_port, rtp(500))
            await media.close_stream(address.stream_id)
        assert seqs(tmp_path / FILE) == [500]
        assert not files_with(MARKER, tmp_path)

    asyncio.run(run())


def test_closed_in_a_pause_nothing_of_it_is_written(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            address = await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            await send_paced(address.rtp_port, 0, 5)
            await settle()
            await media.keep_packets(address.stream_id, False)
            send(address.rtp_port, *(marked(seq) for seq in range(5)))
            await media.close_stream(address.stream_id)
        assert seqs(tmp_path / FILE) == list(range(5))
        assert not files_with(MARKER, tmp_path)

    asyncio.run(run())


def test_saying_it_again_loses_nothing_and_unknown_streams_are_no_error(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            address = await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            with sender() as out:
                for seq in range(20):
                    out.sendto(rtp(seq), (LOOPBACK, address.rtp_port))
                    await media.keep_packets(address.stream_id, True)
            await media.close_stream(address.stream_id)
            await media.keep_packets(address.stream_id, False)
            await media.keep_packets(12345, True)
        assert seqs(tmp_path / FILE) == list(range(20))

    asyncio.run(run())
