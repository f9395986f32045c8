"""What people say of a call, on its page: written, read, taken back, and never run as a script."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from starlette.testclient import TestClient

from fonoteka import accounts, archive, policy
from fonoteka.domain.access import Actor, ActorKind, Role
from fonoteka.domain.call import DEFAULT_TENANT_ID, Call, Direction
from fonoteka.domain.people import Extension
from fonoteka.domain.retention import RetentionTerm, RetentionTerms, TermScope
from fonoteka.domain.rights import WHOLE_TENANT, Reach, Rights
from tests.web.site import Site

OWNER = Actor(ActorKind.USER, "user-o", "Inna Grach", DEFAULT_TENANT_ID, Role.OWNER)
EVIL = "</textarea><script>alert(1)</script>\"'&"


def browser_of(site: Site, role: Role, rights: Rights = WHOLE_TENANT) -> TestClient:
    """A browser that somebody of that role is signed in with."""
    _, link = accounts.create_user(site.accounts, OWNER, f"of-{role}", f"{role} N", role, rights)
    client = site.visitor("en")
    client.cookies.set("fonoteka_session", accounts.redeem_sign_in_link(site.accounts, link, ""))
    return client


@pytest.fixture
def call(site: Site) -> Call:
    return site.add()


def section(page: str, name: str) -> str:
    found = re.search(rf'<section class="sec-p" id="{name}">.*?</section>', page, re.DOTALL)
    assert found is not None, name
    return found[0]


def test_what_is_said_stands_on_the_page_and_in_the_list(site: Site, call: Call) -> None:
    browser, address = site.signed_in("en"), f"/calls/{call.id}"
    recording = call.recordings[0].id
    for path, fields in (
        ("mark", {"mark": "2", "comment": EVIL}),
        ("tags", {"name": EVIL[:30]}),
        ("note", {"text": EVIL, "version": "0"}),
        ("comments", {"text": EVIL, "recording": recording, "at_ms": "83000"}),
        ("customer", {"text": EVIL, "version": "0"}),
    ):
        answer = browser.post(f"{address}/{path}", data=fields)
        assert (answer.status_code, answer.headers["location"].partition("#")[0]) in (
            (303, address),
            (303, f"{address}/customer"),
        )
    page = browser.get(address).text
    for name in ("mark", "tags", "note", "comments"):
        assert EVIL[:30] in unescape(section(page, name)), name
    assert 'href="#t=83">1:23</a>' in section(page, "comments")
    assert 'data-mark-value="2" aria-keyshortcuts="2" aria-pressed="true"' in page
    listed = browser.get("/calls").text
    assert '<b class="mark-v low"' in listed
    assert EVIL[:30] in unescape(listed)
    for seen in (page, listed, *(browser.get(f"{address}/{one}").text for one in ("note", "customer"))):
        assert "<script>alert" not in seen


def test_the_page_asks_for_a_section_and_gets_it(site: Site, call: Call) -> None:
    browser = site.signed_in("en")
    htmx = {"HX-Request": "true"}
    made = browser.post(f"/calls/{call.id}/tags", data={"name": "Complaint"}, headers=htmx)
    assert "<html" not in made.text
    tag = re.search(r'name="tag" value="([^"]+)"', section(made.text, "tags"))
    assert tag is not None
    gone = browser.post(f"/calls/{call.id}/untag", data={"tag": tag[1]}, headers=htmx)
    undo = section(gone.text, "tags")
    assert "Tag taken off." in undo
    assert f'action="/calls/{call.id}/tags"' in undo
    browser.post(f"/calls/{call.id}/tags", data={"tag": tag[1]}, headers=htmx)
    assert "Complaint" in section(browser.get(f"/calls/{call.id}").text, "tags")
    for path, data, told in (
        ("tags", {"name": " "}, "1 to 40 characters"),
        ("mark", {"mark": "7"}, "A mark is 1 to 5."),
        ("mark", {"mark": "x"}, "whole number"),
        ("comments", {"text": " "}, "A text is needed."),
        ("note", {"text": "x" * 10_001, "version": "0"}, "at most 10000 characters"),
    ):
        answer = browser.post(f"/calls/{call.id}/{path}", data=data, headers=htmx)
        assert answer.status_code == 200
        assert told in unescape(answer.text), (path, data)


def test_a_text_that_came_late_is_not_lost(site: Site, call: Call) -> None:
    browser = site.signed_in("en")
    archive.write_note(site.archive, OWNER, call.id, "theirs", 0)
    for headers in ({}, {"HX-Request": "true"}):
        answer = browser.post(
            f"/calls/{call.id}/note", data={"text": "mine & late", "version": "0"}, headers=headers
        )
        note = section(answer.text, "note")
        assert "Both texts are here" in note
        assert '<p class="text theirs">theirs</p>' in note
        assert ">mine &amp; late</textarea>" in note
        assert 'name="version" value="1"' in note
    saved = browser.post(f"/calls/{call.id}/note", data={"text": "both", "version": "1"})
    assert saved.status_code == 303
    versions = browser.get(f"/calls/{call.id}/note").text
    assert "theirs" in versions
    assert "both" in versions


def test_a_deleted_comment_comes_back(site: Site, call: Call) -> None:
    browser = site.signed_in("en")
    comment = archive.comment_call(site.archive, OWNER, call.id, "words")
    gone = browser.post(f"/calls/{call.id}/comments/{comment.id}/delete")
    assert "Comment deleted." in gone.text
    assert "words" not in section(gone.text, "comments")
    browser.post(f"/calls/{call.id}/comments/{comment.id}/restore")
    assert "words" in section(browser.get(f"/calls/{call.id}").text, "comments")


def test_each_role_finds_what_it_may_do(site: Site, call: Call) -> None:
    archive.mark_call(site.archive, OWNER, call.id, 4, "well done")
    archive.write_note(site.archive, OWNER, call.id, "call +7 916 123-45-67", 0)
    policy.save_extension(site.policy, OWNER, Extension("", DEFAULT_TENANT_ID, "104"))
    agent = browser_of(site, Role.AGENT, Rights(Reach.OWN, extensions=frozenset({"104"})))
    page = agent.get(f"/calls/{call.id}").text
    assert "well done" in section(page, "mark")
    assert "<form" not in section(page, "mark")
    assert "<form" in section(page, "note")
    assert 'id="listeners"' not in page
    assert agent.post(f"/calls/{call.id}/mark", data={"mark": "5"}).status_code == 403
    assert "There is no such tag." in agent.post(f"/calls/{call.id}/tags", data={"name": "new"}).text
    auditor = browser_of(site, Role.AUDITOR)
    page = auditor.get(f"/calls/{call.id}").text
    for name in ("mark", "tags", "note", "comments"):
        assert "<form" not in section(page, name), name
    assert "+7916•••••67" in section(page, "note")
    assert "Nobody yet." in section(page, "listeners")


def test_the_history_of_a_customer_ends_where_the_reach_does(site: Site, call: Call) -> None:
    theirs = site.add(agent=("Pavel Zimin", "101"), direction=Direction.OUTGOING)
    site.add(client=("Somebody", "+79000000015"))
    archive.write_customer_note(site.archive, OWNER, theirs.id, "wants the same courier", 0)
    policy.save_extension(site.policy, OWNER, Extension("", DEFAULT_TENANT_ID, "104"))
    agent = browser_of(site, Role.AGENT, Rights(Reach.OWN, extensions=frozenset({"104"})))
    seen = agent.get(f"/calls/{call.id}/customer").text
    assert "wants the same courier" in seen
    assert f"/calls/{theirs.id}" not in seen
    assert agent.get(f"/calls/{theirs.id}/customer").status_code == 404
    quality = browser_of(site, Role.QUALITY)
    seen = quality.get(f"/calls/{call.id}").text
    assert f'href="/calls/{theirs.id}"' in seen
    assert "wants the same courier" in seen
    assert "79000000014" not in seen + quality.get(f"/calls/{call.id}/customer").text
    internal = site.add(client=("Pavel Zimin", "101"), direction=Direction.INTERNAL)
    assert quality.get(f"/calls/{internal.id}/customer").status_code == 404
    assert quality.get(f"/calls/{internal.id}").status_code == 200
    late = {"text": "late", "version": "0"}
    told = unescape(quality.post(f"/calls/{call.id}/customer", data=late).text)
    assert "Both texts are here" in told
    assert "wants the same courier" in told


def test_tags_are_managed_with_the_number_of_calls(site: Site, call: Call) -> None:
    browser = site.signed_in("en")
    for name in ("first", "second"):
        browser.post("/tags", data={"do": "create", "name": name, "colour": "teal"})
        browser.post(f"/calls/{call.id}/tags", data={"name": name})
    first, second = (one.tag for one in archive.list_tags(site.archive, OWNER))
    assert (
        "There is a tag of that name already."
        in browser.post("/tags", data={"do": "save", "tag": first.id, "name": "SECOND"}).text
    )
    assert "on 1 calls" in browser.post("/tags", data={"do": "delete", "tag": first.id, "calls": "0"}).text
    terms = RetentionTerms("", terms=(RetentionTerm(TermScope.TAG, second.id, keep_at_least_days=9),))
    archive.change_retention(site.archive, OWNER, terms)
    assert (
        "has a term for this tag"
        in browser.post("/tags", data={"do": "merge", "tag": first.id, "into": second.id, "calls": "1"}).text
    )
    assert f'name="keep.{second.id}" value="9"' in browser.get("/storage").text
    browser.post("/tags", data={"do": "delete", "tag": first.id, "calls": "1"})
    assert [one.tag.name for one in archive.list_tags(site.archive, OWNER)] == ["second"]
    quality = browser_of(site, Role.QUALITY)
    assert quality.post("/tags", data={"do": "delete", "tag": second.id}).status_code == 403


def test_the_page_says_who_listened(site: Site, call: Call) -> None:
    recording = call.recordings[0].id
    for name in ("Anna", "Boris", "Vera", "Gleb"):
        who = replace(OWNER, id=name, name=name)
        purpose = archive.AudioPurpose.LISTEN if name != "Gleb" else archive.AudioPurpose.DOWNLOAD
        archive.open_audio(site.archive, who, recording, archive.AudioFormat.OPUS, purpose)
    seen = section(site.signed_in("en").get(f"/calls/{call.id}").text, "listeners")
    assert [seen.index(name) for name in ("Gleb", "as a file", "Vera", "Boris", "Earlier", "Anna")] == sorted(
        seen.index(name) for name in ("Gleb", "as a file", "Vera", "Boris", "Earlier", "Anna")
    )
