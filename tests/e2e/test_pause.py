"""A call in progress is paused from the page: nothing of the gap reaches a disk, and its reason is shown."""

from __future__ import annotations

import io
import re
import signal
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Opener, sign_in
from tests.e2e.placing import tone
from tests.service import Service

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]
PAUSE_S = 3
PATIENCE_MS = 30_000
HUNG_UP = 130


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("paused") / "data")
    service.data.mkdir()
    service.up()
    yield service
    service.down()


def loudness(service: Service, recording_id: str, since_s: float, until_s: float) -> float:
    status, _, body = service.fetch(f"/recordings/{recording_id}/audio?format=wav")
    assert status == 200
    with wave.open(io.BytesIO(body)) as file:
        rate, channels = file.getframerate(), file.getnchannels()
        sound = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, channels)
    return float(np.abs(sound[int(since_s * rate) : int(until_s * rate)]).max())


def test_a_pause_with_its_reason_and_its_own_end(open_page: Opener, fresh: Service, tmp_path: Path) -> None:
    page: Page = open_page(fresh)
    sign_in(page)
    expect(page.locator(".recorder").first).to_be_visible()
    page.goto("/calls?period=today")  # without any call the list is a page that teaches
    voice = tone(tmp_path / "voice.wav", (30.0, 500))
    numbers = ("--calling", "+79005550000", "--called", "109", "--duration", "90")
    caller = fresh.start(
        *("fonoteka", "call", "--srs", f"sip:{fresh.sip}", *numbers),
        *("--audio-calling", str(voice), "--audio-called", str(voice)),
    )
    live = page.locator("[data-live]")
    expect(live).to_contain_text("being recorded", timeout=PATIENCE_MS)
    recording_id = live.get_attribute("data-live")
    assert recording_id
    live.get_by_text("Pause the recording").click()
    live.get_by_label("Why").fill("card data")
    button = live.get_by_role("button", name="for 1 minute")
    button.evaluate(f"button => button.dataset.seconds = '{PAUSE_S}'")
    button.click()
    expect(live).to_contain_text(re.compile(r"paused until .*: card data"))
    expect(live).to_contain_text("being recorded", timeout=PATIENCE_MS)
    page.wait_for_timeout(3_000)  # of sound after the pause
    assert caller.poll() is None, "the call goes on as if nothing was"
    caller.send_signal(signal.SIGINT)
    assert caller.wait(60) == HUNG_UP
    (call,) = fresh.calls(1)
    (mark,) = call["recordings"][0]["marks"]
    assert (mark["kind"], mark["reason"]) == ("pause", "card data")
    assert 1000 * PAUSE_S - 300 < mark["until_ms"] - mark["since_ms"] < 1000 * PAUSE_S + 1500
    gap = (mark["since_ms"] / 1000 + 0.2, mark["until_ms"] / 1000 - 0.2)
    assert loudness(fresh, recording_id, *gap) < 50
    assert loudness(fresh, recording_id, gap[1] + 1, gap[1] + 2) > 2000
    page.goto(f"/calls/{call['id']}")
    expect(page.get_by_role("list", name="Where there is silence")).to_contain_text("Recording paused")
    expect(page.get_by_role("list", name="Where there is silence")).to_contain_text("card data")
    expect(page.locator(".marks rect.quiet")).to_have_count(1)
