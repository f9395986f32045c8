"""Sharing in a browser: a link is made, a stranger opens it and hears, it is revoked and is over."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.alerts.mail_server import TestMailServer
from tests.e2e.conftest import Demo, Opener
from tests.service import wait_for

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]


def test_a_stranger_hears_until_the_link_is_revoked(page: Page, open_page: Opener, demo: Demo) -> None:
    call = demo.call_with("+78127654321")
    page.goto(f"/calls/{call['id']}")
    page.locator("call-player.drawn").wait_for()
    page.keyboard.press("e")
    page.get_by_label("by a link that I hand on myself").check()
    expect(page.get_by_label("E-mail address")).to_be_hidden()
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("alert")).to_contain_text("Write why")
    page.get_by_label("Reason").fill("Dispute about the bill")
    page.get_by_label("Password").fill("open sesame")
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("Link", exact=True).input_value()
    expect(page.locator("#share-state")).to_contain_text("Not opened yet")

    stranger = open_page(demo.service, viewport={"width": 390, "height": 844})
    stranger.goto(link)
    stranger.get_by_label("Password").fill("open barley")
    stranger.get_by_role("button", name="Open").click()
    expect(stranger.get_by_role("alert")).to_contain_text("does not fit")
    stranger.get_by_label("Password").fill("open sesame")
    stranger.get_by_role("button", name="Open").click()
    expect(stranger.locator("call-player.drawn")).to_be_visible()
    stranger.get_by_role("button", name="Listen").click()
    stranger.wait_for_function("() => document.querySelector('audio').currentTime > 0.3")
    expect(stranger.locator("main")).not_to_contain_text("8127654321")
    expect(stranger.get_by_role("link", name="Download")).to_have_count(0)
    stranger.reload()
    expect(stranger.locator("call-player.drawn")).to_be_visible()

    page.reload()  # makes no second link
    expect(page.get_by_label("Link", exact=True)).to_have_count(0)
    page.goto("/shares")
    expect(page.locator("tbody tr").first).to_contain_text("opened 1 time")
    page.get_by_role("button", name="Revoke").first.click()
    expect(page.locator("#share-state")).to_contain_text("Revoked by")
    stranger.reload()
    expect(stranger.get_by_role("heading")).to_have_text("The link was revoked")


def test_an_e_mail_brings_a_link_that_opens_what_was_sent(
    page: Page, open_page: Opener, demo: Demo, mail_server: TestMailServer
) -> None:
    page.goto("/calls")
    for one in page.locator("[data-select]").all()[:2]:
        one.check()
    page.keyboard.press("e")
    page.get_by_label("by e-mail").check()
    page.get_by_label("E-mail address").fill("client@example.com")
    page.get_by_label("Reason").fill("Agreed on the phone")
    page.get_by_label("Words to the recipient").fill("Both calls <b>of today</b>")
    page.get_by_label("send a link in any case").check()
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/shares/**")
    mail = wait_for(lambda: next(iter(mail_server.mails), None))
    assert mail["To"] == "client@example.com"
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "Both calls <b>of today</b>" in text
    link = re.search(rf"{re.escape(demo.service.url)}/\S+", text)
    assert link is not None

    stranger = open_page(demo.service, viewport={"width": 390, "height": 844})
    stranger.goto(link[0])
    stranger.get_by_role("button", name="Open").click()
    expect(stranger.locator("call-player.drawn")).to_have_count(2)
    stranger.get_by_role("button", name="Listen").first.click()
    stranger.wait_for_function(
        "() => [...document.querySelectorAll('audio')].some((one) => one.currentTime > 0.3)"
    )


def test_chosen_calls_are_downloaded_as_a_zip(page: Page, tmp_path: Path) -> None:
    page.goto("/calls")
    for one in page.locator("[data-select]").all()[:2]:
        one.check()
    page.keyboard.press("d")
    dialog = page.locator("#bulk-dialog")
    with page.expect_download() as waiting:
        dialog.get_by_role("button", name="Download").click()
    assert re.fullmatch(r"calls_\d{4}-\d\d-\d\d_\d\d-\d\d\.zip", waiting.value.suggested_filename)
    waiting.value.save_as(tmp_path / "calls.zip")
    with zipfile.ZipFile(tmp_path / "calls.zip") as file:
        assert file.testzip() is None
        assert len(file.namelist()) == 4
    expect(dialog).to_be_hidden()
