"""Calls in progress above the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fonoteka.domain.call import Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.ids import new_id
from fonoteka.domain.ports import LiveCall
from fonoteka.domain.rules import Decision, RuleOutcome
from fonoteka.domain.sealed import SealedParticipant
from tests.web.site import Site


def live_call(outcome: RuleOutcome = RuleOutcome.RECORD, tenant_id: str = "default") -> LiveCall:
    """A call in progress since ten seconds."""
    people = (
        SealedParticipant("1", Party.CALLING, "+79000000014", "Ирина <Кольцова>", "sip:1@x"),
        SealedParticipant("2", Party.CALLED, "104", "", "sip:104@x"),
    )
    decision = Decision(outcome, "r1", "Продажи", 3, 1, "standard", None)
    at = datetime.now(UTC) - timedelta(seconds=10)
    return LiveCall(
        new_id(),
        new_id(),
        tenant_id,
        "siprec",
        at,
        Direction.INCOMING,
        people,
        decision,
        False,
        "",
        None,
        None,
    )


def test_a_call_is_shown_paused_and_resumed(site: Site) -> None:
    call = live_call()
    site.live.now = [call, live_call(tenant_id="theirs")]
    browser = site.signed_in()
    part = browser.get("/live").text
    assert part.count("data-live") == 1
    assert "Ирина &lt;Кольцова&gt;" in part
    assert "правило 3 Продажи" in part
    paused = browser.post(f"/live/{call.recording_id}/pause", data={"seconds": "60"}).text
    assert "пауза до " in paused
    assert 'data-act="resume"' in paused
    assert "записывается" in browser.post(f"/live/{call.recording_id}/resume").text
    assert "пауза</span>" in browser.post(f"/live/{call.recording_id}/pause").text


def test_a_call_on_demand_can_be_kept_and_a_skipped_one_has_no_buttons(site: Site) -> None:
    wanted = live_call(RuleOutcome.ON_DEMAND)
    site.live.now = [wanted]
    browser = site.signed_in()
    assert 'data-act="keep"' in browser.get("/live").text
    kept = browser.post(f"/live/{wanted.recording_id}/keep").text
    assert "запись останется" in kept
    assert 'data-act="keep"' not in kept
    site.live.now = [live_call(RuleOutcome.SKIP)]
    assert "data-act" not in browser.get("/live").text


def test_what_cannot_be_done_is_told(site: Site) -> None:
    theirs = live_call(tenant_id="theirs")
    site.live.now = [theirs]
    browser = site.signed_in()
    assert "уже закончился" in browser.post(f"/live/{theirs.recording_id}/pause").text
    assert site.live.now == [theirs]
    site.live.is_gone = True
    assert "Рекордер не отвечает" in browser.post(f"/live/{theirs.recording_id}/keep").text
    assert "data-live" not in browser.get("/live").text
    assert browser.post(f"/live/{theirs.recording_id}/pause", data={"seconds": "-1"}).status_code == 400


def test_nobody_acts_from_elsewhere(site: Site) -> None:
    call = live_call()
    site.live.now = [call]
    path = f"/live/{call.recording_id}/pause"
    assert site.signed_in().post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    site.visitor().post(path)
    assert site.live.now == [replace(call)]
