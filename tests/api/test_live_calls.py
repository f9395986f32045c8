"""Calls in progress over REST: seen by their tenant alone, paused, resumed, kept, and written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from fonoteka.domain.call import Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.ids import new_id
from fonoteka.domain.ports import LiveCall
from fonoteka.domain.sealed import SealedParticipant
from tests.api.conftest import Site, make_app, make_site, serve


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Site]:
    """A site with a call of its tenant and one of another's."""
    made = make_site(tmp_path)
    made.live.now = [live_call("default"), live_call("theirs")]
    for url in serve(make_app(made)):
        made.url = url
        yield made
    made.archive.store.close()


def live_call(tenant_id: str) -> LiveCall:
    """A call in progress."""
    people = (SealedParticipant("1", Party.CALLING, "101", "Анна", "sip:101@pbx"),)
    at = datetime(2026, 4, 24, 12, tzinfo=UTC)
    return LiveCall(
        new_id(), new_id(), tenant_id, "siprec", at, Direction.OUTGOING, people, None, False, "", None, None
    )


def actions(site: Site) -> list[tuple[str, str]]:
    """What the audit holds of recordings."""
    with site.archive.store.reading() as tx:
        events = tx.audit.newest("default", 50)
    found = [(one.action, one.subject_id) for one in reversed(events)]
    return [one for one in found if one[0].startswith("recording.")]


def test_a_call_is_paused_resumed_and_kept(own: Site) -> None:
    ours, theirs = (one.recording_id for one in own.live.now)
    with own.client() as client:
        (shown,) = client.get("/live").json()["items"]
        assert (shown["recording_id"], shown["participants"][0]["name"]) == (ours, "Анна")
        told = client.post(f"/live/{ours}/pause", json={"reason": "card", "resume_after_s": 60})
        assert told.status_code == 204
        (shown,) = client.get("/live").json()["items"]
        assert (shown["is_paused"], shown["pause_reason"]) == (True, "card")
        assert shown["resumes_at"] is not None
        assert client.post(f"/live/{ours}/resume").status_code == 204
        assert client.post(f"/live/{ours}/keep").status_code == 204
        (shown,) = client.get("/live").json()["items"]
        assert (shown["is_paused"], shown["kept"]) == (False, True)
        assert client.post(f"/live/{ours}/pause").status_code == 204
        for verb in ("pause", "resume", "keep"):
            answer = client.post(f"/live/{theirs}/{verb}")
            assert (answer.status_code, answer.json()["code"]) == (404, "recording.not_found")
    verbs = ["recording.paused", "recording.resumed", "recording.kept", "recording.paused"]
    assert actions(own) == [(verb, ours) for verb in verbs]
    assert own.live.now[1].kept is None


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"resume_after_s": 0}, "resume_after_s"),
        ({"resume_after_s": 100_000}, "resume_after_s"),
        ({"reason": "x" * 201}, "reason"),
    ],
)
def test_a_pause_has_bounds(client: httpx.Client, how: dict[str, object], field: str) -> None:
    answer = client.post(f"/live/{new_id()}/pause", json=how)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_without_a_recorder_it_says_so(own: Site) -> None:
    own.live.is_gone = True
    with own.client() as client:
        answer = client.get("/live")
    assert (answer.status_code, answer.json()["code"]) == (503, "recorder.unreachable")
    assert int(answer.headers["retry-after"]) >= 1
