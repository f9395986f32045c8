"""Calls over bad lines, by our own client: loss, jitter, reordering, duplicates; the time stays right."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.service import Service

SECONDS = 10
CODECS = {"101": "pcma", "102": "pcmu", "103": "g722", "104": "opus"}


def test_loss_and_jitter_do_not_bend_time(service: Service) -> None:
    """A call in each codec, all at once."""
    service.up()

    def place(calling: str) -> dict[str, Any]:
        printed = service.run(
            *(
                "call",
                "--srs",
                f"sip:{service.sip}",
                "--calling",
                calling,
                "--called",
                "+74951234567",
                "--json",
            ),
            *("--duration", str(SECONDS), "--codec", CODECS[calling], "--loss", "5%", "--jitter", "50ms"),
        )
        return json.loads(printed)  # type: ignore[no-any-return]

    with ThreadPoolExecutor(len(CODECS)) as together:
        reports = dict(zip(CODECS, together.map(place, CODECS), strict=True))
    calls = {_calling(call): call for call in service.calls(len(CODECS))}
    assert calls.keys() == CODECS.keys()
    for calling, codec in CODECS.items():
        lost = sum(stream["lost"] for stream in _streams(reports[calling]))
        assert lost > 0, codec
        (recording,) = calls[calling]["recordings"]
        assert abs(recording["duration_ms"] - 1000 * SECONDS) <= 20, codec
        told = sum(track["lost_packets"] for track in recording["tracks"])
        assert told == pytest.approx(lost, abs=2), codec
        assert all(track["packets"] > 0.9 * SECONDS * 50 for track in recording["tracks"]), codec


def test_many_calls_at_once_over_either_transport(service: Service) -> None:
    service.up()

    def place(transport: str) -> None:
        service.run(
            *(
                "call",
                "--srs",
                f"sip:{service.sip}",
                "--calling",
                "101",
                "--called",
                "102",
                "--duration",
                "3",
            ),
            *("--count", "6", "--parallel", "6", "--transport", transport),
        )

    with ThreadPoolExecutor(2) as together:
        list(together.map(place, ("udp", "tcp")))
    calls = service.calls(12)
    assert {call["direction"] for call in calls} == {"internal"}
    for call in calls:
        (recording,) = call["recordings"]
        assert recording["state"] == "ready"
        assert abs(recording["duration_ms"] - 3000) <= 20
        assert [track["lost_packets"] for track in recording["tracks"]] == [0, 0]


def _calling(call: dict[str, Any]) -> str:
    return next(one["number"] for one in call["participants"] if one["party"] == "calling")  # type: ignore[no-any-return]


def _streams(report: dict[str, Any]) -> list[dict[str, Any]]:
    calls = report.get("calls") or [report]
    return [stream for call in calls for stream in call["streams"]]
