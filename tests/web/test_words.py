"""Two languages from one catalogue, and how values are written in each."""

from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from fonoteka.domain.access import Permission
from fonoteka.domain.audit import AuditAction
from fonoteka.web.access_words import AccessWords
from fonoteka.web.formats import Formats
from fonoteka.web.languages import LANGUAGES, LOCALE_FOLDER, choose_language
from tests.web.site import Site

SCRIPT = Path(__file__).parents[2] / "scripts" / "messages.py"
NOW = datetime(2026, 4, 24, 11, 32, tzinfo=UTC)


def said() -> Catalog:
    """Every text of templates and code."""
    spec = importlib.util.spec_from_file_location("messages", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.said()


def catalogue(code: str) -> Catalog:
    with (LOCALE_FOLDER / code / "LC_MESSAGES" / "fonoteka.po").open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


@pytest.mark.parametrize("code", ["ru", "en"])
def test_every_text_is_translated_and_none_is_left_over(code: str) -> None:
    ours, texts = catalogue(code), said()
    assert len(texts) > 100
    for text in texts:
        if not text.id:
            continue
        known = ours.get(text.id)
        assert known is not None, text.id
        assert not known.fuzzy, text.id
        strings = known.string if isinstance(known.string, tuple) else (known.string,)
        assert all(strings), text.id
        assert len(strings) == (ours.num_plurals if isinstance(text.id, tuple) else 1), text.id
        assert not list(known.check(ours)), text.id  # placeholders are those of the English text
    assert {one.id for one in ours if one.id} == {one.id for one in texts if one.id}


def test_english_repeats_the_code() -> None:
    for text in catalogue("en"):
        assert text.string == text.id or not text.id


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "1 звонок"),
        (2, "2 звонка"),
        (5, "5 звонков"),
        (11, "11 звонков"),
        (21, "21 звонок"),
        (0, "0 звонков"),
    ],
)
def test_russian_counts_in_three_forms(number: int, words: str) -> None:
    assert LANGUAGES["ru"].ngettext("%(n)s call", "%(n)s calls", number) % {"n": number} == words


@pytest.mark.parametrize(
    ("chosen", "accepted", "code"),
    [
        (None, "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        (None, "de-DE,de;q=0.9,en;q=0.5,ru;q=0.4", "en"),
        (None, "en;q=0.1, ru;q=0.2", "ru"),
        (None, "ru;q=0, en", "en"),
        (None, "", "en"),
        (None, "*", "en"),
        (None, "ru;q=x;;,,", "en"),
        ("ru", "en", "ru"),
        ("xx", "ru", "ru"),
    ],
)
def test_the_choice_comes_before_the_browser(chosen: str | None, accepted: str, code: str) -> None:
    assert choose_language(chosen, accepted).code == code


def test_the_language_and_the_theme_can_be_chosen(site: Site) -> None:
    browser = site.visitor("ru")
    assert '<html lang="ru">' in browser.get("/sign-in").text
    answer = browser.post("/preferences", data={"language": "en", "next": "/sign-in?next=/calls"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/calls")
    browser.post("/preferences", data={"theme": "dark"})
    page = browser.get("/sign-in").text
    assert '<html lang="en" data-theme="dark">' in page
    assert ">Sign-in</h1>" in page
    nonsense = browser.post("/preferences", data={"language": "xx", "theme": "red", "next": "//evil.example"})
    assert nonsense.headers["location"] == "/calls"
    assert "set-cookie" not in nonsense.headers


def formats(code: str) -> Formats:
    return Formats(LANGUAGES[code], ZoneInfo("Europe/Moscow"), NOW)


@pytest.mark.parametrize("code", ["ru", "en"])
def test_no_right_and_no_event_is_told_by_its_code(code: str) -> None:
    words = AccessWords(LANGUAGES[code])
    assert [one for one in Permission if words.permission(one) == one.value] == []
    assert [one for one in AuditAction if words.action(one) == one.value] == []
    assert len({words.permission(one) for one in Permission}) == len(Permission)
    assert len({words.action(one) for one in AuditAction}) == len(AuditAction)


def test_russian_values() -> None:
    ru = formats("ru")
    assert ru.day_heading(date(2026, 4, 24)) == "Сегодня, 24 апреля"
    assert ru.day_heading(date(2026, 4, 23)) == "Вчера, 23 апреля"
    assert ru.day_heading(date(2026, 4, 22)) == "Среда, 22 апреля"
    assert ru.day_heading(date(2025, 4, 22)) == "Вторник, 22 апреля 2025"
    assert ru.moment(NOW) == "пятница, 24 апреля 2026, 14:32"
    assert ru.span(date(2026, 4, 1), date(2026, 4, 24)) == "1–24 апреля"
    assert ru.span(date(2026, 3, 28), date(2026, 4, 3)) == "28 марта – 3 апреля"
    assert ru.number(1284) == "1\N{NO-BREAK SPACE}284"
    assert ru.percent(0.914) == "91\N{NO-BREAK SPACE}%"
    assert ru.percent(0.0034) == "0,3\N{NO-BREAK SPACE}%"
    assert ru.length(204_000) == "3\N{NO-BREAK SPACE}мин\N{NO-BREAK SPACE}24\N{NO-BREAK SPACE}с"
    assert ru.length(155_280_000) == "43\N{NO-BREAK SPACE}ч\N{NO-BREAK SPACE}08\N{NO-BREAK SPACE}мин"
    assert ru.size(320_000) == "320\N{NO-BREAK SPACE}КБ"
    assert ru.size(1_440_000) == "1,4\N{NO-BREAK SPACE}МБ"
    assert ru.phone("+79000000014") == "+7\N{NO-BREAK SPACE}900\N{NO-BREAK SPACE}000-00-14"
    assert ru.phone("+442079460123") == "+442079460123"


def test_english_values() -> None:
    en = formats("en")
    assert en.day_heading(date(2026, 4, 24)) == "Today, 24 April"
    assert en.number(1284) == "1,284"
    assert en.percent(0.914) == "91%"
    assert en.length(204_000) == "3\N{NO-BREAK SPACE}min\N{NO-BREAK SPACE}24\N{NO-BREAK SPACE}s"
    assert en.size(1_999_600) == "2\N{NO-BREAK SPACE}MB"
    assert en.size(999_600) == "1\N{NO-BREAK SPACE}MB"
    assert en.size(0) == "0\N{NO-BREAK SPACE}KB"


@pytest.mark.parametrize(
    ("duration_ms", "clock"),
    [(0, "0:00"), (499, "0:00"), (9_000, "0:09"), (204_000, "3:24"), (3_723_000, "1:02:03")],
)
def test_clock(duration_ms: int, clock: str) -> None:
    assert formats("en").clock(duration_ms) == clock
