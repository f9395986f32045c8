"""A topic is written beside what it finds, heard from there, saved, found in a call, deleted, restored."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from fonoteka import wiring
from fonoteka.domain.transcript import Transcript, Utterance, Word
from fonoteka.settings import load_settings
from tests.e2e.conftest import PATIENCE_MS, Demo
from tests.e2e.test_accessibility import _AXE, violations
from tests.service import Service, wait_for

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(200)]


def transcribe(service: Service, call: dict[str, Any], *texts: str) -> None:
    """The parties say these in turn, two words a second."""
    recording, said, at = call["recordings"][0], [], 1_000
    for channel, text in enumerate(texts):
        words = []
        for word in text.split():
            words.append(Word(word, at, at + 400))
            at += 500
        said.append(Utterance(channel, tuple(words)))
    told = Transcript(
        *(recording["id"], call["id"], "default", "en", "by hand", datetime.now(UTC)), utterances=tuple(said)
    )
    with patch.dict(os.environ, service.environment):
        rooms = wiring.open_rooms(load_settings())
    with rooms.store.transaction() as tx:
        tx.transcripts.save(told)
        tx.topic_hits.save("default", call["id"], recording["id"], 0, [])
    rooms.close()


def test_a_topic_from_the_first_word_to_the_moment(
    page: Page, demo: Demo, browser: Browser, signed_in: StorageState
) -> None:
    call = [one for one in demo.calls if one["direction"] == "incoming"][-1]
    transcribe(demo.service, call, "hello I want all of my money back", "I will call you back tomorrow")
    page.goto("/topics")
    expect(page.get_by_role("heading", name="No topics yet")).to_be_visible()
    page.get_by_role("button", name="Promise").click()
    expect(page.get_by_role("link", name="Promise")).to_be_visible()

    page.get_by_role("link", name="New topic").click()
    phrases, trial = page.get_by_label("Phrases, one a line"), page.locator("#trial")
    expect(trial).to_contain_text("Write a phrase")
    phrases.fill("want [4] back @customer\nnever said\n(")
    expect(trial).to_contain_text("Line 3, character 1: the bracket is not closed.")
    phrases.fill("want [4] back @customer\nnever said")
    expect(trial).to_contain_text("Nothing found by lines: 2")
    expect(trial.locator("mark")).to_have_text("want all of my money back")
    listen = trial.get_by_role("button", name="Listen from here")
    listen.click()
    expect(trial.get_by_role("button", name="Pause")).to_be_visible()
    trial.get_by_role("button", name="Pause").click()
    page.get_by_label("Name", exact=True).fill("Refund")
    page.get_by_role("button", name="Save").click()

    topics = {one["name"]: one["id"] for one in demo.service.get("/topics")["items"]}
    wait_for(lambda: demo.service.get(f"/calls?topic={topics['Refund']}")["items"])
    page.reload()
    page.get_by_role("row", name="Refund").get_by_role("link", name="1").click()
    expect(page.locator(".chip", has_text="Topic “Refund”")).to_be_visible()
    page.locator(f'[data-call="{call["id"]}"] .who').click()
    page.locator("call-player.drawn").wait_for()
    heard = page.get_by_role("region", name="Topics")
    expect(heard.get_by_role("listitem")).to_have_count(2)
    heard.get_by_role("link").first.click()
    expect(page.locator("call-player [data-time]")).to_have_text("0:01")
    expect(page.locator(".w.topic")).to_have_count(6 + 3)

    with browser.new_context(base_url=demo.service.url, storage_state=signed_in, locale="ru-RU") as context:
        context.set_default_timeout(PATIENCE_MS)
        other = context.new_page()
        axe = _AXE.read_text("utf-8")
        looked_at = ("/topics", f"/topics/{topics['Refund']}", f"/calls/{call['id']}")
        assert [one for address in looked_at for one in violations(other, axe, address)] == []
        other.goto(f"/topics/{topics['Refund']}")
        expect(other.locator("#trial h2")).to_have_text("Найдено в 1 из последнего 1 звонка")

    page.goto(f"/topics/{topics['Refund']}")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status").first).to_contain_text("The topic was deleted.")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("link", name="Refund")).to_be_visible()
    for one in topics.values():
        demo.service.send("DELETE", f"/topics/{one}", None)
