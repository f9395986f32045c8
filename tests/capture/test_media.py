"""The media process: what is sent to a stream's port is in its file, whatever else happens."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from fonoteka.capture import media as media_module
from fonoteka.capture.disk_sync import ONE_BY_ONE_MAX
from fonoteka.capture.media_protocol import MediaCounts
from fonoteka.capture.received_stream import BURST_MAX, DATAGRAM_BYTES_MAX, RATE_MAX
from fonoteka.domain.errors import MediaProcessLost, PortsExhausted
from tests.capture.streams import (
    LOOPBACK,
    media_process,
    records,
    rtp,
    send_paced,
    sender,
    seqs,
    until,
)

FILE = "stream-0.rtpdump"
SENDER_REPORT = bytes.fromhex("80c80006") + bytes(24)


def test_packets_arrive_whole_in_order_and_on_time(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            zero = time.monotonic_ns()
            address = await media.open_stream(tmp_path, FILE, zero)
            sent_at: dict[int, float] = {}
            await send_paced(address.rtp_port, 100, 50, sent_at)
            await media.close_stream(address.stream_id)
        found = records(tmp_path / FILE)
        assert [data for _, _, data in found] == [rtp(seq) for seq in range(100, 150)]
        late_ms = [
            offset - (sent_at[seq] * 1000 - zero / 1e6)
            for seq, (offset, _, _) in zip(range(100, 150), found, strict=True)
        ]
        assert min(late_ms) > -2
        # The earliest packets lay the stream on the clock; two parties may be 20 ms apart.
        assert min(late_ms) < 20
        mode = (tmp_path / FILE).stat().st_mode
        assert stat.S_IMODE(mode) == 0o600

    asyncio.run(run())


def test_rtcp_on_its_port_or_the_same_and_never_a_packet_back(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            address = await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            assert address.rtp_port % 2 == 0
            with sender() as out, sender() as unannounced:
                out.sendto(rtp(1), (LOOPBACK, address.rtp_port))
                out.sendto(SENDER_REPORT, (LOOPBACK, address.rtp_port))
                out.sendto(SENDER_REPORT, (LOOPBACK, address.rtp_port + 1))
                unannounced.sendto(rtp(2), (LOOPBACK, address.rtp_port))
                await media.close_stream(address.stream_id)
                for one in (out, unannounced):
                    with pytest.raises(BlockingIOError):
                        one.recv(2048)
        assert sorted(length for _, length, _ in records(tmp_path / FILE)) == [0, 0, 172, 172]
        assert sorted(seqs(tmp_path / FILE)) == [1, 2]

    asyncio.run(run())


def test_killed_media_process_goes_on_in_the_same_file(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            addresses = [
                await media.open_stream(tmp_path, f"stream-{n}.rtpdump", time.monotonic_ns())
                for n in range(3)
            ]
            sent: list[dict[int, float]] = [{} for _ in addresses]
            sending = [
                asyncio.create_task(send_paced(one.rtp_port, 0, 150, notes))
                for one, notes in zip(addresses, sent, strict=True)
            ]
            await asyncio.sleep(1.2)
            victim = media.pid
            assert victim is not None
            os.kill(victim, signal.SIGKILL)
            killed_at = time.monotonic()
            await until(lambda: media.pid not in (None, victim))
            assert time.monotonic() - killed_at < 1.0
            await asyncio.gather(*sending)
            for one in addresses:
                await media.close_stream(one.stream_id)
            assert media.statistics.restarts == 1
        for number, notes in enumerate(sent):
            file = tmp_path / f"stream-{number}.rtpdump"
            missing = set(range(150)) - set(seqs(file))
            # Packets that came while no process was there waited in the kernel.
            assert all(killed_at - 0.1 <= notes[seq] <= killed_at for seq in missing), missing
            assert seqs(file) == sorted(seqs(file))

    asyncio.run(run())


RECORDER = """
import asyncio, sys, time
from pathlib import Path
from tests.capture.streams import media_process

async def run():
    folder = Path(sys.argv[1])
    async with media_process(folder) as media:
        address = await media.open_stream(folder, "stream-0.rtpdump", time.monotonic_ns())
        print(address.rtp_port, media.pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(run())
"""


def test_killed_recorder_loses_nothing_that_had_come(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RECORDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as recorder:
        assert recorder.stdout
        port, media_pid = map(int, recorder.stdout.readline().split())
        asyncio.run(send_paced(port, 0, 40))
        recorder.kill()
    asyncio.run(until(lambda: not Path(f"/proc/{media_pid}").exists()))
    assert seqs(tmp_path / FILE) == list(range(40))


def test_signals_of_a_terminal_are_left_to_the_recorder(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            address = await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            pid = media.pid
            assert pid is not None
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                os.kill(pid, number)
            await send_paced(address.rtp_port, 0, 5)
            await media.close_stream(address.stream_id)
            assert media.pid == pid
            assert media.statistics.restarts == 0
        assert seqs(tmp_path / FILE) == list(range(5))

    asyncio.run(run())


def test_hanging_media_process_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_module, "CHECK_S", 1.5)

    async def run() -> None:
        async with media_process(tmp_path) as media:
            address = await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            victim = media.pid
            assert victim is not None
            os.kill(victim, signal.SIGSTOP)
            await send_paced(address.rtp_port, 0, 10)
            await until(lambda: media.pid not in (None, victim))
            await media.close_stream(address.stream_id)
        assert seqs(tmp_path / FILE) == list(range(10))

    asyncio.run(run())


def test_ports_in_use_are_passed_over_and_their_end_is_told(tmp_path: Path) -> None:
    async def run() -> None:
        settings = {"media_port_min": 44000, "media_port_max": 44007}
        async with media_process(tmp_path, **settings) as media:
            with sender(44000), sender(44005):
                zero = time.monotonic_ns()
                first = await media.open_stream(tmp_path, "stream-0.rtpdump", zero)
                second = await media.open_stream(tmp_path, "stream-1.rtpdump", zero)
                assert {first.rtp_port, second.rtp_port} == {44002, 44006}
                with pytest.raises(PortsExhausted):
                    await media.open_stream(tmp_path, "stream-2.rtpdump", zero)
                await media.close_stream(first.stream_id)
                third = await media.open_stream(tmp_path, "stream-3.rtpdump", zero)
                assert third.rtp_port == 44002
                assert media.statistics.streams == 2

    asyncio.run(run())


def test_a_released_port_rests_as_long_as_possible(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path, media_port_min=44020, media_port_max=44029) as media:
            ports = []
            for number in range(7):
                one = await media.open_stream(tmp_path, f"stream-{number}.rtpdump", time.monotonic_ns())
                ports.append(one.rtp_port)
                await media.close_stream(one.stream_id)
            assert len(set(ports[:5])) == 5
            assert ports[5:] == ports[:2]

    asyncio.run(run())


def test_garbage_is_dropped_and_counted(tmp_path: Path) -> None:
    garbage = {
        "malformed": [b"", b"\x80", b"\x80\x08" + bytes(9), b"\x00\x01" + bytes(18), b"INVITE sip:x SIP/2.0"],
        "oversize": [rtp(1, bytes(65_507 - 12)), rtp(1, bytes(DATAGRAM_BYTES_MAX))],
    }

    async def run() -> None:
        async with media_process(tmp_path) as media:
            address = await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            with sender() as out:
                for datagrams in garbage.values():
                    for datagram in datagrams:
                        out.sendto(datagram, (LOOPBACK, address.rtp_port))
                out.sendto(rtp(5), (LOOPBACK, address.rtp_port))
                longest = rtp(6, bytes(DATAGRAM_BYTES_MAX - 12))
                out.sendto(longest, (LOOPBACK, address.rtp_port))
            await until(lambda: media.statistics.counts.packets == 2)
            counts = media.statistics.counts
            assert counts.malformed == len(garbage["malformed"])
            assert counts.oversize == len(garbage["oversize"])
            assert media.statistics.restarts == 0
            await media.close_stream(address.stream_id)
        assert [data for _, _, data in records(tmp_path / FILE)] == [rtp(5), longest]

    asyncio.run(run())


def test_a_flood_is_bounded_and_harms_no_other_stream(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            began = time.monotonic()
            flooded = await media.open_stream(tmp_path, "flooded.rtpdump", time.monotonic_ns())
            quiet = await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            with sender() as out:
                out.setblocking(True)
                for turn in range(60):
                    out.sendto(rtp(turn), (LOOPBACK, quiet.rtp_port))
                    for seq in range(100):
                        out.sendto(rtp(seq), (LOOPBACK, flooded.rtp_port))
                    await asyncio.sleep(0.02)
            for one in (flooded, quiet):
                await media.close_stream(one.stream_id)
            took_s = time.monotonic() - began
            await until(lambda: _accounted(media.statistics.counts) == 60 + 6000)
            assert media.statistics.counts.flood + media.statistics.counts.kernel > 0
        assert seqs(tmp_path / FILE) == list(range(60))
        assert len(seqs(tmp_path / "flooded.rtpdump")) <= BURST_MAX + RATE_MAX * took_s + 1

    asyncio.run(run())


def _accounted(counts: MediaCounts) -> int:
    return counts.packets + counts.flood + counts.kernel


def test_full_disk_harms_only_what_it_must(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the longer of two streams meets it."""

    async def run() -> None:
        async with media_process(tmp_path) as media:
            full = await media.open_stream(tmp_path, "full.rtpdump", time.monotonic_ns())
            well = await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            pid = media.pid
            assert pid is not None
            _limit_files(pid, 4_000)
            with sender() as out:
                for seq in range(40):
                    out.sendto(rtp(seq), (LOOPBACK, full.rtp_port))
            await send_paced(well.rtp_port, 0, 10)
            await until(lambda: media.statistics.failing_streams == {full.stream_id})
            stopped_at = (tmp_path / "full.rtpdump").stat().st_size
            assert stopped_at <= 4_000
            _limit_files(pid, resource.RLIM_INFINITY)
            await until(lambda: not media.statistics.failing_streams)
            await send_paced(full.rtp_port, 40, 10)
            for one in (full, well):
                await media.close_stream(one.stream_id)
            await until(lambda: media.statistics.counts.write_errors > 0)
            assert media.pid == pid
            assert media.statistics.counts.disk == 0
        assert seqs(tmp_path / FILE) == list(range(10))
        assert seqs(tmp_path / "full.rtpdump") == list(range(50))

    asyncio.run(run())


def test_disk_full_for_long_drops_the_oldest_and_counts(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            pid = media.pid
            assert pid is not None
            _limit_files(pid, 10)
            full = await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            with sender() as out:
                for seq in range(0, 600, 20):
                    for more in range(20):
                        out.sendto(rtp(seq + more), (LOOPBACK, full.rtp_port))
                    await asyncio.sleep(0.05)
            await until(lambda: media.statistics.counts.disk > 0)
            _limit_files(pid, resource.RLIM_INFINITY)
            await until(lambda: not media.statistics.failing_streams)
            await media.close_stream(full.stream_id)
            await until(lambda: media.statistics.counts.packets > 0)
            counts = media.statistics.counts
            assert counts.disk + counts.packets == 600
        found = seqs(tmp_path / FILE)
        assert found == list(range(600 - len(found), 600))
        assert len(found) > 200

    asyncio.run(run())


def _limit_files(pid: int, size: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_many_streams_are_synced_at_once(tmp_path: Path) -> None:
    async def run() -> None:
        count = ONE_BY_ONE_MAX + 4
        async with media_process(tmp_path, media_sync_s=0.1) as media:
            opened = await asyncio.gather(
                *(
                    media.open_stream(tmp_path, f"stream-{n}.rtpdump", time.monotonic_ns())
                    for n in range(count)
                )
            )
            assert len({one.rtp_port for one in opened}) == count
            await asyncio.gather(*(send_paced(one.rtp_port, 0, 20) for one in opened))
            await asyncio.gather(*(media.close_stream(one.stream_id) for one in opened))
            await until(lambda: media.statistics.counts.packets == 20 * count)
            assert media.statistics.counts.write_errors == 0
        for number in range(count):
            assert seqs(tmp_path / f"stream-{number}.rtpdump") == list(range(20))

    asyncio.run(run())


def test_closing_twice_at_once_or_what_is_unknown_is_no_error(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            one = await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            await asyncio.gather(media.close_stream(one.stream_id), media.close_stream(one.stream_id))
            await media.close_stream(one.stream_id)
            await media.close_stream(12345)
            assert media.statistics.streams == 0

    asyncio.run(run())


def test_closing_while_everything_ends_is_no_error(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            opened = [
                await media.open_stream(tmp_path, f"{n}.rtpdump", time.monotonic_ns()) for n in range(8)
            ]
            process = media.pid
            assert process is not None
            os.kill(process, signal.SIGSTOP)
            closing = [asyncio.create_task(media.close_stream(one.stream_id)) for one in opened]
            await asyncio.sleep(0.1)
            stopping = asyncio.create_task(media.stop())
            await asyncio.sleep(0)
            os.kill(process, signal.SIGKILL)
            await asyncio.gather(stopping, *closing)
            assert media.statistics.streams == 0

    asyncio.run(run())


def test_without_descriptors_a_stream_is_refused_and_the_next_is_not(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
            try:
                with pytest.raises(PortsExhausted, match=os.strerror(errno.EMFILE)):
                    await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            await media.open_stream(tmp_path, FILE, time.monotonic_ns())

    asyncio.run(run())


def test_a_request_that_cannot_be_sent_harms_no_other(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            pid = media.pid
            with pytest.raises(MediaProcessLost, match=os.strerror(errno.EMSGSIZE)):
                await media.open_stream(tmp_path, "x" * 1_000_000, time.monotonic_ns())
            await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            assert media.pid == pid

    asyncio.run(run())


def test_a_file_that_cannot_be_opened_costs_no_port(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path, media_port_min=44040, media_port_max=44041) as media:
            for _ in range(3):
                with pytest.raises(MediaProcessLost, match=os.strerror(errno.ENOENT)):
                    await media.open_stream(tmp_path / "nowhere", FILE, time.monotonic_ns())
            await media.open_stream(tmp_path, FILE, time.monotonic_ns())

    asyncio.run(run())


def test_a_cancelled_request_leaves_nothing_behind(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path, media_port_min=44060, media_port_max=44061) as media:
            asking = asyncio.create_task(media.open_stream(tmp_path, FILE, time.monotonic_ns()))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert media.statistics.streams == 0
            # The media process lets go of the only port a moment later.
            ports = []
            while not ports:
                with suppress(PortsExhausted):
                    one = await media.open_stream(tmp_path, "stream-1.rtpdump", time.monotonic_ns())
                    ports.append(one.rtp_port)
            assert ports == [44060]

    asyncio.run(run())


def test_closed_while_the_media_process_is_dead_the_file_is_whole(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            one = await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            await send_paced(one.rtp_port, 0, 10)
            await asyncio.sleep(0.2)
            assert media.pid is not None
            os.kill(media.pid, signal.SIGKILL)
            with sender() as out:
                out.sendto(rtp(10), (LOOPBACK, one.rtp_port))
            await media.close_stream(one.stream_id)
            other = await media.open_stream(tmp_path, "stream-1.rtpdump", time.monotonic_ns())
            await media.close_stream(other.stream_id)
        assert seqs(tmp_path / FILE) == list(range(11))
        assert seqs(tmp_path / "stream-1.rtpdump") == []

    asyncio.run(run())


def test_nothing_is_opened_after_the_end(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            pass
        with pytest.raises(MediaProcessLost):
            await media.open_stream(tmp_path, FILE, time.monotonic_ns())

    asyncio.run(run())


def test_streams_still_open_at_the_end_are_written(tmp_path: Path) -> None:
    async def run() -> None:
        async with media_process(tmp_path) as media:
            one = await media.open_stream(tmp_path, FILE, time.monotonic_ns())
            with sender() as out:
                out.sendto(rtp(1), (LOOPBACK, one.rtp_port))
        assert seqs(tmp_path / FILE) == [1]

    asyncio.run(run())
