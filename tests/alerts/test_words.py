"""Every condition has its words in both languages, whatever facts are lacking; documents name them all."""

from __future__ import annotations

import re
from datetime import UTC
from pathlib import Path

import pytest

from fonoteka.alerts import say
from fonoteka.alerts.words import LANGUAGES, wording
from fonoteka.domain.alerts import Alert, Condition, Facts, NewsKind
from fonoteka.domain.delivery import Outcome
from tests.examples import NOON

PAGE = Path(__file__).parents[2] / "docs" / "operate" / "alerts.md"
FACTS: Facts = {
    "percent": 95,
    "used_bytes": 95_000_000_000,
    "quota_bytes": 100_000_000_000,
    "full_on": "2026-05-12",
    "oldest_at": "2025-05-12T10:00:00+00:00",
    "free_bytes": 1_500_000_000,
    "needed_bytes": 200_000_000,
    "machine": "alpha",
    "waiting": 21,
    "connector": "Asterisk pbx",
    "since": NOON.isoformat(),
    "calls": 22,
    "recordings": 1234,
}


def alert(condition: Condition, facts: Facts, level: int = 0) -> Alert:
    return Alert("i", "default", condition, "", level, facts, NOON, NOON)


@pytest.mark.parametrize("condition", list(Condition))
@pytest.mark.parametrize("level", [0, 100])
def test_every_condition_in_both_languages(condition: Condition, level: int) -> None:
    for facts in (FACTS, {}, dict.fromkeys(FACTS, "x\r\n" * 5000)):
        russian, english = (say(alert(condition, facts, level), one, UTC) for one in LANGUAGES)
        assert not re.search("[а-яё]", f"{english.title} {english.text} {english.advice}", re.IGNORECASE)
        assert re.search("[а-яё]{4}", russian.title, re.IGNORECASE)
        for said in (russian, english):
            assert said.title
            assert said.advice
            assert "\n" not in said.title + said.text
            assert len(said.title + said.text) < 1500


def test_russian_numbers_agree() -> None:
    def failed(count: int) -> str:
        return say(alert(Condition.RECORDING_FAILED, {**FACTS, "recordings": count}), "ru", UTC).text

    assert failed(1).startswith("1 запись лежит нетронутой в")
    assert failed(3).startswith("3 записи лежат нетронутыми")
    assert failed(11).startswith("11 записей лежат")
    assert failed(1234).startswith("1\N{NO-BREAK SPACE}234 записи")


def test_both_languages_say_as_much() -> None:
    russian, english = wording("ru"), wording("en")
    assert russian.phrases.keys() == english.phrases.keys()
    assert russian.kinds.keys() == english.kinds.keys() == set(NewsKind)
    assert russian.conditions.keys() == english.conditions.keys() == set(Condition)
    for name, phrase in english.phrases.items():
        assert re.findall("%.", phrase) == re.findall("%.", russian.phrases[name]), name


@pytest.mark.parametrize("one", [*Condition, *Outcome])
def test_conditions_and_outcomes_are_documented(one: Condition | Outcome) -> None:
    assert f"| `{one}` |" in PAGE.read_text("utf-8")
