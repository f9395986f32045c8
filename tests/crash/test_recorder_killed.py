"""kill -9 of the recorder in mid-call: what had come until 100 ms before is there, marked interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from datetime import datetime

from tests.service import Service, wait_for

LOST_MS_MAX = 100
# The clock is read after the signal, and a packet is due up to 20 ms after the one before.
SLACK_MS = 60
SOME_BYTES = 12_000
"""Of a stream with more than a second of sound."""


def _start_call(service: Service, seconds: int) -> subprocess.Popen[bytes]:
    return service.start(
        *("fonoteka", "call", "--srs", f"sip:{service.sip}", "--calling", "101", "--called", "+74951234567"),
        *("--duration", str(seconds)),
    )


def _streams(service: Service) -> list[int]:
    """Sizes of the streams being written."""
    return [path.stat().st_size for path in (service.data / "spool" / "open").glob("*/stream-*.rtpdump")]


def _spoken_for(service: Service, bytes_min: int) -> bool:
    sizes = _streams(service)
    return len(sizes) == 2 and min(sizes) >= bytes_min


def test_both_processes_killed(service: Service) -> None:
    service.up()
    _start_call(service, 60)
    wait_for(lambda: _spoken_for(service, SOME_BYTES))
    victims = service.children("fonoteka recorder") + service.children("fonoteka.capture.media_process")
    assert len(victims) >= 2, "signalling and media"
    before = min(_streams(service))
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    killed_at = time.time()

    (call,) = service.calls(1)
    (recording,) = call["recordings"]
    assert recording["state"] == "ready"
    assert recording["end_reason"] == "interrupted"
    assert before > 0
    began_at = _epoch(recording["started_at"])
    missing_ms = 1000 * (killed_at - began_at) - recording["duration_ms"]
    assert missing_ms <= LOST_MS_MAX + SLACK_MS
    assert [track["lost_packets"] for track in recording["tracks"]] == [0, 0]
    # The recorder is back and takes calls.
    service.run(
        "call", "--srs", f"sip:{service.sip}", "--calling", "102", "--called", "103", "--duration", "1"
    )
    service.calls(2)


def test_media_process_killed_the_call_goes_on(service: Service) -> None:
    service.up()
    call = _start_call(service, 6)
    wait_for(lambda: _spoken_for(service, 20_000))
    (victim,) = service.children("fonoteka.capture.media_process")
    os.kill(victim, signal.SIGKILL)
    assert call.wait(60) == 0

    (one,) = service.calls(1)
    (recording,) = one["recordings"]
    assert recording["end_reason"] == "bye"
    assert abs(recording["duration_ms"] - 6000) <= 20
    # Lost: the time until a new media process had the ports, and what the old one had not written.
    for track in recording["tracks"]:
        assert track["lost_packets"] * 20 <= 3000
        assert track["packets"] * 20 >= 3000


def test_ctrl_c_seals_calls_in_progress(service: Service) -> None:
    service.up()
    _start_call(service, 60)
    wait_for(lambda: _spoken_for(service, SOME_BYTES))
    serve = service.processes[0]
    serve.send_signal(signal.SIGINT)
    assert serve.wait(60) == 0
    assert not list((service.data / "spool" / "open").iterdir())

    service.up()
    (call,) = service.calls(1)
    (recording,) = call["recordings"]
    assert recording["end_reason"] == "shutdown"
    assert recording["duration_ms"] >= 1000


def test_the_supervisor_killed_takes_its_parts_along(service: Service) -> None:
    service.up()
    parts = service.children("fonoteka")[1:]
    assert len(parts) >= 4
    service.processes[0].kill()
    service.processes[0].wait()
    wait_for(lambda: not any(_alive(pid) for pid in parts))


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - vanishes at any moment
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
