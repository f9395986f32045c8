"""A profile chosen on the page of rules is what the next call is kept in, and Chromium plays it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo
from tests.e2e.placing import place, tone
from tests.e2e.test_player import play

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]

# The loudest sample of each channel of the file that the page plays, in the two halves of the call.
_LOUDEST = """async () => {
  const player = document.querySelector("call-player");
  const answer = await fetch(player.audio.currentSrc);
  const sound = await new OfflineAudioContext(2, 1, 48000).decodeAudioData(await answer.arrayBuffer());
  const half = sound.length / 2, edge = 0.25 * sound.sampleRate;
  const loudest = [0, 1].map((channel) => [0, half].map((start) => sound.getChannelData(channel)
    .subarray(start + edge, start + half - edge).reduce((most, one) => Math.max(most, Math.abs(one)), 0)));
  return { type: answer.headers.get("content-type"), seconds: sound.duration, loudest };
}"""


def choose(page: Page, profile: str) -> None:
    page.goto("/rules")
    page.get_by_label("Quality").select_option(profile)
    with page.expect_response("**/rules/save") as answer:
        page.get_by_role("button", name="Apply").click()
    assert answer.value.ok
    expect(page.locator("#panel")).to_be_hidden()


@pytest.mark.parametrize(
    ("profile", "media_type", "words"),
    [("compact", "audio/ogg", "compact"), ("lossless", "audio/flac", "lossless")],
)
def test_a_chosen_profile_is_kept_and_played(
    page: Page, demo: Demo, tmp_path: Path, profile: str, media_type: str, words: str
) -> None:
    choose(page, profile)
    try:
        call = place(
            demo.service,
            f"Quality {profile}",
            tone(tmp_path / "a.wav", (2, 440), (2, 0)),
            tone(tmp_path / "b.wav", (2, 0), (2, 700)),
        )
    finally:
        choose(page, "standard")
    (recording,) = call["recordings"]
    assert (recording["profile"], recording["codec"]) == (
        profile,
        "flac" if profile == "lossless" else "opus",
    )
    page.goto(f"/calls/{call['id']}")
    page.locator("call-player.drawn").wait_for()
    expect(page.locator(".kv").last).to_contain_text(words)
    play(page)
    page.wait_for_function("() => document.querySelector('call-player').audio.currentTime > 1")
    heard = page.evaluate(_LOUDEST)
    assert heard["type"] == media_type
    assert heard["seconds"] == pytest.approx(recording["duration_ms"] / 1000, abs=0.05)
    (first, then), (silent, speaks) = heard["loudest"]
    assert first > 0.1
    assert speaks > 0.1
    assert then < 0.002, "-54 dBFS"
    assert silent < 0.002
    seconds = page.evaluate(
        """async () => {
          const { audio } = document.querySelector("call-player");
          audio.currentTime = 2.5;
          await new Promise((done) => audio.addEventListener("seeked", done, { once: true }));
          await audio.play();
          await new Promise((done) => setTimeout(done, 300));
          return audio.currentTime;
        }"""
    )
    assert seconds > 2.5
