"""Tags, marks, the note and comments over HTTP: who may, what is kept, and that nobody's text is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from fonoteka import accounts, policy
from fonoteka.domain.access import Role
from fonoteka.domain.annotations import (
    COMMENTS_OF_CALL_MAX,
    NOTE_CHARACTERS_MAX,
    TAGS_OF_CALL_MAX,
    CallTag,
    Comment,
    Tag,
)
from fonoteka.domain.call import Call
from fonoteka.domain.direction import Direction
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Extension
from fonoteka.domain.rights import WHOLE_TENANT, Reach, Rights
from tests.api.calls import NOON, make_call, shelve
from tests.api.conftest import ROOT, Site

OWN = Rights(Reach.OWN, extensions=frozenset({"101"}))
NUMBER = "+7 916 123-45-67"


def client_of(site: Site, role: Role, rights: Rights = WHOLE_TENANT) -> httpx.Client:
    """A client that somebody else of that role is signed in with."""
    token = accounts.create_token(
        site.accounts, role, replace(ROOT, role=Role.OWNER), role=role, rights=rights
    )
    return replace(site, token=token).client()


@pytest.fixture(scope="module", autouse=True)
def extension(site: Site) -> None:
    """The own number of whoever has the rights `OWN`."""
    policy.save_extension(site.policy, ROOT, Extension("", ROOT.tenant_id, "101"))


@pytest.fixture
def call(site: Site) -> Call:
    made = make_call("101", "+79161234567")
    shelve(site.archive, made, b"OggS" * 100)
    return made


def said(client: httpx.Client, call: Call) -> dict[str, Any]:
    answer = client.get(f"/calls/{call.id}/annotations")
    assert answer.status_code == 200
    return dict(answer.json())


def new_tag(client: httpx.Client, name: str) -> str:
    answer = client.post("/tags", json={"name": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_tag_from_its_making_to_its_end(site: Site, call: Call) -> None:
    with site.client() as client:
        first, second = new_tag(client, "  To   call <b>back</b>  "), new_tag(client, "second")
        assert code_of(client.post("/tags", json={"name": "SECOND"})) == (409, "tag.taken")
        assert code_of(client.put(f"/tags/{first}", json={"name": "Second"})) == (409, "tag.taken")
        for name in ("", " ", "x" * 41, "a\u202eb"):
            assert client.post("/tags", json={"name": name}).status_code == 422, name
        for _ in range(2):
            assert client.put(f"/calls/{call.id}/tags/{first}").status_code == 204
        (tag,) = said(client, call)["tags"]
        assert (tag["tag"]["name"], tag["tag"]["colour"]) == ("To call <b>back</b>", "grey")
        renamed = client.put(f"/tags/{first}", json={"name": "to CALL <b>back</b>", "colour": "teal"})
        assert renamed.status_code == 200
        assert code_of(client.post(f"/tags/{first}/merge", json={"into": second})) == (409, "tag.in_use")
        assert client.post(f"/tags/{first}/merge", json={"into": first}).status_code == 422
        merged = client.post(f"/tags/{first}/merge", json={"into": second, "agreed_calls": 1})
        assert merged.json()["id"] == second
        assert [one["tag"]["id"] for one in said(client, call)["tags"]] == [second]
        uses = {one["tag"]["id"]: one["calls"] for one in client.get("/tags").json()["items"]}
        assert first not in uses
        assert uses[second] == 1
        assert code_of(client.delete(f"/tags/{second}")) == (409, "tag.in_use")
        assert client.delete(f"/tags/{second}", params={"agreed_calls": 1}).status_code == 204
        assert said(client, call)["tags"] == []
        assert code_of(client.put(f"/calls/{call.id}/tags/{second}")) == (404, "tag.not_found")


def test_a_call_has_so_many_tags(site: Site, call: Call) -> None:
    with site.client() as client:
        with site.archive.store.transaction() as tx:
            for number in range(TAGS_OF_CALL_MAX - 1):
                tag = Tag(new_id(), call.tenant_id, f"many {number}")
                tx.tags.add(tag)
                tx.tags.put(call, CallTag(tag, NOON, "u", "U"))
        for name, status in (("the last", 204), ("one too many", 422)):
            assert client.put(f"/calls/{call.id}/tags/{new_tag(client, name)}").status_code == status


def test_each_has_one_mark_and_agents_read_it(site: Site, call: Call) -> None:
    address = f"/calls/{call.id}/mark"
    with site.client() as client, client_of(site, Role.QUALITY) as other:
        assert client.put(address, json={"mark": 1, "comment": "no"}).status_code == 204
        assert client.put(address, json={"mark": 2, "comment": "two\r\nlines"}).status_code == 204
        assert other.put(address, json={"mark": 5}).status_code == 204
        for mark in (0, 6, 2.5):
            assert client.put(address, json={"mark": mark}).status_code == 422
        with client_of(site, Role.AGENT, OWN) as agent:
            assert agent.put(address, json={"mark": 5}).status_code == 403
            seen = said(agent, call)
        assert [(one["mark"], one["comment"]) for one in seen["marks"]] == [(2, "two\nlines"), (5, "")]
        assert seen["mean_mark"] == 3.5
        for _ in range(2):
            assert other.delete(address).status_code == 204
        assert said(client, call)["mean_mark"] == 2.0


def test_two_write_one_note_and_neither_text_is_lost(site: Site, call: Call) -> None:
    address = f"/calls/{call.id}/note"
    with site.client() as client, client_of(site, Role.AGENT, OWN) as agent:
        first = client.put(address, json={"text": "first", "based_on_version": 0})
        assert first.json()["version"] == 1
        late = agent.put(address, json={"text": "late", "based_on_version": 0})
        assert code_of(late) == (409, "version.conflict")
        assert agent.put(address, json={"text": "first", "based_on_version": 0}).json()["version"] == 1
        both = agent.put(address, json={"text": "first\nand late", "based_on_version": 1})
        assert (both.json()["version"], both.json()["text"]) == (2, "first\nand late")
        history = client.get(f"{address}/history").json()["items"]
        assert [one["text"] for one in history] == ["first\nand late", "first"]
        for text in ("x" * (NOTE_CHARACTERS_MAX + 1), "a\x00b", "\ud800"):
            body = httpx.Request("PUT", "http://x/", json={"text": "?"}).content.replace(
                b'"?"', b'"' + text.encode("ascii", "backslashreplace").replace(b"\x00", b"\\u0000") + b'"'
            )
            refused = client.put(
                address,
                content=body.replace(b"}", b',"based_on_version":2}'),
                headers={"Content-Type": "application/json"},
            )
            assert code_of(refused) == (422, "request.invalid")


def test_masked_numbers_stay_in_a_note_that_is_edited(site: Site, call: Call) -> None:
    address = f"/calls/{call.id}/note"
    with site.client() as client, client_of(site, Role.QUALITY) as quality:
        client.put(address, json={"text": f"Call {NUMBER} or 84951234567", "based_on_version": 0})
        masked = said(quality, call)["note"]["text"]
        assert masked == "Call +7916•••••67 or 8495•••••67"
        assert NUMBER not in quality.get(f"{address}/history").text
        assert quality.put(address, json={"text": masked, "based_on_version": 1}).json()["version"] == 1
        edited = quality.put(address, json={"text": f"{masked}, soon", "based_on_version": 1})
        assert edited.json()["text"] == f"{masked}, soon"
        assert said(client, call)["note"]["text"] == f"Call {NUMBER} or 84951234567, soon"


def test_comments_are_their_authors(site: Site, call: Call) -> None:
    address, recording_id = f"/calls/{call.id}/comments", call.recordings[0].id
    with site.client() as admin, client_of(site, Role.AGENT, OWN) as agent:
        made = agent.post(address, json={"text": "here", "recording_id": recording_id, "at_ms": 61_000})
        assert made.status_code == 201
        mine = f"{address}/{made.json()['id']}"
        theirs = f"{address}/{admin.post(address, json={'text': 'whole'}).json()['id']}"
        for moment in (
            {"at_ms": 5},
            {"recording_id": recording_id},
            {"recording_id": recording_id, "at_ms": 61_001},
            {"recording_id": call.id, "at_ms": 5},
        ):
            assert agent.post(address, json={"text": "x", **moment}).status_code == 422, moment
        assert agent.post(address, json={"text": " \n"}).status_code == 422
        edit = {"text": "there", "based_on_version": 1}
        assert agent.put(mine, json=edit).json()["version"] == 2
        assert code_of(agent.put(mine, json={**edit, "text": "old"})) == (409, "version.conflict")
        assert code_of(admin.put(mine, json={**edit, "based_on_version": 2})) == (403, "access.denied")
        assert code_of(agent.put(theirs, json=edit)) == (403, "access.denied")
        assert code_of(agent.delete(theirs)) == (403, "access.denied")
        for _ in range(2):
            assert admin.delete(mine).status_code == 204
        assert [one["text"] for one in said(agent, call)["comments"]] == ["whole"]
        assert agent.put(mine, json={**edit, "based_on_version": 2}).status_code == 404
        for _ in range(2):
            assert agent.post(f"{mine}/restore").json()["text"] == "there"
        assert [one["text"] for one in said(agent, call)["comments"]] == ["there", "whole"]
        with site.archive.store.transaction() as tx:
            for _ in range(COMMENTS_OF_CALL_MAX - 2):
                more = Comment(new_id(), call.id, None, None, "more", "u", "U", NOON)
                tx.annotations.comments.add(call.tenant_id, more)
        assert agent.post(address, json={"text": "one too many"}).status_code == 422
        events = admin.get("/audit", params={"subject_id": call.id, "limit": 200}).json()["items"]
        assert {one["detail"].partition("=")[0] for one in events} >= {
            "added",
            "edited",
            "deleted",
            "restored",
        }


def test_calls_of_others_are_not_annotated(site: Site) -> None:
    theirs = make_call("102", "+79161234567")
    shelve(site.archive, theirs, b"OggS" * 100)
    with site.client() as client, client_of(site, Role.AGENT, OWN) as agent:
        tag = new_tag(client, "theirs")
        for answer in (
            agent.get(f"/calls/{theirs.id}/annotations"),
            agent.put(f"/calls/{theirs.id}/tags/{tag}"),
            agent.put(f"/calls/{theirs.id}/note", json={"text": "x", "based_on_version": 0}),
            agent.post(f"/calls/{theirs.id}/comments", json={"text": "x"}),
        ):
            assert code_of(answer) == (404, "call.not_found")
        assert {one["calls"] for one in agent.get("/tags").json()["items"]} == {None}


def kept(client: httpx.Client, call: Call) -> dict[str, Any]:
    return dict(client.get(f"/recordings/{call.recordings[0].id}/kept").json())


def save_terms(client: httpx.Client, *terms: dict[str, Any]) -> None:
    version = client.get("/storage/terms").json()["version"]
    answer = client.put(
        "/storage/terms", json={"terms": {"version": version, "terms": terms}, "agreed": True}
    )
    assert answer.status_code == 200, answer.text


def test_a_tag_keeps_a_recording_and_says_so(site: Site, call: Call) -> None:
    with site.client() as client, client_of(site, Role.SUPERVISOR) as supervisor:
        tag = new_tag(client, "Complaint")
        other = new_tag(client, "Short")
        term = {"scope": "tag", "subject_id": tag, "keep_at_least_days": 1000}
        ends = {"scope": "tag", "subject_id": other, "delete_after_days": 2000}
        unknown = {**term, "subject_id": call.id}
        version = client.get("/storage/terms").json()["version"]
        refused = client.put("/storage/terms", json={"terms": {"version": version, "terms": [unknown]}})
        assert code_of(refused) == (422, "request.invalid")
        save_terms(client, term, ends)
        assert kept(client, call)["protected_until"] is None
        with client_of(site, Role.AGENT, OWN) as agent:
            assert agent.put(f"/calls/{call.id}/tags/{tag}").status_code == 204
            # A slip can be mended by whoever made it, and by nobody else below the storage's keeper.
            refusal = supervisor.delete(f"/calls/{call.id}/tags/{tag}")
            assert code_of(refusal) == (409, "tag.protects")
            assert agent.delete(f"/calls/{call.id}/tags/{tag}").status_code == 204
            assert kept(client, call)["protected_until"] is None
            assert agent.put(f"/calls/{call.id}/tags/{tag}").status_code == 204
            refusal = agent.put(f"/calls/{call.id}/tags/{other}")
            assert code_of(refusal) == (409, "tag.protects")
        assert supervisor.put(f"/calls/{call.id}/tags/{other}").status_code == 204
        now = kept(client, call)
        assert (now["protected_by"]["name"], now["protected_by"]["days"]) == ("Complaint", 1000)
        assert (now["by"]["name"], now["by"]["days"]) == ("Short", 2000)
        gone = client.delete(f"/recordings/{call.recordings[0].id}")
        assert code_of(gone) == (409, "recording.protected")
        assert code_of(client.delete(f"/tags/{tag}", params={"agreed_calls": 9})) == (409, "tag.governs")
        merging = client.post(f"/tags/{other}/merge", json={"into": tag, "agreed_calls": 9})
        assert code_of(merging) == (409, "tag.governs")
        assert client.delete(f"/calls/{call.id}/tags/{tag}").status_code == 204
        assert kept(client, call)["protected_until"] is None
        save_terms(client)


def test_a_customer_is_known_by_the_number_in_any_notation(site: Site) -> None:
    calls = [make_call("101", number) for number in ("+79265550001", "8 (926) 555-00-01", "+79265550002")]
    for one in calls:
        shelve(site.archive, one, b"OggS" * 100)
    first, second, other = (f"/calls/{one.id}/customer" for one in calls)
    with site.client() as client, client_of(site, Role.QUALITY) as quality:
        note = {"text": "Call +7 926 555-00-01 after six", "based_on_version": 0}
        assert client.put(f"{first}/note", json=note).json()["version"] == 1
        assert code_of(client.put(f"{second}/note", json={**note, "text": "x"})) == (409, "version.conflict")
        assert client.get(second).json()["note"]["text"] == note["text"]
        assert client.get(other).json()["note"]["version"] == 0
        found = {one["id"] for one in client.get(f"{second}/calls").json()["items"]}
        assert found == {calls[0].id, calls[1].id}
        masked = quality.get(second)
        assert masked.json()["number"] == "8926•••••01"
        assert "555" not in masked.text + quality.get(f"{second}/calls").text
        assert len(quality.get(f"{second}/note/history").json()["items"]) == 1
        internal = make_call("101", "102", direction=Direction.INTERNAL)
        shelve(site.archive, internal, b"OggS" * 100)
        assert code_of(client.get(f"/calls/{internal.id}/customer")) == (404, "customer.unknown")
        page = client.get(f"{first}/calls", params={"limit": 1}).json()
        rest = client.get(f"{first}/calls", params={"limit": 1, "cursor": page["next"]}).json()
        assert {one["items"][0]["id"] for one in (page, rest)} == found


def test_lists_tell_in_short_what_is_said(site: Site, call: Call) -> None:
    with site.client() as client:
        client.put(f"/calls/{call.id}/tags/{new_tag(client, 'in short')}")
        client.put(f"/calls/{call.id}/mark", json={"mark": 3})
        client.post(f"/calls/{call.id}/comments", json={"text": "x"})
        gist = client.get("/calls", params={"limit": 200}).json()["gists"][call.id]
        assert [one["name"] for one in gist["tags"]] == ["in short"]
        assert (gist["mark"], gist["has_note"], gist["comments"]) == (3.0, False, 1)


def test_supervisors_see_who_listened_and_quality_does_not(site: Site, call: Call) -> None:
    recording_id = call.recordings[0].id
    with client_of(site, Role.SUPERVISOR) as supervisor, client_of(site, Role.QUALITY) as quality:
        assert quality.get(f"/recordings/{recording_id}/audio").status_code == 200
        (heard,) = supervisor.get(f"/calls/{call.id}/listeners").json()["items"]
        assert (heard["actor_name"], heard["is_download"]) == ("quality", False)
        assert code_of(quality.get(f"/calls/{call.id}/listeners")) == (403, "access.denied")
