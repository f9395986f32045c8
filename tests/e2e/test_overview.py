"""The overview in a browser: figures that open their calls, arranged for a head, on a desk and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]


def test_a_head_looks_at_a_week(page: Page, demo: Demo) -> None:
    page.goto("/calls")
    page.get_by_role("link", name="Overview").click()
    page.locator("summary", has_text="30 days").click()
    page.get_by_role("link", name="7 days").click()
    page.get_by_role("link", name="Customer service").first.click()
    expect(page).to_have_url(re.compile(r"for=service.*period=week|period=week.*for=service"))
    blocks = page.locator(".ov h2")
    expect(blocks.first).to_contain_text("When calls come")
    calls = page.locator(".heads div").first
    expect(calls).to_contain_text(str(len(demo.calls)))
    calls.get_by_role("link").click()
    expect(page.locator("[data-call]")).to_have_count(len(demo.calls))
    page.go_back()

    page.locator("table.heat:visible td a").first.click()
    hour = page.locator("[data-call]")
    assert 0 < hour.count() <= len(demo.calls)
    expect(page.locator(".chips")).to_contain_text(":00–")
    page.go_back()
    page.get_by_text("As a table").click()
    expect(page.locator(".behind table")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Download the table as CSV").first.click()
    assert download.value.suggested_filename.endswith(".csv")

    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("table.heat.ph")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.locator("table.heat.ph td a").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 24).length"
    )
    assert small == 0


def test_how_people_talk_leads_to_the_second_that_matters(page: Page, demo: Demo) -> None:
    page.goto("/calls")
    page.get_by_role("link", name="Insights").click()
    page.locator("summary", has_text="30 days").click()
    page.get_by_role("link", name="7 days").click()
    expect(page).to_have_url(re.compile("period=week"))
    talks = page.locator(".talks tbody tr").first
    expect(talks.locator("td").nth(2)).to_contain_text("%")
    page.get_by_role("link", name="Silence").click()
    expect(page.locator(".shows [aria-current]")).to_have_text("Silence")
    page.get_by_text("How this is counted").click()
    expect(page.locator(".hows")).to_be_visible()
    with page.expect_download() as download:
        page.locator("#worth").get_by_role("link", name="Download the table as CSV").click()
    assert download.value.suggested_filename.startswith("worth-hearing")

    call = demo.calls[0]["id"]
    demo.service.send("PUT", f"/calls/{call}/mark", {"mark": 1, "comment": "listen"})
    page.reload()
    worth = page.locator(f'.worth-a[href^="/calls/{call}"]')
    expect(worth).to_contain_text("Mark 1")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    worth.click()
    expect(page).to_have_url(re.compile(f"/calls/{call}"))
    page.goto("/insights?period=week")
    page.locator(".talks .fig").first.click()
    expect(page.locator("[data-call]").first).to_be_visible()
    demo.service.send("DELETE", f"/calls/{call}/mark", {})
