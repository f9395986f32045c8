"""What changes while one looks: new calls arrive, recordings are deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Demo, Opener
from tests.e2e.placing import place, tone

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]


@pytest.fixture
def beep(tmp_path: Path) -> Path:
    return tone(tmp_path / "beep.wav", (1, 500))


def row_of(page: Page, name: str) -> Locator:
    return page.locator("#calls [data-call]").filter(has_text=name)


def test_a_new_call_comes_by_itself(page: Page, demo: Demo, beep: Path) -> None:
    page.goto("/calls")
    before = page.locator("#calls [data-call]").count()
    page.evaluate("window.sameDocument = true")
    page.keyboard.press("j")
    page.keyboard.press("j")
    focused = page.locator(".row-c.cur").get_attribute("data-call")
    place(demo.service, "Новый Звонок", beep, beep)
    new = row_of(page, "Новый Звонок")
    expect(new.get_by_role("button", name="Listen")).to_be_visible()
    expect(new.locator("svg.strip")).to_be_visible()
    assert page.locator("#calls [data-call]").first.get_attribute("data-call") == new.get_attribute(
        "data-call"
    )
    expect(page.locator("#totals")).to_contain_text(f"{before + 1} calls")
    expect(page.locator("[data-day-count]").first).to_have_text(f"{before + 1} calls")
    # The person who reads stays where they were, in the same document.
    assert page.locator(".row-c.cur").get_attribute("data-call") == focused
    assert page.evaluate("window.sameDocument")


def test_new_calls_wait_behind_a_bar_while_one_reads(page: Page, demo: Demo, beep: Path) -> None:
    page.set_viewport_size({"width": 1200, "height": 300})
    page.goto("/calls")
    page.locator("#calls [data-call]").first.wait_for()
    page.evaluate("scrollTo(0, 200)")
    top = page.locator("#calls [data-call]").nth(4)
    stood = top.bounding_box()
    place(demo.service, "Пока Читали", beep, beep)
    bar = page.get_by_role("button", name="Show 1 new call")
    expect(bar).to_be_visible()
    expect(row_of(page, "Пока Читали")).to_have_count(0)
    assert top.bounding_box() == stood
    bar.click()
    expect(row_of(page, "Пока Читали")).to_be_in_viewport()
    expect(bar).to_be_hidden()


def test_a_call_that_does_not_fit_the_filters_stays_away(page: Page, demo: Demo, beep: Path) -> None:
    page.goto("/calls?direction=outgoing")
    place(demo.service, "Мимо Фильтра", beep, beep)
    with page.expect_response("**/calls/rows*"):
        pass
    expect(page.locator("#calls [data-call]")).to_have_count(1)


def test_deleting_says_what_is_left_and_can_be_undone(
    page: Page, open_page: Opener, demo: Demo, beep: Path
) -> None:
    call = place(demo.service, "Удалите Это", beep, beep)
    page.goto(f"/calls/{call['id']}")
    page.get_by_role("button", name="Delete the recording").click()
    expect(page.get_by_text("The recording is in the bin")).to_be_visible()
    expect(page.locator("call-player")).to_have_count(0)
    expect(page.get_by_label("Download", exact=True)).to_have_count(0)
    status, _, _ = demo.service.fetch(f"/recordings/{call['recordings'][0]['id']}/audio")
    assert status in (404, 410)

    page.get_by_role("link", name="To the list").click()
    expect(row_of(page, "Удалите Это").locator(".st")).to_have_text("in the bin")
    expect(row_of(page, "Удалите Это").get_by_role("button", name="Listen")).to_have_count(0)

    page.go_back()
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("call-player")).to_have_count(1)
