"""The list of calls: what is looked for is found, and the address bar says what is looked for."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import CALLS, Demo, Opener

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]


def rows(page: Page) -> Locator:
    return page.locator("#calls [data-call]")


def asked(page: Page) -> dict[str, str]:
    """What the address bar says."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_a_one_time_link_signs_in_once(open_page: Opener, demo: Demo) -> None:
    first = open_page(demo.service)
    first.goto(demo.sign_in)
    expect(rows(first).first).to_be_visible()
    second = open_page(demo.service)
    second.goto(demo.sign_in)
    expect(second.get_by_role("heading", level=1)).to_have_text("This link no longer works")
    expect(second.get_by_text("ask the administrator for a new link")).to_be_visible()
    second.get_by_role("link", name="Sign in with a password").click()
    expect(second.get_by_label("Password")).to_be_visible()


def test_all_calls_are_there_newest_first(page: Page, demo: Demo) -> None:
    page.goto("/")
    for call in demo.calls:
        expect(page.locator(f'[data-call="{call["id"]}"]')).to_be_visible()
    times = rows(page).locator("time").evaluate_all("(all) => all.map((one) => one.dateTime)")
    assert times == sorted(times, reverse=True)
    assert len(times) >= CALLS
    expect(page.get_by_role("list").first).to_have_accessible_name(re.compile(r"Calls of \d+ \w+"))
    strip = rows(page).filter(has_text="Ирина Соколова").locator("svg.strip")
    expect(strip).to_have_accessible_name(re.compile(r"Client \d+%, Agent \d+%"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+7 (495) 123-45-67", "Ирина Соколова"),
        ("84951234567", "Ирина Соколова"),
        ("4951234567", "Ирина Соколова"),
        ("123-45-67", "Ирина Соколова"),
        ("сОКОЛОВА", "Ирина Соколова"),
        ("гостиница «урал", "Гостиница «Урал»"),
        ("ALICE", "Alice Brown"),
    ],
)
def test_a_call_is_found_by_number_or_name(page: Page, text: str, found: str) -> None:
    page.goto("/calls")
    page.get_by_label("Search", exact=True).press_sequentially(text)
    expect(rows(page)).to_have_count(1)
    expect(rows(page).locator(".who b")).to_have_text(found)
    expect(page).to_have_url(re.compile(r"[?&]q="))
    assert asked(page) == {"q": text}


def test_chips_narrow_and_the_address_bar_keeps_them(page: Page) -> None:
    page.goto("/calls")
    everything = rows(page).count()
    page.get_by_text("Direction", exact=True).click()
    page.get_by_role("link", name="Outgoing").click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page).locator(".who b")).to_have_text("Гостиница «Урал»")
    page.get_by_text("Period", exact=True).click()
    page.get_by_role("link", name="Today", exact=True).click()
    expect(page).to_have_url(re.compile("period=today"))
    assert asked(page) == {"direction": "outgoing", "period": "today"}
    expect(rows(page)).to_have_count(1)

    page.reload()
    expect(rows(page)).to_have_count(1)
    expect(page.locator(".chip.on")).to_have_count(2)

    page.go_back()
    expect(page.locator(".chip.on")).to_have_count(1)
    expect(page.locator(".chip.on")).to_have_text(re.compile("Outgoing"))
    page.go_back()
    expect(rows(page)).to_have_count(everything)
    page.go_forward()
    expect(rows(page)).to_have_count(1)
    page.get_by_role("link", name="Any direction").click()
    expect(rows(page)).to_have_count(everything)
    assert asked(page) == {}


def test_nothing_found_says_what_to_try(page: Page) -> None:
    page.goto("/calls")
    everything = rows(page).count()
    page.get_by_text("Period", exact=True).click()
    page.get_by_role("link", name="Yesterday").click()
    expect(page.get_by_role("heading", name="No calls found")).to_be_visible()
    expect(rows(page)).to_have_count(0)
    page.get_by_role("link", name="Show all calls").click()
    expect(rows(page)).to_have_count(everything)


def test_a_range_of_days(page: Page) -> None:
    page.goto("/calls")
    day = page.locator("[data-day]").first.get_attribute("data-day")
    assert day
    page.get_by_text("Period", exact=True).click()
    page.get_by_label("From day").fill(day)
    page.get_by_label("To day").fill(day)
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".chip.on")).to_be_visible()
    assert asked(page) == {"from": day, "to": day}
    expect(rows(page).first).to_be_visible()


def test_search_and_chips_go_together(page: Page) -> None:
    page.goto("/calls?direction=incoming")
    page.get_by_label("Search", exact=True).fill("борис")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q="))
    assert asked(page) == {"direction": "incoming", "q": "борис"}
    for row in rows(page).all():
        expect(row).to_contain_text("Бори")


def test_a_row_plays_where_it_stands(page: Page) -> None:
    page.goto("/calls?q=4951234567")
    rows(page).get_by_role("button", name="Listen").click()
    expect(rows(page).get_by_role("button", name="Pause")).to_be_visible()
    veil = rows(page).locator(".veil")
    page.wait_for_function("(veil) => veil.x.baseVal.value > 2", arg=veil.element_handle())
    page.keyboard.press("Escape")
    expect(rows(page).get_by_role("button", name="Listen")).to_be_visible()
    expect(veil).to_have_count(0)


def test_filters_go_along_to_the_call_and_back(page: Page) -> None:
    page.goto("/calls?direction=incoming&q=%D0%B1%D0%BE%D1%80%D0%B8%D1%81")
    found = rows(page).count()
    assert found > 1
    rows(page).locator("a.who").first.click()
    expect(page.locator(".top")).to_contain_text(f"1 of {found}")
    page.get_by_role("link", name="Older call").click()
    expect(page.locator(".top")).to_contain_text(f"2 of {found}")
    page.get_by_role("link", name="To the list").click()
    expect(rows(page)).to_have_count(found)
    expect(page.get_by_label("Search", exact=True)).to_have_value("борис")
