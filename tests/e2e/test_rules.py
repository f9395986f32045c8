"""The page of rules under a hand: editor in place, order by keys and by the mouse, dry run, saving, undo."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.service import wait_for

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]


def names(page: Page) -> Locator:
    """The second lines of the rules, which begin with their names."""
    return page.locator("#rules li:not(.end) .say small")


def add(page: Page, name: str, outcome: str, extensions: str = "") -> None:
    """Add a rule by its editor, as a person does."""
    page.get_by_role("button", name=re.compile("Rule|New rule")).first.click()
    editor = page.locator("[data-editor]")
    expect(editor.locator("[data-field=outcome]")).to_be_focused()
    editor.locator("[data-field=outcome]").select_option(outcome)
    if extensions:
        editor.locator("summary").click()
        editor.locator("[data-field=extensions]").fill(extensions)
    editor.locator("[data-field=name]").fill(name)
    editor.locator("[data-field=name]").press("Tab")
    expect(names(page).filter(has_text=name)).to_have_count(1)
    editor.get_by_role("button", name="Done").click()
    expect(editor).to_have_count(0)


def test_rules_are_made_ordered_tried_saved_and_undone(page: Page) -> None:
    page.goto("/rules")
    panel = page.locator("#panel")
    expect(panel).to_be_hidden()
    add(page, "Ours", "record", "101, 102")
    add(page, "Nothing", "skip")
    expect(panel).to_be_visible()
    expect(panel.locator("#trial")).to_contain_text("calls of the last 30 days")
    expect(panel.locator("#trial")).to_contain_text("not be recorded any more")

    page.locator("#rules li .grip").nth(1).focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(names(page).first).to_contain_text("Nothing")
    expect(page.locator("#rules .grip").first).to_be_focused()
    grips = page.locator("#rules li .grip")
    # The rows are drawn anew after each move; one that is just being exchanged has no place.
    first = wait_for(grips.nth(0).bounding_box)
    second = wait_for(page.locator("#rules li").nth(1).bounding_box)
    page.mouse.move(first["x"] + 5, first["y"] + 5)
    page.mouse.down()
    page.mouse.move(first["x"] + 5, second["y"] + second["height"] - 4, steps=6)
    page.mouse.up()
    expect(names(page).first).to_contain_text("Ours")

    page.locator("#which [name=calling]").fill("101")
    page.locator("#which [name=called]").fill("+74951234567")
    page.get_by_role("button", name="Find out").click()
    expect(page.locator("#answer")).to_contain_text("Record, rule 1")

    page.locator("#note").fill("a try")
    page.get_by_role("button", name="Apply").click()
    expect(panel).to_be_hidden()
    expect(names(page)).to_have_count(2)
    page.get_by_role("switch").first.uncheck()
    expect(panel).to_be_visible()
    page.get_by_role("button", name="Put back as it was").click()
    expect(panel).to_be_hidden()
    expect(page.get_by_role("switch").first).to_be_checked()

    page.locator("#rules .more-m summary").first.click()
    page.locator("#rules .more-m[open]").get_by_text("Delete").click()
    expect(names(page)).to_have_count(1)
    page.get_by_role("button", name="Apply").click()
    expect(panel).to_be_hidden()
    page.get_by_role("link", name=re.compile("History")).click()
    expect(page.locator(".versions")).to_contain_text("a try")
    expect(page.locator(".versions li").first).to_contain_text("1 rule deleted")
    page.get_by_role("button", name="Put back").first.click()
    expect(names(page)).to_have_count(2)

    for _ in range(2):
        page.locator("#rules .more-m summary").first.click()
        page.locator("#rules .more-m[open]").get_by_text("Delete").click()
    expect(names(page)).to_have_count(0)
    page.locator("[data-default=default]").select_option("record")
    page.get_by_role("button", name="Apply").click()
    expect(panel).to_be_hidden()


def test_what_is_wrong_is_told_before_it_is_saved(page: Page) -> None:
    page.goto("/rules")
    add(page, "Odd", "record")
    page.locator("#rules .say").first.click()
    page.locator("[data-field=numbers]").fill("yesterday")
    page.locator("[data-field=numbers]").press("Tab")
    expect(page.locator("#refusal")).to_contain_text("Rule 1: “yesterday” is no telephone number.")
    page.get_by_role("button", name="Put back as it was").click()
    expect(page.locator("#refusal")).to_be_empty()
    expect(page.locator("#panel")).to_be_hidden()


def test_people_come_by_file_and_every_page_fits_a_phone(page: Page) -> None:
    page.goto("/people/extensions")
    data = {"name": "people.csv", "mimeType": "text/csv", "buffer": b"number,person\n771,Ira\n772,Max\n"}
    page.locator("#file").set_input_files(data)  # type: ignore[arg-type]
    expect(page.locator("#preview")).to_contain_text("2 new")
    page.get_by_role("button", name="Import").click()
    expect(page.locator(".people tbody tr")).to_have_count(2)
    page.set_viewport_size({"width": 320, "height": 700})
    for path in (
        "/people/extensions",
        "/people/groups",
        "/people/trunks",
        "/rules",
        "/rules/history",
        "/ledger",
    ):
        page.goto(path)
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
