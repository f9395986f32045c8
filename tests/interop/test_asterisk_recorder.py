"""The whole of Fonoteka on a real Asterisk, set up as our page says; killed and started again in mid-call."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from fonoteka.audio.decode import decode_opus
from fonoteka.domain.recording import EndReason
from fonoteka.pipeline.spooled import read_manifest
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


def test_five_minutes_to_the_first_call_in_the_list(configured: Service, anna: Phone, mobile: Phone) -> None:
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


def test_recorder_killed_in_mid_call_goes_on_with_a_second_recording(
    configured: Service, anna: Phone, boris: Phone
) -> None:
    recorder = configured.start("fonoteka", "recorder")
    wait_for(lambda: "following" in log_of(configured), 15)
    anna.dial("102")
    pause(2)
    os.kill(recorder.pid, signal.SIGKILL)
    recorder.wait()
    configured.start("fonoteka", "recorder")
    wait_for(lambda: log_of(configured).count("following") == 2, 15)
    pause(2)
    anna.hang_up()
    folders = wait_for(lambda: both_sealed(configured), 15)
    first, second = map(read_manifest, folders)
    assert first.end_reason is EndReason.INTERRUPTED
    assert second.end_reason is EndReason.BYE
    assert first.external_id == second.external_id != ""
    for manifest, folder in zip((first, second), folders, strict=True):
        assert len(manifest.streams) == 2
        assert all((folder / one.file).stat().st_size > 10_000 for one in manifest.streams)


def both_sealed(service: Service) -> list[Path]:
    found = sorted((service.data / "spool" / "sealed").iterdir())
    return found if len(found) == 2 else []
