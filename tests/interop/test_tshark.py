"""tshark, a dissector that we did not write, finds nothing wrong with what both our ends say."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.service import Service, wait_for

pytestmark = [pytest.mark.needs("tshark", "tshark"), pytest.mark.needs_root]


def test_a_call_is_well_formed_on_the_wire(service: Service, tmp_path: Path) -> None:
    service.up()
    capture, told = tmp_path / "call.pcap", tmp_path / "tshark.txt"
    port = service.sip.rpartition(":")[2]
    with told.open("w") as log:
        tshark = subprocess.Popen(
            ["tshark", "-i", "lo", "-f", f"udp port {port}", "-w", str(capture), "-a", "duration:60"],
            stderr=log,
        )
    try:
        wait_for(lambda: "Capturing on" in told.read_text() and capture.exists())
        service.run(
            "call", "--srs", f"sip:{service.sip}", "--calling", "101", "--called", "102", "--duration", "1"
        )
        wait_for(lambda: len(_messages(capture, port)) >= 5)
    finally:
        tshark.terminate()
        tshark.wait(20)

    messages = _messages(capture, port)
    lines = [_first(one, "sip.Request-Line") or _first(one, "sip.Status-Line") for one in messages]
    said = [line.split()[0] if not line.startswith("SIP/") else line.split()[1] for line in lines]
    assert [word for word in said if word != "100"] == ["INVITE", "200", "ACK", "BYE", "200"]
    for one in messages:
        assert "_ws.malformed" not in one["_source"]["layers"], one
        errors = [value for key, value in _flat(one) if key == "_ws.expert.severity" and value == "8388608"]
        assert errors == [], one
    (answer,) = [one for one, word in zip(messages, said, strict=True) if word == "200" and _has(one, "sdp")]
    attributes = [value for key, value in _flat(answer) if key == "sdp.media_attr"]
    assert attributes.count("recvonly") == 2
    assert [value for value in attributes if value.startswith("label:")] == ["label:1", "label:2"]


def _messages(capture: Path, port: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        ["tshark", "-r", str(capture), "-d", f"udp.port=={port},sip", "-Y", "sip", "-T", "json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout or "[]", object_pairs_hook=_pairs)
    except ValueError:
        return []
    return found


class _Twice(list):  # type: ignore[type-arg]
    """Values of a key that tshark's JSON repeats."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for key, value in pairs:
        if key not in merged:
            merged[key] = value
        elif isinstance(merged[key], _Twice):
            merged[key].append(value)
        else:
            merged[key] = _Twice([merged[key], value])
    return merged


def _flat(value: Any, key: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [pair for name, inner in value.items() for pair in _flat(inner, name)]
    if isinstance(value, list):
        return [pair for inner in value for pair in _flat(inner, key)]
    return [(key, value)]


def _first(message: dict[str, Any], key: str) -> str:
    return next((value for name, value in _flat(message) if name == key), "")


def _has(message: dict[str, Any], protocol: str) -> bool:
    return any(name.startswith(f"{protocol}.") for name, _ in _flat(message))
