"""The page of completeness: the conclusion, the shares, and the calls that lack a recording."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fonoteka.archive import register_call
from fonoteka.domain.call import CallOutcome
from tests import examples
from tests.web.site import Site


def add(site: Site, outcome: CallOutcome, calling: str = "101", reason: str = "") -> None:
    """A call of this hour of which that became."""
    call = examples.call(
        started_at=datetime.now(UTC) - timedelta(minutes=1), participants=examples.people(calling=calling)
    )
    recordings = call.recordings if outcome is CallOutcome.RECORDED else ()
    register_call(site.archive, replace(call, outcome=outcome, recordings=recordings, reason=reason))


def test_an_empty_ledger_teaches(site: Site) -> None:
    assert "За это время звонков не было" in site.signed_in().get("/ledger").text


def test_the_conclusion_comes_first(site: Site) -> None:
    browser = site.signed_in()
    add(site, CallOutcome.SKIPPED)
    assert "ничего записывать не требовалось" in browser.get("/ledger").text
    add(site, CallOutcome.RECORDED)
    add(site, CallOutcome.RECORDED)
    assert "Записаны все 2 звонка" in browser.get("/ledger").text
    add(site, CallOutcome.MISSING, calling="102")
    page = browser.get("/ledger").text
    assert "Не хватает 1 записи из 3" in page
    assert "67\N{NO-BREAK SPACE}%" in page
    assert "записи нет" in page
    assert page.count('class="who"') == 1


def test_calls_are_shown_by_what_became_of_them(site: Site) -> None:
    add(site, CallOutcome.SKIPPED)
    add(site, CallOutcome.FAILED, reason="codec.unknown")
    browser = site.signed_in("en")
    assert "codec.unknown" in browser.get("/ledger").text
    for by in ("day", "group", "extension"):
        page = browser.get(f"/ledger?by={by}&outcome=skipped&span=week").text
        assert page.count('class="who"') == 1
        assert f"/ledger?by={by}&amp;span=week&amp;outcome=failed" in page
    assert browser.get("/ledger?by=moon").status_code == 400
    assert site.visitor().get("/ledger").status_code == 303
