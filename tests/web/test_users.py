"""Users, the own account, tokens and the access log, as people meet them."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from fonoteka import accounts, policy
from fonoteka.domain.access import Role
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.people import Extension, Group
from tests.web.site import Site
from tests.web.test_rules import ROOT

LINK = re.compile(r'value="(http://testserver/sign-in/link/[^"]+)"')


def people(site: Site) -> str:
    """An extension and a group; gives the group's id."""
    policy.save_extension(site.policy, ROOT, Extension("", "default", "104"))
    return policy.save_group(site.policy, ROOT, Group("", "default", "Продажи", frozenset({"104"}))).id


def invite(site: Site, **form: object) -> TestClient:
    """A browser that the new user has signed in with, by the link that the page shows."""
    given = {"login": "anna", "name": "Анна", "role": "agent", "reach": "own", "extensions": "104", **form}
    page = site.signed_in().post("/users/save", data=given)
    assert page.status_code == 200, page.text
    found = LINK.search(page.text)
    assert found is not None
    browser = site.visitor()
    browser.headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"
    assert browser.post(found[1].removeprefix("http://testserver")).status_code == 303
    return browser


def test_an_agent_sees_the_own_calls_and_no_more(site: Site) -> None:
    people(site)
    mine, theirs = site.add(), site.add(agent=("Борис", "105"))
    browser = invite(site)
    page = browser.get("/calls").text
    assert mine.id in page
    assert theirs.id not in page
    assert browser.get(f"/calls/{theirs.id}").status_code == 404
    shown = browser.get(f"/calls/{mine.id}").text
    assert "download=1" not in shown
    assert "/delete" not in shown
    for address in ("/ledger", "/rules", "/people", "/users", "/users/tokens", "/audit", "/audit/export"):
        assert f'href="{address}"' not in page
        assert browser.get(address, follow_redirects=True).status_code == 403, address
    empty = invite(
        site, login="boris", reach="groups", role="quality", group=people_group(site), extensions=""
    )
    assert mine.id in empty.get("/calls").text
    assert "+7900•••••14" in empty.get("/calls").text


def people_group(site: Site) -> str:
    return policy.directory(site.policy, ROOT).groups[0].id


def test_who_has_no_calls_yet_is_not_told_how_to_set_up_a_pbx(site: Site) -> None:
    people(site)
    assert "SIPREC" in site.signed_in().get("/calls").text
    page = invite(site).get("/calls")
    assert page.status_code == 200
    assert "SIPREC" not in page.text


def test_the_account_page_sets_a_password_and_ends_browsers(site: Site) -> None:
    people(site)
    browser = invite(site)
    page = browser.get("/account").text
    assert "Задать пароль" in page
    assert "Firefox, Windows" in page
    differ = browser.post("/account/password", data={"new_password": "a pass phrase", "again": "x"})
    assert (differ.status_code, "Пароли не совпадают" in differ.text) == (422, True)
    same = {"new_password": "a pass phrase", "again": "a pass phrase"}
    assert browser.post("/account/password", data=same).headers["location"] == "/account?done=password"
    assert "Сменить пароль" in browser.get("/account?done=password").text
    other = site.visitor()
    assert other.post("/sign-in", data={"login": "anna", "password": "a pass phrase"}).status_code == 303
    other_id = re.search(r'name="id" value="([^"]+)"', browser.get("/account").text)
    assert other_id is not None
    browser.post("/account/sign-out", data={"id": other_id[1]})
    assert other.get("/calls").status_code == 303
    assert browser.get("/calls").status_code == 200


def test_a_user_is_changed_and_shut_out(site: Site) -> None:
    group = people(site)
    browser = invite(site)
    root = site.signed_in()
    (user,) = [one for one in accounts.list_users(site.accounts, ROOT) if one.login == "anna"]
    form = root.get(f"/users?edit={user.id}").text
    assert 'value="104"' in form
    changed = {
        "id": user.id,
        "name": "Анна Лебедева",
        "role": "supervisor",
        "reach": "groups",
        "group": group,
        "permission.recording.delete": "no",
        "permission.recording.listen": "",
    }
    assert root.post("/users/save", data=changed).status_code == 303
    (after,) = [one for one in accounts.list_users(site.accounts, ROOT) if one.login == "anna"]
    assert (after.role, after.rights.group_ids) == (Role.SUPERVISOR, {group})
    assert [one.value for one in after.rights.removed] == ["recording.delete"]
    assert "Продажи" in root.get("/users").text
    link = root.post("/users/link", data={"id": user.id}).text
    assert LINK.search(link)
    root.post("/users/save", data={**changed, "is_disabled": "yes"})
    assert browser.get("/calls").status_code == 303
    assert "вход закрыт" in root.get("/users").text


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"login": "admin"}, "Этот логин занят"),
        ({"login": "a b"}, "без пробелов"),
        ({"name": " "}, "Имя — от 1 до 200"),
        ({"extensions": "999"}, "Добавочного 999 нет"),
        ({"extensions": ""}, "Укажите свой добавочный"),
        ({"reach": "groups", "extensions": ""}, "Выберите хотя бы одну группу"),
    ],
)
def test_what_cannot_be_is_said_and_the_form_stays(site: Site, form: dict[str, str], told: str) -> None:
    people(site)
    given = {"login": "anna", "name": "<b>Анна</b>", "role": "agent", "reach": "own", "extensions": "104"}
    page = site.signed_in().post("/users/save", data={**given, **form})
    assert page.status_code == 422
    assert told in page.text
    assert "<b>Анна</b>" not in page.text
    assert len(accounts.list_users(site.accounts, ROOT)) == 1


def test_tokens_are_made_for_one_thing_and_revoked(site: Site) -> None:
    browser = site.signed_in()
    assert "Ключей пока нет" in browser.get("/users/tokens").text
    assert browser.post("/users/tokens", data={"name": "CRM"}).status_code == 422
    answer = browser.post("/users/tokens", data={"name": "CRM", "permission": ["call.see"], "days": "30"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/users/tokens")
    assert "HttpOnly" in answer.headers["set-cookie"]
    made = browser.get("/users/tokens")
    assert made.headers["cache-control"] == "no-store"
    secret = re.search(r'value="(fonoteka_[^"]+)"', made.text)
    assert secret is not None
    who = accounts.actor_of_token(site.accounts, secret[1], "")
    assert [one.value for one in who.granted] == ["call.see"]
    assert "fonoteka_" not in browser.get("/users/tokens").text  # once
    (token,) = accounts.list_tokens(site.accounts, ROOT)
    assert token.expires_at is not None
    browser.post("/users/tokens/revoke", data={"id": token.id})
    assert "Ключей пока нет" in browser.get("/users/tokens").text


def test_the_access_log_is_searched_checked_and_exported(site: Site) -> None:
    call = site.add()
    browser = site.signed_in()
    with site.accounts.store.transaction() as tx:
        tx.audit.append(
            ROOT, AuditAction.RECORDING_LISTENED, call.recordings[0].id, "format=opus", call.started_at
        )
    page = browser.get("/audit").text
    assert "Прослушивание" in page
    opened = browser.get(f"/audit/recordings/{call.recordings[0].id}")
    assert opened.headers["location"] == f"/calls/{call.id}"
    only = browser.get("/audit?what=user.created&who=system&since=2020-01-01&until=bad").text
    assert "format=opus" not in only
    assert "Заведён пользователь</option>" in only
    assert "Ничего не нашлось" in browser.get("/audit?who=nobody").text
    assert "целы, ни одно не пропало" in browser.get("/audit?verify=yes").text
    export = browser.get("/audit/export")
    assert export.headers["content-type"].startswith("text/csv")
    assert "recording.listened" in export.text
