"""POST /calls/archive and the audio of links: whole, for whom it is meant, over when the client leaves."""

from __future__ import annotations

import io
import json
import random
import time
import zipfile
from dataclasses import replace

import httpx
import pytest

from fonoteka import sharing
from fonoteka.api import metrics
from fonoteka.archive import bin_recording
from fonoteka.domain.access import ActorKind
from fonoteka.domain.audit import AuditAction, AuditQuery
from tests.api.calls import make_call, shelve
from tests.api.conftest import ROOT, Site

SOUND = random.Random(9).randbytes(3_000_000)
NUMBER = "+78005550199"


@pytest.fixture(scope="module")
def ids(site: Site) -> list[str]:
    """Calls of one number, 90 MB together."""
    made = [make_call("105", NUMBER) for _ in range(30)]
    for one in made:
        shelve(site.archive, one, SOUND)
    return [one.id for one in made]


def downloads(site: Site) -> int:
    with site.archive.store.reading() as tx:
        query = AuditQuery(actions=frozenset({AuditAction.RECORDING_DOWNLOADED}))
        return len(tx.audit.find("default", query, None, 1_000))


def test_named_calls_and_a_search_come_whole(client: httpx.Client, ids: list[str]) -> None:
    for selection in (
        {"ids": ids[:2]},
        {"query": {"number": NUMBER}, "without": ids[2:]},
    ):
        answer = client.post("/calls/archive", json={"selection": selection, "language": "ru"})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["content-disposition"].startswith('attachment; filename="calls_')
        with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
            assert file.testzip() is None
            told = json.loads(file.read("manifest.json"))["calls"]
            assert {one["call_id"] for one in told} == set(ids[:2])
            assert all(file.read(one["file"]) == SOUND for one in told)


def test_a_client_that_leaves_stops_the_work(site: Site, ids: list[str]) -> None:
    before = downloads(site)
    wanted = {"selection": {"query": {"number": NUMBER}}}
    with site.client() as client, client.stream("POST", "/calls/archive", json=wanted) as answer:
        pieces = answer.iter_raw(1000)
        assert next(pieces)
        assert metrics.AUDIO_STREAMS._value.get() == 1
    deadline = time.monotonic() + 20
    while metrics.AUDIO_STREAMS._value.get() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert metrics.AUDIO_STREAMS._value.get() == 0
    assert downloads(site) - before < len(ids)
    assert not list((site.archive.cache_folder / "exports").iterdir())


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"selection": {}},
        {"selection": {"ids": ["x"]}, "format": "exe"},
        {"selection": {"ids": ["x"] * 1001}},
        {"selection": {"query": {"since": "yesterday"}}},
        {"selection": {"ids": ["x"]}, "language": "../x"},
    ],
)
def test_what_cannot_be_understood_is_said(client: httpx.Client, wanted: dict[str, object]) -> None:
    answer = client.post("/calls/archive", json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")


def test_the_audio_of_a_link_is_for_who_opened_it(site: Site, bare: httpx.Client) -> None:
    call, other = make_call("106", NUMBER), make_call("107", NUMBER)
    recording, unshared = shelve(site.archive, call, SOUND), shelve(site.archive, other, SOUND)
    with site.archive.store.reading() as tx:
        admin = tx.users.of_login("admin")
    assert admin is not None
    author = replace(ROOT, kind=ActorKind.USER, id=admin.id, name="Anna")
    made, link = sharing.share_calls(site.sharing, author, sharing.Wanted((call.id,), reason="r"))
    secret = link.rpartition("/")[2]
    path = f"/shared/{secret}/recordings"
    assert bare.get(f"{path}/{recording.id}/audio").json()["code"] == "link.not_opened"
    visit = sharing.open_link(site.sharing, secret, "", "192.0.2.1")
    bare.cookies.set(sharing.visit_cookie(secret), visit)
    part = bare.get(f"{path}/{recording.id}/audio", headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, SOUND[5:10])
    assert NUMBER[-7:] not in part.headers["content-disposition"]
    assert bare.get(f"{path}/{recording.id}/peaks").status_code == 200
    assert bare.get(f"{path}/{unshared.id}/audio").json()["code"] == "recording.not_found"
    refused = bare.get(f"{path}/{recording.id}/audio", params={"download": 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "access.denied")
    assert bare.get(f"/shared/x{secret[1:]}/recordings/{recording.id}/audio").status_code == 404
    assert bare.get("/calls").status_code == 401
    bin_recording(site.archive, ROOT, recording.id)
    assert bare.get(f"{path}/{recording.id}/audio").json()["code"] == "recording.binned"
    sharing.revoke_share(site.sharing, author, made.id)
    assert bare.get(f"{path}/{recording.id}/audio").json()["code"] == "link.revoked"


def test_a_link_is_made_listed_and_revoked(client: httpx.Client, ids: list[str]) -> None:
    answer = client.post("/shares", json={"call_ids": ids[:1], "reason": "Dispute", "opens_max": 3})
    assert answer.status_code == 201
    made = answer.json()
    assert made["url"].startswith("https://calls.example.com/s/")
    share = made["share"]
    assert (share["kind"], share["state"], share["opens_max"]) == ("link", "good", 3)
    listed = client.get("/shares", params={"call_id": ids[0]}).json()["items"]
    assert share["id"] in [one["id"] for one in listed]
    assert made["url"].rpartition("/")[2] not in str(listed)
    assert client.delete(f"/shares/{share['id']}").status_code == 204
    assert client.get(f"/shares/{share['id']}").json()["state"] == "revoked"
    refused = client.post("/shares", json={"call_ids": ids[:1]})
    assert (refused.status_code, refused.json()["field"]) == (422, "reason")
