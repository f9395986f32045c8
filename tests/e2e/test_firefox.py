"""The player in Firefox: it plays, both parties are heard, one seeks and listens faster."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import StorageState

from tests.e2e.conftest import Demo
from tests.e2e.firefox import Firefox, open_firefox
from tests.e2e.listening import AUDIBLE, EAVESDROP, INK, LOUDNESS, PACE, speaks_alone

pytestmark = [
    pytest.mark.needs("firefox-esr", "firefox-esr"),
    pytest.mark.needs("pulseaudio", "pulseaudio"),
    pytest.mark.needs("chromium", "chromium"),
]

_AUDIO = "document.querySelector('call-player').audio"


def _seek(firefox: Firefox, seconds: float, whole: float) -> None:
    firefox.click("[data-wave]", across=seconds / whole)
    firefox.wait_until(f"!{_AUDIO}.seeking && Math.abs({_AUDIO}.currentTime - {seconds}) < 1")


def test_the_player_works_in_firefox(demo: Demo, signed_in: StorageState, tmp_path: Path) -> None:
    call = demo.call_with("+78127654321")
    recording, whole = call["recordings"][0]["id"], call["recordings"][0]["duration_ms"] / 1000
    with open_firefox(tmp_path / "profile") as firefox:
        firefox.take_cookies([dict(one) for one in signed_in["cookies"]], demo.service.url)
        firefox.before_each_page(EAVESDROP)
        firefox.go(f"{demo.service.url}/calls/{call['id']}")
        firefox.wait_until("document.querySelector('call-player.drawn')")
        assert min(firefox.ask(INK)) > 1000
        assert "format=opus" in firefox.ask(f"{_AUDIO}.src")

        firefox.click("[data-play]")
        firefox.wait_until(f"{_AUDIO}.currentTime > 1")
        firefox.wait_until("document.querySelector('[data-time]').textContent != '0:00'")
        for channel in (0, 1):
            _seek(firefox, speaks_alone(demo, recording, channel), whole)
            assert firefox.ask(f"({LOUDNESS})()") > AUDIBLE
        firefox.click("[data-channel='1'] [data-mute]")
        _seek(firefox, speaks_alone(demo, recording, 1), whole)
        assert firefox.ask(f"({LOUDNESS})()") < AUDIBLE / 10

        _seek(firefox, 2, whole)
        assert firefox.ask(f"({PACE})(1000)") == pytest.approx(1, abs=0.35)
        firefox.click("[data-rate='2']")
        assert firefox.ask(f"({PACE})(1000)") == pytest.approx(2, abs=0.5)
        firefox.press("Space")
        firefox.wait_until(f"{_AUDIO}.paused")
        before = firefox.ask(f"{_AUDIO}.currentTime")
        firefox.press("ArrowRight")
        firefox.wait_until(f"Math.abs({_AUDIO}.currentTime - {before + 5}) < 0.2")
        firefox.press("ArrowLeft")
        firefox.wait_until(f"Math.abs({_AUDIO}.currentTime - {before}) < 0.2")
        assert firefox.troubles == []
