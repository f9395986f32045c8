"""1,000 calls at once through the real media process: is every packet on disk, and at what price?

`python -m bench.receiver [CALLS] [SECONDS]`. Two G.711 streams a call. The price is the CPU time of the
receiving process, its syncing threads included, for each packet, beside a bare loop that receives and does
nothing, with the same number of sockets, the same sender and the same core in the same run. The sender
runs on core 1, receivers on core 0. On loopback the kernel's work for a packet is the sender's.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.report import report
from bench.rtp_sender import PACKET_MS
from fonoteka.capture.media import MediaProcess
from fonoteka.capture.receiver import TICK_NS
from fonoteka.settings import Settings
from fonoteka.wire.rtpdump import record_offsets

RECEIVER_CORE = 0
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def main() -> int:
    """See the module."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 5.0
    streams = 2 * calls
    tick_ms = TICK_NS // 1_000_000
    bare_us, bare_lost = _bare(streams, seconds, tick_ms)
    figures = asyncio.run(_through_the_media_process(streams, seconds))
    at_once_us, _ = _bare(streams, seconds, 0)
    bare_again_us, bare_lost_again = _bare(streams, seconds, tick_ms)
    bare_us = (bare_us + bare_again_us) / 2
    figures |= {
        "bare_us_per_packet": round(bare_us, 2),
        "bare_lost_packets": bare_lost + bare_lost_again,
        "bare_without_tick_us_per_packet": round(at_once_us, 2),
        "times_bare": round(figures["us_per_packet"] / bare_us, 2),
    }
    print(
        f"{calls:,} calls, {streams:,} G.711 streams of {1000 // PACKET_MS} packets a second, {seconds:g} s"
    )
    goals = {"lost_packets": ("==", 0.0), "times_bare": ("<=", 3.0)}
    return 0 if report("receiver", figures, goals) else 1


async def _through_the_media_process(streams: int, seconds: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        media = MediaProcess(
            Settings(data=root, sip="127.0.0.1:5060", media_port_min=20_000, media_port_max=60_000)
        )
        await media.start()
        assert media.pid is not None
        _pin(media.pid)
        zero = time.monotonic_ns()
        opened = [await media.open_stream(root, f"stream-{n}.rtpdump", zero) for n in range(streams)]
        sender = _Sender([one.rtp_port for one in opened], seconds)
        before_s = _cpu_s(media.pid)
        sent, late_ms = await asyncio.to_thread(sender.run)
        await asyncio.sleep(1)
        cpu_s = _cpu_s(media.pid) - before_s
        rss = _rss_bytes(media.pid)
        await asyncio.gather(*(media.close_stream(one.stream_id) for one in opened))
        await media.stop()
        files = [root / f"stream-{n}.rtpdump" for n in range(streams)]
        on_disk = sum(len(record_offsets(file.read_bytes())[0]) for file in files)
    return {
        "sent_packets": sent,
        "lost_packets": sent - on_disk,
        "sender_late_ms": late_ms,
        "core_percent": round(100 * cpu_s / seconds, 1),
        "rss_megabytes": round(rss / 1e6, 1),
        "us_per_packet": round(cpu_s * 1e6 / sent, 2),
    }


def _bare(streams: int, seconds: float, tick_ms: int) -> tuple[float, int]:
    """CPU µs a packet and lost packets of the bare loop."""
    command = [sys.executable, "-m", "bench.bare_loop", str(streams), str(tick_ms)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as loop:
        assert loop.stdin
        assert loop.stdout
        ports = [int(port) for port in loop.stdout.readline().split()]
        _pin(loop.pid)
        sender = _Sender(ports, seconds)
        before_s = _cpu_s(loop.pid)
        sent, _ = sender.run()
        time.sleep(0.5)
        cpu_s = _cpu_s(loop.pid) - before_s
        loop.stdin.close()
        received = int(loop.stdout.readline())
    return cpu_s * 1e6 / sent, sent - received


class _Sender:
    """A sender process, ready to send."""

    def __init__(self, ports: list[int], seconds: float) -> None:
        command = [sys.executable, "-m", "bench.rtp_sender", str(seconds), *map(str, ports)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self._process.stdout.readline()

    def run(self) -> tuple[int, int]:
        """Send; returns the packets sent and the worst lateness in ms."""
        answer, _ = self._process.communicate("go\n")
        sent, late_ms = answer.split()
        return int(sent), int(late_ms)


def _pin(pid: int) -> None:
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {RECEIVER_CORE})


def _cpu_s(pid: int) -> float:
    """User and system time of all threads (proc(5))."""
    values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(values[11]) + int(values[12])) / TICKS_A_SECOND


def _rss_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
