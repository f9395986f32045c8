"""The whole of Fonoteka on a real Asterisk, set up as our page says; killed and started again in mid-call."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from fonoteka.audio.decode import decode_opus
from tests.interop.asterisk_following import leftovers_of
from tests.pbx import Pbx, SetUpPage
from tests.service import Service, wait_for
from tests.softphones import Phone, loudest_hz, pause

pytestmark = [
    pytest.mark.needs("baresip", "baresip"),
    pytest.mark.needs_root,
    pytest.mark.timeout(600),
]


@pytest.fixture
def configured(service: Service, pbx: Pbx, page: SetUpPage) -> Iterator[Service]:
    """Fonoteka not yet started, its `fonoteka.toml` as the page has it."""
    text = page.files["fonoteka.toml"].replace("8088", str(pbx.ari_port))
    (service.data / "fonoteka.toml").write_text(text, "utf-8")
    yield service
    service.down()
    assert leftovers_of(pbx) == []


def log_of(service: Service) -> str:
    return "".join(path.read_text("utf-8", "replace") for path in sorted(service.data.parent.glob("*.log")))


def test_five_minutes_to_the_first_call_in_the_list(
    configured: Service, anna: Phone, boris: Phone, mobile: Phone
) -> None:
    configured.up()
    wait_for(lambda: "following, 0 calls in progress" in log_of(configured), 15)
    mobile.dial("74950000101")
    pause(3)
    mobile.hang_up()
    (call,) = configured.calls(1)
    assert call["direction"] == "incoming"
    assert [one["number"] for one in call["participants"]] == [mobile.number, "101"]
    (recording,) = call["recordings"]
    status, _, audio = configured.fetch(f"/recordings/{recording['id']}/audio")
    assert status == 200
    channels, rate_hz = decode_opus(audio)
    assert rate_hz == 8000
    assert [loudest_hz(one[len(one) // 4 : len(one) // 2]) for one in channels] == [
        mobile.tone_hz,
        anna.tone_hz,
    ]
    recorder_killed_in_mid_call(configured, anna)


def recorder_killed_in_mid_call(service: Service, anna: Phone) -> None:
    """It is started again by itself, and the call, one in list and ledger, goes on in a second recording."""
    anna.dial("102")
    wait_for(lambda: streams_of(service) == 2)
    pause(1.5)
    (recorder,) = service.children("fonoteka recorder")
    os.kill(recorder, signal.SIGKILL)
    wait_for(lambda: log_of(service).count("following") == 2, 20)
    wait_for(lambda: streams_of(service) == 2)
    pause(1.5)
    anna.hang_up()
    (call,) = wait_for(lambda: [one for one in service.calls(2) if len(one["recordings"]) == 2], 40)
    first, second = sorted(call["recordings"], key=lambda one: one["started_at"])
    assert [first["end_reason"], second["end_reason"]] == ["interrupted", "bye"]
    assert [one["number"] for one in call["participants"]] == ["101", "102"]
    known = [one for one in service.get("/ledger")["items"] if one["id"] == call["id"]]
    assert [one["outcome"] for one in known] == ["recorded"]
    first_ends_at = datetime.fromisoformat(first["started_at"]) + timedelta(milliseconds=first["duration_ms"])
    gap = datetime.fromisoformat(second["started_at"]) - first_ends_at
    print(f"gap {gap.total_seconds():.2f} s")
    assert timedelta(0) < gap < timedelta(seconds=15)


def streams_of(service: Service) -> int:
    """Streams in progress that bring something."""
    found = (service.data / "spool" / "open").rglob("*.rtpdump")
    return sum(one.stat().st_size > 1000 for one in found)
