"""Alerts in a browser: a channel is made and tried, and how it went shows without a reload."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]


def test_a_channel_is_made_and_tried(page: Page) -> None:
    page.goto("/alerts")
    page.get_by_role("link", name="Who is told").click()
    own = page.locator("#own")
    expect(own).to_contain_text("Nobody writes to you yet")
    own.get_by_label("E-mail").fill("anna@example.com")
    own.get_by_role("button", name="Save").click()
    expect(page.locator("#own")).to_contain_text("Alerts are written to this address")

    page.get_by_role("link", name="Webhook").click()
    form = page.locator("#form")
    form.get_by_label("Name").fill("Chat")
    form.get_by_label("Address").fill("http://127.0.0.1:9/")
    form.get_by_role("button", name="Add").click()
    expect(page.locator(".secret code")).to_have_text(re.compile("^whsec_"))
    page.get_by_role("button", name="Send a test Chat").click()
    expect(page.locator("#tested")).to_contain_text("inside a network")
    page.get_by_role("link", name="Sent", exact=True).click()
    row = page.locator(".delivery-list tbody tr").first
    expect(row).to_contain_text("waiting")

    page.get_by_role("link", name="Who is told").click()
    page.get_by_role("link", name="Chat").click()
    page.get_by_text("Delete", exact=True).first.click()
    page.locator("#form").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name="Chat")).to_have_count(0)
