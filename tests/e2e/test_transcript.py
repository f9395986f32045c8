"""The text goes along with the sound: the word that is heard is marked, a click on a word plays it."""

from __future__ import annotations

import os
from unittest.mock import patch

import pytest
from playwright.sync_api import Page, expect

from fonoteka import wiring
from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.domain.ids import created_at
from fonoteka.domain.transcript import Transcript, Utterance, Word
from fonoteka.settings import load_settings
from tests.e2e.conftest import Demo
from tests.e2e.test_player import arrives, player, time_of
from tests.service import Service

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]

_WORDS = ("сколько", "стоит", "доставка", "до", "Выборга")


def _write(service: Service, transcript: Transcript) -> None:
    """As the speech worker does when it has understood a call."""
    with patch.dict(os.environ, service.environment):
        rooms = wiring.open_rooms(load_settings())
    try:
        with rooms.archive.store.transaction() as tx:
            tx.transcripts.save(transcript)
    finally:
        rooms.close()


def test_the_text_follows_the_sound_and_the_sound_the_text(page: Page, demo: Demo) -> None:
    call = demo.call_with("+78127654321")
    recording = call["recordings"][0]
    # A word each second from the second on, four seconds of nothing, then the other party.
    asked = tuple(Word(text, 2_000 + 1_000 * n, 2_900 + 1_000 * n, 0.9) for n, text in enumerate(_WORDS))
    said = (Utterance(0, asked), Utterance(1, (Word("бесплатно", 11_000, 11_900, 0.3),)))
    made_at = created_at(recording["id"])
    ids = (recording["id"], call["id"], DEFAULT_TENANT_ID)
    _write(demo.service, Transcript(*ids, "ru", "tests", made_at, utterances=said))
    page.goto(f"/calls/{call['id']}")
    page.locator("call-player.drawn").wait_for()
    heard, spoken = page.locator(".tr .cw"), page.locator(".tr .ut.now")
    expect(heard).to_have_count(0)

    page.get_by_text("доставка", exact=True).click()
    arrives(page, 4, 0.9)
    page.wait_for_function("() => !document.querySelector('call-player').audio.paused")
    expect(heard).to_have_text("доставка")
    # One word after the other, as they are heard.
    for text in _WORDS[3:]:
        expect(heard).to_have_text(text)
    assert time_of(page) >= 6
    expect(heard).to_have_count(0)  # nobody speaks
    expect(spoken).to_have_count(0)
    assert time_of(page) < 11
    expect(heard).to_have_text("бесплатно")
    expect(heard).to_have_class("w unsure cw")
    expect(spoken).to_have_class("ut us now")

    page.keyboard.press("Space")
    page.get_by_role("link", name="0:02", exact=True).click()
    arrives(page, 2)
    expect(heard).to_have_text("сколько")
    assert player(page).evaluate("(one) => one.audio.paused")
