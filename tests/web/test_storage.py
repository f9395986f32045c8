"""The storage page, the bin and legal holds, as people meet them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fonoteka import archive, policy
from fonoteka.domain.people import Extension, Group
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.retention import TermScope
from fonoteka.domain.storage_plan import WhenFull
from tests.web.site import Site
from tests.web.test_rules import ROOT

OLD = datetime.now(UTC) - timedelta(days=400)
FORM = {"plan_version": "0", "terms_version": "0", "when_full": "overwrite_oldest"}


def state(site: Site, recording_id: str) -> RecordingState:
    return archive.get_recording(site.archive, ROOT, recording_id).state


def test_a_fresh_installation_says_that_nothing_is_overwritten(site: Site) -> None:
    page = site.signed_in().get("/storage").text
    assert "предела нет" in page
    assert "Ничего не перезаписывается" in page
    assert "Корзина пуста" in site.signed_in().get("/storage/bin").text
    assert "Удержанных записей нет" in site.signed_in().get("/storage/holds").text


def test_a_plan_is_tried_before_it_is_saved_and_needs_a_second_look(site: Site) -> None:
    recording = site.add(OLD).recordings[0]
    policy.save_extension(site.policy, ROOT, Extension("", "default", "104"))
    group = policy.save_group(site.policy, ROOT, Group("", "default", "Продажи", frozenset({"104"})))
    browser = site.signed_in()
    form = {**FORM, "quota": "other", "quota_gb": "0,5", "delete.": "365"}
    trial = browser.post("/storage/trial", data=form).text
    assert "В корзину сейчас" in trial
    assert "1 запись" in trial
    refused = browser.post("/storage/save", data=form)
    assert refused.status_code == 422
    assert "Отметьте это" in refused.text
    assert archive.storage_plan(site.archive, ROOT).version == 0
    listed = browser.post("/storage/going.csv", data=form)
    assert recording.id in listed.text
    assert listed.text.count("\r\n") == 2
    kept = {**form, "term_group": group.id, f"keep.{group.id}": "730"}
    assert "Ничего не уйдёт" in browser.post("/storage/trial", data=kept).text
    saved = browser.post("/storage/save", data={**kept, "agreed": "yes"})
    assert saved.headers["location"] == "/storage?saved=yes"
    plan = archive.storage_plan(site.archive, ROOT)
    assert (plan.quota_bytes, plan.when_full) == (500_000_000, WhenFull.OVERWRITE_OLDEST)
    terms = {one.scope: one for one in archive.retention_terms(site.archive, ROOT).terms}
    assert terms[TermScope.TENANT].delete_after_days == 365
    assert terms[TermScope.GROUP].keep_at_least_days == 730
    page = browser.get("/storage").text
    assert "Занято" in page
    assert 'value="0,5"' in page
    again = browser.post("/storage/save", data={**kept, "bin_days": "3"})
    assert again.status_code == 409, "saved by somebody else meanwhile"


def test_the_weeks_that_go_first_open_their_calls(site: Site) -> None:
    recording = site.add(OLD).recordings[0]
    browser = site.signed_in()
    assert recording.id in browser.get("/storage/first.csv").text
    form = {**FORM, "quota": "other", "quota_gb": "0,5"}
    assert browser.post("/storage/save", data=form).status_code == 303
    page = browser.get("/storage").text
    assert "Что уйдёт первым" in page
    assert "Начнут уходить" in page
    week = next(part for part in page.split('href="') if part.startswith("/calls?from=")).split('"')[0]
    calls = browser.get(week.replace("&amp;", "&")).text
    assert f"/calls/{recording.call_id}" in calls


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("quota_gb", "много", "Укажите место в гигабайтах"),
        ("quota_gb", "0", "Предел — от 1 МБ"),
        ("delete.", "1e3", "Укажите срок числом дней"),
        ("delete.", "0", "Срок — от 1 до"),
        ("bin_days", "99999", "Корзина хранит от 0 до"),
        ("warn_percents", "80, x", "Укажите пороги"),
        ("warn_percents", "101", "порогов от 1 до 100 %"),
    ],
)
def test_what_cannot_be_is_said(site: Site, field: str, value: str, told: str) -> None:
    form = {**FORM, "quota": "other", "quota_gb": "5", field: value}
    answer = site.signed_in().post("/storage/save", data={**form, "agreed": "yes"})
    assert answer.status_code == 422
    assert told in answer.text
    assert archive.storage_plan(site.archive, ROOT).version == 0


def test_what_is_deleted_lies_in_the_bin_and_comes_back(site: Site) -> None:
    call = site.add()
    recording = call.recordings[0]
    browser = site.signed_in()
    browser.post(f"/recordings/{recording.id}/delete")
    assert "Вернуть" in browser.get(f"/calls/{call.id}").text
    listed = browser.get("/storage/bin").text
    assert f"/calls/{call.id}" in listed
    browser.post("/storage/bin/restore", data={"id": recording.id})
    assert state(site, recording.id) is RecordingState.READY
    browser.post(f"/recordings/{recording.id}/delete")
    emptied = browser.post("/storage/bin/empty", data={})
    assert "удалена навсегда" in browser.get(emptied.headers["location"]).text
    assert state(site, recording.id) is RecordingState.DELETED


def test_a_hold_is_counted_placed_seen_and_released(site: Site) -> None:
    call = site.add()
    browser = site.signed_in()
    form = {"case_name": "Дело 7", "reason": "Спор", "number": "+7 900 000-00-14"}
    assert "Сейчас удержится 1 запись" in browser.post("/storage/holds", data={**form, "count": "yes"}).text
    assert browser.post("/storage/holds", data={**form, "case_name": ""}).status_code == 422
    assert browser.post("/storage/holds", data=form).status_code == 303
    page = browser.get(f"/calls/{call.id}").text
    assert "удержана: Дело 7" in page
    assert "/delete" not in page
    (hold,) = archive.legal_holds(site.archive, ROOT)
    browser.post("/storage/holds/release", data={"id": hold.id, "reason": "Суд окончен"})
    assert "Суд окончен" in browser.get("/storage/holds").text
    assert "удержана" not in browser.get(f"/calls/{call.id}").text
    of_call = browser.post("/storage/holds", data={"case_name": "8", "reason": "Проверка", "call": call.id})
    assert of_call.headers["location"] == f"/calls/{call.id}"


def test_the_planner_answers_in_a_sentence_and_keeps_the_question_in_the_address(site: Site) -> None:
    browser = site.signed_in()
    assert "Понадобится" in browser.get("/storage/planner").text
    asked = "/storage/planner?extensions=10&calls_per_day=14&minutes_per_call=2,0&room_gb=100&price_per_gb=3"
    page = browser.get(asked).text
    assert "хватит на" in page
    assert 'value="2,0"' in page
    for field, text in (
        ("extensions", "-1"),
        ("keep_days", "1e30"),
        ("room_gb", "много"),
        ("days_per_week", "8"),
    ):
        refused = browser.get(f"/storage/planner?{field}={text}")
        assert refused.status_code == 422
        assert f'name="{field}" value="{text}"' in refused.text
        assert "aria-invalid" in refused.text


def test_the_comparison_with_the_store_is_asked_for_and_shown(site: Site) -> None:
    browser = site.signed_in()
    site.add(OLD)
    assert "Ещё не сверяли" in browser.get("/storage").text
    asked = browser.post("/storage/audit")
    assert asked.headers["location"] == "/storage#audit"
    with site.archive.store.reading() as tx:
        schedule = tx.schedules.state(archive.AUDIT_SCHEDULE)
    assert schedule is not None, "a worker finds it due"
    assert schedule[0] <= datetime.now(UTC)
    assert "Сверяем список" in browser.get("/storage/audit").text
    with site.archive.store.transaction() as tx:
        tx.schedules.claim(archive.AUDIT_SCHEDULE, datetime.now(UTC), "w")
        tx.schedules.finish(archive.AUDIT_SCHEDULE, "w", datetime.now(UTC) + timedelta(days=7))
    archive.audit_storage(site.archive)
    shown = browser.get("/storage").text
    assert "1 запись" in shown
    assert "всё на месте" in shown
    for key in tuple(site.archive.objects.list("")):
        site.archive.objects.delete(key)
    archive.audit_storage(site.archive)
    assert "Сошлось не всё" in browser.get("/storage").text
