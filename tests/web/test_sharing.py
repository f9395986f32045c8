"""Sharing on the pages, and what a stranger sees who comes by a link."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from fonoteka import accounts, sharing
from fonoteka.archive import bin_recording
from fonoteka.domain.access import ActorKind, Role
from fonoteka.domain.rights import WHOLE_TENANT
from tests.api.conftest import ROOT
from tests.web.site import Site


def made_link(site: Site, client: TestClient, call_id: str, **fields: str) -> str:
    """The path of a new link."""
    answer = client.post("/share", data={"id": call_id, "how": "link", "reason": "Спор о счёте", **fields})
    assert answer.status_code == 303, answer.text
    answer = client.get(answer.headers["location"])
    found = re.search(r"https://calls\.example\.com(/s/[\w-]{43})", answer.text)
    assert "/s/" not in client.get(answer.url.path).text  # shown once
    assert found, answer.text
    return found[1]


def opened(site: Site, path: str, password: str = "") -> TestClient:
    stranger = site.visitor()
    assert stranger.post(path, data={"password": password}).status_code == 303
    return stranger


def test_a_stranger_opens_a_link_and_hears_without_names(site: Site) -> None:
    call = site.add()
    path = made_link(site, site.signed_in(), call.id)
    stranger = site.visitor()
    face = stranger.get(path)
    assert face.status_code == 200
    assert "Открыть" in face.text
    for name, value in (
        ("x-robots-tag", "noindex, nofollow, noarchive"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ):
        assert face.headers[name] == value
    assert stranger.post(path, headers={"Origin": "null"}).status_code == 303
    seen = stranger.get(path)
    assert "<call-player" in seen.text
    assert call.recordings[0].id in seen.text
    for secret in ("Кольцова", "Лебедева", "9000000014", "79000000014"):
        assert secret not in seen.text
    assert site.visitor().get("/calls").status_code == 303


def test_the_number_of_openings_is_counted_and_told(site: Site) -> None:
    path = made_link(site, site.signed_in(), site.add().id, opens_max="1")
    stranger = opened(site, path)
    assert [stranger.get(path).status_code for _ in range(2)] == [200, 200]  # coming back is no opening
    late = site.visitor().get(path)
    assert (late.status_code, "Ссылка исчерпана" in late.text) == (410, True)
    assert site.visitor().post(path).status_code == 410


def test_a_revoked_link_is_over_for_who_has_it_open(site: Site) -> None:
    client = site.signed_in()
    path = made_link(site, client, site.add().id)
    stranger = opened(site, path)
    share_id = re.search(r"/shares/([0-9a-f-]{36})/revoke", client.get("/shares").text)
    assert share_id
    assert client.post(f"/shares/{share_id[1]}/revoke").status_code == 303
    for visitor in (stranger, site.visitor()):
        answer = visitor.get(path)
        assert (answer.status_code, "Ссылка отозвана" in answer.text) == (410, True)
    assert "Отозвано" in client.get(f"/shares/{share_id[1]}").text


def test_guessing_a_password_gets_slow(site: Site) -> None:
    path = made_link(site, site.signed_in(), site.add().id, password="open sesame")
    stranger = site.visitor()
    for _ in range(5):
        answer = stranger.post(path, data={"password": "guess"})
        assert (answer.status_code, "Пароль не подходит" in answer.text) == (403, True)
    answer = stranger.post(path, data={"password": "open sesame"})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def test_the_password_opens(site: Site) -> None:
    path = made_link(site, site.signed_in(), site.add().id, password="open sesame")
    assert "<call-player" in opened(site, path, "open sesame").get(path).text


def test_what_was_deleted_is_said_to_be_gone(site: Site) -> None:
    call = site.add()
    path = made_link(site, site.signed_in(), call.id)
    bin_recording(site.archive, ROOT, call.recordings[0].id)
    answer = opened(site, path).get(path)
    assert (answer.status_code, "Этой записи больше нет" in answer.text) == (200, True)


def test_a_link_dies_with_the_rights_of_who_made_it(site: Site) -> None:
    owner = replace(ROOT, role=Role.OWNER)
    user, _ = accounts.create_user(site.accounts, owner, "vera", "Вера", Role.SUPERVISOR, WHOLE_TENANT)
    with site.archive.store.reading() as tx:
        vera = accounts.actor_by_id(tx, "default", ActorKind.USER, user.id, site.archive.now())
    assert vera is not None
    wanted = sharing.Wanted((site.add().id,), reason="r")
    _, link = sharing.share_calls(site.sharing, vera, wanted)
    path = link.removeprefix("https://calls.example.com")
    stranger = opened(site, path)
    accounts.change_user(site.accounts, owner, user.id, "Вера", Role.QUALITY, WHOLE_TENANT, is_disabled=False)
    assert stranger.get(path).status_code == 410
    accounts.change_user(
        site.accounts, owner, user.id, "Вера", Role.SUPERVISOR, WHOLE_TENANT, is_disabled=False
    )
    assert stranger.get(path).status_code == 200
    accounts.change_user(
        site.accounts, owner, user.id, "Вера", Role.SUPERVISOR, WHOLE_TENANT, is_disabled=True
    )
    answer = stranger.get(path)
    assert (answer.status_code, "больше не вправе" in answer.text) == (410, True)


@pytest.mark.parametrize("path", ["/s/x", "/s/" + "a" * 43, "/s/" + "я" * 200, "/s/%00", "/s/../calls"])
def test_made_up_links_are_none(site: Site, path: str) -> None:
    answer = site.visitor().get(path)
    assert answer.status_code in (303, 404)
    assert "<call-player" not in answer.text


def test_so_many_looks_a_minute_are_enough(site: Site) -> None:
    stranger = site.visitor()
    codes = [stranger.get("/s/nothing").status_code for _ in range(61)]
    assert codes == [404] * 60 + [429]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"how": "link", "reason": ""}, "Напишите основание"),
        ({"how": "mail", "recipient": ""}, "не адрес"),
        ({"how": "link", "reason": "r", "password": "short"}, "не меньше 8"),
        ({"how": "link", "reason": "r", "days": "1000"}, "от 1 до 90"),
    ],
)
def test_what_is_wrong_with_the_form_is_said(site: Site, fields: dict[str, str], told: str) -> None:
    answer = site.signed_in().post("/share", data={"id": site.add().id, **fields})
    assert answer.status_code == 422
    assert told in answer.text, re.findall(r'role="alert".*', answer.text)


def test_the_list_and_the_call_tell_what_was_shared(site: Site) -> None:
    client, call = site.signed_in(), site.add()
    made_link(site, client, call.id)
    assert "по ссылке" in client.get(f"/calls/{call.id}").text
    assert "Спор о счёте" in client.get("/shares").text
    assert client.post("/shares/terms", data={"own_domains": "Example.RU, почта.рф"}).status_code == 303
    assert "example.ru, xn--80a1acny.xn--p1ai" in client.get("/shares").text
    assert client.post("/shares/terms", data={"own_domains": "a b\n"}).status_code == 422


def test_a_chosen_few_come_as_a_zip(site: Site) -> None:
    client, calls = site.signed_in(), [site.add() for _ in range(3)]
    assert 'action="/calls/selected/archive/zip"' in client.post("/calls/selected/archive").text
    ids = f"{calls[0].id} {calls[2].id}"
    answer = client.post("/calls/selected/archive/zip", data={"ids": ids})
    assert (answer.status_code, answer.content[:2]) == (200, b"PK")
    assert answer.content.count(b"PK\x01\x02") == 4
    given = {"search": "q=104", "without": calls[0].id}
    answer = client.post("/calls/selected/archive/zip", data=given)
    assert answer.content.count(b"PK\x01\x02") == 4
    assert client.post("/calls/selected/archive/zip", data={"ids": ids, "format": "../x"}).status_code == 400
    assert site.visitor().post("/calls/selected/archive/zip").status_code == 303
    answer = client.post("/calls/selected/share", data=given)
    assert answer.headers["location"] == f"/share?id={calls[2].id}&id={calls[1].id}"
    assert "Отправить 2 звонка" in client.get(answer.headers["location"]).text


def test_more_calls_than_fit_a_mail_are_told_so(site: Site) -> None:
    for _ in range(51):
        site.add()
    answer = site.signed_in().post("/calls/selected/share", data={"search": ""})
    assert "не больше 50" in answer.text
