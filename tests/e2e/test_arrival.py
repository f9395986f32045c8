"""The first minutes: signing in with a password, a list without calls, a recorder that stops.

None of this needs the demo's calls, so it runs while they are being spoken.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Opener, sign_in, take_picture
from tests.e2e.placing import place, tone
from tests.service import Service

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]

RECORDER_PATIENCE_MS = 40_000


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service without calls; the last test of this file places its first."""
    service = Service(tmp_path_factory.mktemp("fresh") / "data")
    service.data.mkdir()
    service.up()
    yield service
    service.down()


@pytest.fixture
def nobody(open_page: Opener, fresh: Service) -> Page:
    """A page of the service without calls; nobody has signed in."""
    return open_page(fresh)


def test_a_wrong_password_says_what_to_do(nobody: Page) -> None:
    sign_in(nobody, "not the password")
    refusal = nobody.get_by_role("alert")
    expect(refusal).to_contain_text("does not fit")
    expect(refusal).to_contain_text("attempts left")
    expect(nobody.get_by_text("Forgot the password? The administrator")).to_be_visible()
    expect(nobody.get_by_label("Login")).to_have_value("admin")
    expect(nobody.get_by_label("Password")).to_be_focused()
    expect(nobody.get_by_label("Password")).to_have_value("")
    sign_in(nobody)
    expect(nobody).to_have_url(f"{nobody.url.rpartition('/')[0]}/calls")
    expect(nobody.locator(".me")).to_contain_text("Administrator")


def test_sign_in_leads_to_where_one_wanted(nobody: Page) -> None:
    nobody.goto("/calls?direction=incoming&q=%D0%90%D0%BD%D0%BD%D0%B0")
    expect(nobody.get_by_role("heading", level=1)).to_have_text("Sign-in")
    nobody.get_by_label("Login").fill("admin")
    nobody.get_by_label("Password").fill("a pass phrase for tests")
    nobody.keyboard.press("Enter")
    expect(nobody.get_by_label("Search", exact=True)).to_have_value("Анна")
    expect(nobody.get_by_role("heading", name="No calls found")).to_be_visible()


def test_sign_out_leaves_nothing_behind(nobody: Page) -> None:
    sign_in(nobody)
    nobody.locator(".me > summary").click()
    nobody.get_by_role("button", name="Sign out").click()
    expect(nobody.get_by_role("heading", level=1)).to_have_text("Sign-in")
    nobody.go_back()
    expect(nobody.get_by_role("heading", level=1)).to_have_text("Sign-in")
    nobody.goto("/calls")
    expect(nobody).to_have_url(f"{nobody.url.rpartition('/')[0]}/sign-in")


def test_the_sign_in_page_speaks_both_languages(open_page: Opener, fresh: Service) -> None:
    russian = open_page(fresh, locale="ru-RU")
    russian.goto("/sign-in")
    expect(russian.locator("html")).to_have_attribute("lang", "ru")
    expect(russian.get_by_role("button", name="Войти")).to_be_visible()
    russian.get_by_role("button", name="English").click()
    expect(russian.get_by_role("button", name="Sign in")).to_be_visible()
    russian.reload()
    expect(russian.locator("html")).to_have_attribute("lang", "en")


def test_without_calls_it_says_how_to_get_them(nobody: Page, fresh: Service, pictures: Path) -> None:
    sign_in(nobody)
    expect(nobody.get_by_role("heading", level=1)).to_have_text("Calls will appear here")
    take_picture(nobody, pictures / "empty.png")
    expect(nobody.get_by_label("SIP address")).to_have_text(f"sip:{fresh.sip}")
    expect(nobody.get_by_label("Command")).to_have_text(f"fonoteka call --srs sip:{fresh.sip}")
    nobody.get_by_role("button", name="Copy").first.click()
    expect(nobody.get_by_role("button", name="Copied")).to_be_visible()
    expect(nobody.locator(".recorder:visible")).to_contain_text("Waiting for the first call")


@contextmanager
def standing_still(service: Service) -> Iterator[None]:
    """The recorder does nothing for a while, as a hung one would."""
    (recorder,) = service.children("fonoteka recorder")
    os.kill(recorder, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(recorder, signal.SIGCONT)


def test_a_stopped_recorder_is_told_in_red_and_by_itself(nobody: Page, fresh: Service) -> None:
    sign_in(nobody)
    recorder = nobody.locator(".side .recorder")
    expect(recorder).to_contain_text("Waiting for the first call")
    with standing_still(fresh):
        told = recorder.locator("p.bad")
        expect(told).to_contain_text("The recorder is not running", timeout=RECORDER_PATIENCE_MS)
        expect(told).to_contain_text("New calls are not recorded")
        assert redness(nobody, ".side .recorder p.bad") > 60
        nobody.get_by_role("link", name="Check again").click()
        expect(nobody.get_by_role("heading", name="The recorder is not running")).to_be_visible()
    deadline = time.monotonic() + 15
    while not fresh.is_up() and time.monotonic() < deadline:
        time.sleep(0.2)
    expect(recorder).to_contain_text("Waiting for the first call", timeout=RECORDER_PATIENCE_MS)


def test_the_first_call_turns_the_empty_page_into_the_list(
    nobody: Page, fresh: Service, tmp_path: Path
) -> None:
    sign_in(nobody)
    expect(nobody.get_by_role("heading", level=1)).to_have_text("Calls will appear here")
    beep = tone(tmp_path / "beep.wav", (1, 500))
    place(fresh, "Первая Ласточка", beep, beep)
    expect(nobody.locator("#calls [data-call]")).to_have_count(1)
    expect(nobody.locator("#calls a.who")).to_contain_text("Первая Ласточка")


def redness(page: Page, selector: str) -> float:
    """How much more red than green and blue the text is, 0–255."""
    red, green, blue = page.locator(selector).evaluate(
        """(element) => {
          const context = new OffscreenCanvas(1, 1).getContext("2d");
          context.fillStyle = getComputedStyle(element).color;
          context.fillRect(0, 0, 1, 1);
          return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
        }"""
    )
    return float(red) - max(float(green), float(blue))
