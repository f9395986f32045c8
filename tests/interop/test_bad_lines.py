"""Calls over bad lines, by our own client: loss, jitter, reordering, duplicates; the time stays right."""

from __future__ import annotations

import json

import pytest

from tests.service import Service

SECONDS = 20


@pytest.mark.parametrize("codec", ["pcma", "pcmu", "g722", "opus"])
def test_loss_and_jitter_do_not_bend_time(service: Service, codec: str) -> None:
    service.up()
    printed = service.run(
        *("call", "--srs", f"sip:{service.sip}", "--calling", "101", "--called", "+74951234567", "--json"),
        *("--duration", str(SECONDS), "--codec", codec, "--loss", "5%", "--jitter", "50ms"),
    )
    report = json.loads(printed)
    lost = sum(stream["lost"] for stream in _streams(report))
    assert lost > 0
    (call,) = service.calls(1)
    (recording,) = call["recordings"]
    assert abs(recording["duration_ms"] - 1000 * SECONDS) <= 20
    assert sum(track["lost_packets"] for track in recording["tracks"]) == pytest.approx(lost, abs=2)
    assert all(track["packets"] > 0.9 * SECONDS * 50 for track in recording["tracks"])


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_many_calls_at_once_over_either_transport(service: Service, transport: str) -> None:
    service.up()
    service.run(
        *("call", "--srs", f"sip:{service.sip}", "--calling", "101", "--called", "102", "--duration", "3"),
        *("--count", "12", "--parallel", "6", "--transport", transport),
    )
    calls = service.calls(12)
    assert {call["direction"] for call in calls} == {"internal"}
    for call in calls:
        (recording,) = call["recordings"]
        assert recording["state"] == "ready"
        assert abs(recording["duration_ms"] - 3000) <= 20
        assert [track["lost_packets"] for track in recording["tracks"]] == [0, 0]


def _streams(report: dict) -> list[dict]:  # type: ignore[type-arg]
    calls = report.get("calls") or [report]
    return [stream for call in calls for stream in call["streams"]]
