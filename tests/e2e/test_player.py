"""The call page plays: time runs, both parties are heard, and every control does what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Demo
from tests.e2e.listening import AUDIBLE, EAVESDROP, INK, LOUD, LOUDNESS, PACE, QUIET, speaks_alone
from tests.e2e.placing import place, tone

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]

CLIENT, AGENT = 0, 1  # channels of an incoming call

# Loudness of both channels of the file where that party alone speaks, by the peaks.
_IN_THE_FILE = """async ([loud, quiet]) => {
  const player = document.querySelector("call-player");
  const file = await (await fetch(player.audio.currentSrc)).arrayBuffer();
  const sound = await new OfflineAudioContext(2, 1, 48000).decodeAudioData(file);
  const { tracks, interval_ms } = await (await fetch(player.dataset.peaks)).json();
  const step = sound.sampleRate * interval_ms / 1000;
  const channels = tracks.map((_, index) => sound.getChannelData(index));
  const loudness = tracks.map((track, speaker) => channels.map((samples) => {
    let [sum, count] = [0, 0];
    track.peaks.forEach((peak, place) => {
      const alone = tracks.every((other, index) => index === speaker || other.peaks[place] <= quiet);
      if (peak < loud || !alone) return;
      for (const one of samples.subarray(place * step, (place + 1) * step)) {
        [sum, count] = [sum + one * one, count + 1];
      }
    });
    return Math.sqrt(sum / count);
  }));
  return { parties: tracks.map((track) => track.party), seconds: sound.duration, loudness };
}"""


def player(page: Page) -> Locator:
    return page.locator("call-player")


def time_of(page: Page) -> float:
    seconds: float = player(page).evaluate("(one) => one.audio.currentTime")
    return seconds


def arrives(page: Page, seconds: float, within: float = 0.1) -> None:
    """Wait until the sound, not only the picture, is at that second."""
    page.wait_for_function(
        """([place, within]) =>
          Math.abs(document.querySelector("call-player").audio.currentTime - place) < within""",
        arg=[seconds, within],
    )


def play(page: Page) -> None:
    player(page).get_by_role("button", name="Listen").click()
    page.wait_for_function("() => document.querySelector('call-player').audio.currentTime > 0")


def seek_by_click(page: Page, seconds: float) -> None:
    """Click into the wave where that second is."""
    wave = page.get_by_role("slider", name="Place in the call")
    box = wave.bounding_box()
    assert box
    whole = float(wave.get_attribute("aria-valuemax") or 0)
    wave.click(position={"x": seconds / whole * box["width"], "y": box["height"] / 2})


@pytest.fixture
def call(page: Page, demo: Demo) -> dict[str, Any]:
    """An incoming Russian call, its page open and drawn."""
    page.context.add_init_script(EAVESDROP)
    one = demo.call_with("+78127654321")
    page.goto(f"/calls/{one['id']}")
    page.locator("call-player.drawn").wait_for()
    return one


def test_the_wave_comes_without_the_sound(page: Page, demo: Demo) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/calls/{demo.call_with('+78127654321')['id']}")
    page.locator("call-player.drawn").wait_for()
    # Every listening is written down, so looking must not fetch the sound.
    assert [address for address in asked if "/audio?" in address] == []
    assert sum("/peaks" in address for address in asked) == 1
    inked = page.evaluate(INK)
    assert len(inked) >= 2
    assert min(inked) > 1000


@pytest.mark.usefixtures("call")
def test_time_runs_and_the_page_shows_it(page: Page) -> None:
    play(page)
    page.wait_for_function("() => document.querySelector('call-player').audio.currentTime > 1.2")
    expect(page.locator("[data-time]")).not_to_have_text("0:00")
    expect(player(page).get_by_role("button", name="Pause")).to_be_visible()
    slider = page.get_by_role("slider", name="Place in the call")
    assert float(slider.get_attribute("aria-valuenow") or 0) > 1
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"\d+ seconds?, \d+ seconds in all"))
    page.keyboard.press("Space")
    expect(player(page).get_by_role("button", name="Listen")).to_be_visible()
    held = time_of(page)
    assert page.evaluate(PACE, 300) == 0
    assert time_of(page) == held


def test_the_file_has_each_party_on_its_own_lane(page: Page, call: dict[str, Any]) -> None:
    heard = page.evaluate(_IN_THE_FILE, [LOUD, QUIET])
    assert heard["parties"] == ["calling", "called"]
    assert heard["seconds"] == pytest.approx(call["recordings"][0]["duration_ms"] / 1000, abs=0.05)
    for speaker in (CLIENT, AGENT):
        own, other = heard["loudness"][speaker][speaker], heard["loudness"][speaker][1 - speaker]
        assert own > AUDIBLE
        assert other < own / 20
    lanes = player(page).locator("[data-lane] .ell").all_inner_texts()
    assert lanes == ["Михаил Орлов", "Елена, контроль качества"]


def test_both_are_heard_and_a_muted_one_is_not(page: Page, demo: Demo, call: dict[str, Any]) -> None:
    recording = call["recordings"][0]["id"]
    moments = [speaks_alone(demo, recording, channel) for channel in (CLIENT, AGENT)]
    play(page)

    def loudness(party: int) -> float:
        seek_by_click(page, moments[party])
        found: float = page.evaluate(LOUDNESS)
        return found

    assert loudness(CLIENT) > AUDIBLE
    assert loudness(AGENT) > AUDIBLE
    page.get_by_role("button", name="Mute: Client").click()
    assert loudness(CLIENT) < AUDIBLE / 10
    assert loudness(AGENT) > AUDIBLE
    page.get_by_role("button", name="Mute: Agent").click()
    assert loudness(AGENT) < AUDIBLE / 10
    page.get_by_role("button", name="Mute: Client").click()
    assert loudness(CLIENT) > AUDIBLE
    page.get_by_role("slider", name="Volume: Client").fill("0")
    assert loudness(CLIENT) < AUDIBLE / 10


@pytest.mark.usefixtures("call")
def test_seeking_by_click_and_by_keys(page: Page) -> None:
    play(page)
    page.keyboard.press("Space")
    seek_by_click(page, 12)
    arrives(page, 12, 0.2)
    expect(page.locator("[data-time]")).to_have_text(re.compile(r"0:1[12]"))
    at = time_of(page)
    page.keyboard.press("ArrowRight")
    arrives(page, at + 5)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    arrives(page, at - 5)
    page.keyboard.press("Home")
    arrives(page, 0)
    page.keyboard.press("ArrowLeft")
    arrives(page, 0)
    page.get_by_role("button", name="Forward 5 seconds").click()
    arrives(page, 5)
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('call-player').audio.currentTime > 5.2")


@pytest.mark.usefixtures("call")
def test_keys_pressed_fast_are_all_counted(page: Page) -> None:
    play(page)
    page.keyboard.press("Space")
    for _ in range(8):
        seek_by_click(page, 12)
        for key in ("Right", "Left", "Left", "Left", "Right", "Right"):
            page.keyboard.press(f"Arrow{key}")
        expect(page.locator("[data-time]")).to_have_text(re.compile(r"0:1[12]"))
        arrives(page, 12, 0.2)


@pytest.mark.usefixtures("call")
def test_speed(page: Page) -> None:
    play(page)
    assert page.evaluate(PACE, 1000) == pytest.approx(1, abs=0.35)
    page.get_by_role("button", name="2×", exact=True).click()
    assert page.evaluate(PACE, 1000) == pytest.approx(2, abs=0.5)
    page.keyboard.press("[")
    page.keyboard.press("[")
    expect(page.get_by_role("button", name="1.25×")).to_have_attribute("aria-pressed", "true")
    for _ in range(5):
        page.keyboard.press("[")
    assert page.evaluate(PACE, 1000) == pytest.approx(0.5, abs=0.25)
    # The next call is heard at the speed that this person likes.
    page.keyboard.press("j")
    page.locator("call-player.drawn").wait_for()
    expect(page.get_by_role("button", name="0.5×")).to_have_attribute("aria-pressed", "true")


def test_skipping_silence_shortens(page: Page, demo: Demo, tmp_path: Path) -> None:
    calling = tone(tmp_path / "calling.wav", (0.5, 440), (3.5, 0))
    called = tone(tmp_path / "called.wav", (3.5, 0), (0.5, 660))
    quiet = place(demo.service, "Тихий Дон", calling, called)
    page.goto(f"/calls/{quiet['id']}")
    page.locator("call-player.drawn").wait_for()
    expect(page.locator("[data-saved]")).to_have_text("−0:02")
    page.keyboard.press("s")
    expect(page.get_by_label("Skip silence")).to_be_checked()
    took = page.evaluate(
        """async () => {
          const player = document.querySelector("call-player");
          const ended = new Promise((done) => player.audio.addEventListener("ended", done));
          player.querySelector("[data-play]").click();
          const start = performance.now();
          await ended;
          return (performance.now() - start) / 1000;
        }"""
    )
    assert 1 < took < 3.4


def test_a_link_to_a_moment_starts_there(page: Page, call: dict[str, Any]) -> None:
    page.goto("about:blank")
    page.goto(f"/calls/{call['id']}#t=0:13")
    page.locator("call-player.drawn").wait_for()
    expect(page.locator("[data-time]")).to_have_text("0:13")
    play(page)
    assert time_of(page) >= 13
    page.evaluate("location.hash = '#t=4'")
    page.wait_for_function("() => document.querySelector('call-player').audio.currentTime < 8")
    page.keyboard.press("Space")
    seek_by_click(page, 20.5)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Link to moment").click()
    expect(page.locator("[data-moment]")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{page.url.partition('#')[0]}#t=20"


@pytest.mark.parametrize(
    ("name", "suffix", "begins"), [("Opus", "opus", b"OggS"), ("MP3", "mp3", b""), ("WAV", "wav", b"RIFF")]
)
@pytest.mark.usefixtures("call")
def test_downloads_have_names_that_people_can_read(
    page: Page, tmp_path: Path, name: str, suffix: str, begins: bytes
) -> None:
    page.locator("summary", has_text="Download").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name=name).first.click()
    download = waiting.value
    wanted = rf"\d{{4}}-\d\d-\d\d_\d\d-\d\d_\+78127654321_102\.{suffix}"
    assert re.fullmatch(wanted, download.suggested_filename)
    download.save_as(tmp_path / "audio")
    data = (tmp_path / "audio").read_bytes()
    assert len(data) > 20_000
    assert data.startswith(begins)
    if suffix == "mp3":
        assert data.startswith(b"ID3") or (data[0] == 0xFF and data[1] & 0xE0 == 0xE0)
