"""The page of rules: sentences, drafts, the dry run, saving, undoing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from fonoteka import policy
from fonoteka.domain.access import Actor, ActorKind, Role
from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.domain.direction import Direction
from fonoteka.domain.people import Extension, Group
from fonoteka.domain.rule_json import rule_set_to_value
from fonoteka.domain.rules import Forwarding, RecordingRule, RuleConditions, RuleOutcome, RuleSet
from fonoteka.web.rule_words import RuleWords
from tests.web.site import Site
from tests.web.test_words import formats

ROOT = Actor(ActorKind.SYSTEM, "system", "system", DEFAULT_TENANT_ID, Role.ADMINISTRATOR)


def group(site: Site, name: str, *members: str) -> Group:
    """A group, and its members as extensions."""
    for number in members:
        policy.save_extension(site.policy, ROOT, Extension("", DEFAULT_TENANT_ID, number))
    return policy.save_group(site.policy, ROOT, Group("", DEFAULT_TENANT_ID, name, frozenset(members)))


def draft(*rules: RecordingRule, version: int = 0, **more: Any) -> dict[str, Any]:
    """What the page sends; all other calls are skipped."""
    rule_set = RuleSet("another tenant's, to be ignored", version, rules, RuleOutcome.SKIP)
    return {"rule_set": rule_set_to_value(rule_set), **more}


def rule(id_: str = "r1", outcome: RuleOutcome = RuleOutcome.RECORD, **conditions: Any) -> RecordingRule:
    """A rule without a name."""
    return RecordingRule(id_, "", outcome, RuleConditions(**conditions))


@pytest.mark.parametrize(
    ("conditions", "russian", "english"),
    [
        ({}, "Все звонки", "All calls"),
        ({"directions": frozenset({Direction.INCOMING})}, "Входящие звонки", "Incoming calls"),
        (
            {"extensions": frozenset({"101", "102"}), "newcomers": True},
            "Все звонки добавочных 101 и 102 и новичков",
            "All calls of extensions 101 and 102 and of newcomers",
        ),
        ({"extensions": frozenset({"101"})}, "Все звонки добавочного 101", "All calls of extension 101"),
        (
            {"extensions": frozenset(str(one) for one in range(100, 121))},
            "Все звонки добавочных 100, 101, 102 и ещё 18",
            "All calls of extensions 100, 101, 102 and 18 more",
        ),
        (
            {"forwarded_outside": Forwarding.ONLY, "numbers": ("+74951234567", "+7800*")},
            "Все звонки, переадресованные наружу, внешние номера +7 495 123-45-67 и +7800…",
            "All calls, forwarded outside, outside numbers +7 495 123-45-67 and +7800…",
        ),
        (
            {"weekdays": frozenset(range(5)), "from_minute": 540, "until_minute": 1080, "share_percent": 20},
            "Все звонки, по будням с 9:00 до 18:00, 20 % из них",
            "All calls, on workdays from 9:00 to 18:00, 20% of them",
        ),
        ({"weekdays": frozenset({0, 2})}, "Все звонки, по дням: пн, ср", "All calls, on Mon, Wed"),
        (
            {"group_ids": frozenset({"gone"}), "forwarded_outside": Forwarding.EXCLUDED},
            "Все звонки удалённой группы, кроме переадресованных наружу",
            "All calls of a group that was deleted, except those forwarded outside",
        ),
    ],
)
def test_a_rule_is_a_sentence(site: Site, conditions: dict[str, Any], russian: str, english: str) -> None:
    people = policy.directory(site.policy, ROOT)
    for code, sentence in (("ru", russian), ("en", english)):
        said = RuleWords(formats(code), people).plain(rule(**conditions))
        assert said.replace("\N{NO-BREAK SPACE}", " ") == sentence


def test_names_are_quoted_and_escaped(site: Site) -> None:
    one = group(site, "<b>Sales</b>", "101")
    words = RuleWords(formats("ru"), policy.directory(site.policy, ROOT))
    sentence = words.sentence(rule(group_ids=frozenset({one.id})))
    assert sentence == "Все звонки группы <b>«&lt;b&gt;Sales&lt;/b&gt;»</b>"


def test_an_empty_page_teaches_and_a_saved_rule_stands_on_it(site: Site) -> None:
    browser = site.signed_in()
    assert "Правил пока нет" in browser.get("/rules").text
    assert browser.get("/rules/history").status_code == 200, "before the first version, too"
    rules = (rule(extensions=frozenset({"101"})), rule("r2", RuleOutcome.ON_DEMAND))
    assert browser.post("/rules/save", json=draft(*rules, note="начало")).status_code == 204
    page = browser.get("/rules").text
    assert re.findall(r'data-rule="([^"]*)"', page) == ["r1", "r2", ""]
    assert "Все звонки добавочного <b>101</b>" in page
    saved = policy.rule_set(site.policy, ROOT)
    assert (saved.tenant_id, saved.rules[0].name) == (DEFAULT_TENANT_ID, "Все звонки добавочного 101")
    # The sentence that became its name follows the rule: the page holds it without a name.
    assert '"name": ""' in page
    assert "начало" in browser.get("/rules/history").text


def test_a_draft_shows_the_editor_and_changes_nothing(site: Site) -> None:
    browser = site.signed_in()
    part = browser.post("/rules/draft", json=draft(rule(), rule("r2"), open="r2")).text
    assert part.count("data-editor") == 1
    assert part.index('data-rule="r2"') < part.index("data-editor")
    assert policy.rule_set(site.policy, ROOT).version == 0


def test_the_dry_run_tells_what_would_change(site: Site) -> None:
    at = datetime.now(UTC) - timedelta(hours=1)
    site.add(at)
    site.add(at + timedelta(minutes=5), agent=("Олег Савченко", "105"))
    browser = site.signed_in()
    # Everything is recorded so far; now only what 104 says.
    part = browser.post("/rules/trial", json=draft(rule(extensions=frozenset({"104"})))).text
    assert "на 2 звонках" in part
    assert re.search(r"−1</span>\s*<span>звонок больше не записался бы", part)
    assert "Олег Савченко" in part
    same = RuleSet("", 0, (), RuleOutcome.RECORD)
    unchanged = browser.post("/rules/trial", json={"rule_set": rule_set_to_value(same)}).text
    assert "ни один звонок не решился бы иначе" in unchanged


def test_what_is_wrong_is_said_in_the_visitors_language(site: Site) -> None:
    browser = site.signed_in()
    for path, status_code in (("/rules/trial", 200), ("/rules/save", 422)):
        answer = browser.post(path, json=draft(rule(), rule("r2", numbers=("вчера",))))
        assert answer.status_code == status_code
        assert "Правило 2: «вчера» не похоже на телефонный номер." in answer.text
    assert policy.rule_set(site.policy, ROOT).version == 0


def test_what_another_has_saved_is_not_overwritten(site: Site) -> None:
    browser = site.signed_in()
    assert browser.post("/rules/save", json=draft(rule())).status_code == 204
    answer = browser.post("/rules/save", json=draft(rule("mine")))
    assert answer.status_code == 409
    assert "сохранил кто-то другой" in answer.text
    assert policy.rule_set(site.policy, ROOT).rules[0].id == "r1"


def test_which_rule_applies_is_answered_for_the_rules_on_the_page(site: Site) -> None:
    rules = (rule(directions=frozenset({Direction.INCOMING})), rule("r2", extensions=frozenset({"101"})))
    asked = draft(*rules, calling="101", called="8 495 123-45-67")
    part = site.signed_in().post("/rules/which", json=asked).text
    assert "<b>Записывать</b>, правило 2" in part
    assert "Правило 1 не подошло: направление" in part
    assert "добавочный 101, +7\N{NO-BREAK SPACE}495\N{NO-BREAK SPACE}123-45-67" in part


def test_a_version_can_be_put_back(site: Site) -> None:
    browser = site.signed_in()
    browser.post("/rules/save", json=draft(rule()))
    browser.post("/rules/save", json=draft(version=1))
    history = browser.get("/rules/history").text
    assert "удалено 1 правило" in history
    assert browser.post("/rules/restore", data={"version": "1"}).status_code == 303
    assert [one.id for one in policy.rule_set(site.policy, ROOT).rules] == ["r1"]
    refused = browser.post("/rules/restore", data={"version": "77"})
    assert refused.status_code == 422
    assert "Такой версии правил нет." in refused.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'{"rule_set": []}',
        b'{"rule_set": {"tenant_id": 1, "rules": [{"id": 5}]}}',
        b'{"rule_set": {"tenant_id": "\\ud800"}}',
        b" " * 5_000_000,
    ],
)
def test_what_are_no_rules_is_refused(site: Site, body: bytes) -> None:
    browser = site.signed_in()
    for path in ("draft", "trial", "save", "which"):
        assert browser.post(f"/rules/{path}", content=body).status_code == 400


def test_another_site_and_strangers_change_nothing(site: Site) -> None:
    browser: TestClient = site.signed_in()
    foreign = browser.post("/rules/save", json=draft(rule()), headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert site.visitor().post("/rules/save", json=draft(rule())).headers["location"].startswith("/sign-in")
    assert policy.rule_set(site.policy, ROOT).version == 0
