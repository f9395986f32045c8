"""Signing in and out, as a browser does it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.accounts import create_sign_in_link
from fonoteka.web.security import local_address
from tests.web.site import LOGIN, PASSWORD, Site


def test_a_page_asks_to_sign_in_and_comes_back_to_it(site: Site) -> None:
    browser = site.visitor()
    asked = browser.get("/calls?direction=incoming")
    assert asked.status_code == 303
    assert asked.headers["location"] == f"/sign-in?next={quote('/calls?direction=incoming')}"

    form = browser.get(asked.headers["location"])
    assert 'value="/calls?direction=incoming"' in form.text
    answer = browser.post(
        "/sign-in", data={"login": LOGIN, "password": PASSWORD, "next": "/calls?direction=incoming"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/calls?direction=incoming")
    assert browser.get("/calls").status_code == 200


def test_the_session_cookie_is_out_of_reach(site: Site) -> None:
    answer = site.visitor().post("/sign-in", data={"login": LOGIN, "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("fonoteka_session=")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=2592000"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_over_https_cookies_are_secure(make_site: Callable[..., Site]) -> None:
    browser = make_site(public_url="https://calls.example.com").visitor()
    signed_in = browser.post("/sign-in", data={"login": LOGIN, "password": PASSWORD})
    chosen = browser.post("/preferences", data={"theme": "dark"})
    assert "Secure" in signed_in.headers["set-cookie"]
    assert "Secure" in chosen.headers["set-cookie"]


def test_a_refusal_says_how_many_attempts_are_left_and_then_how_long_to_wait(site: Site) -> None:
    browser = site.visitor()
    wrong = {"login": LOGIN, "password": "wrong"}
    first = browser.post("/sign-in", data=wrong)
    assert first.status_code == 403
    assert "Логин или пароль не подходят. Осталось 4 попытки." in first.text
    assert 'aria-invalid="true"' in first.text
    assert "set-cookie" not in first.headers
    for _ in range(3):
        last = browser.post("/sign-in", data=wrong)
    assert "Осталась 1 попытка." in last.text
    assert "Следующая попытка через 30\N{NO-BREAK SPACE}с." in browser.post("/sign-in", data=wrong).text

    throttled = browser.post("/sign-in", data={"login": LOGIN, "password": PASSWORD})
    assert throttled.status_code == 429
    assert 1 <= int(throttled.headers["retry-after"]) <= 30
    assert "Слишком много попыток." in throttled.text


def test_what_was_typed_comes_back_as_text(site: Site) -> None:
    answer = site.visitor().post("/sign-in", data={"login": '"><script>x</script>', "password": "y"})
    assert "<script>x" not in answer.text
    assert "&lt;script&gt;x" in answer.text


def test_looking_at_a_link_does_not_use_it_up(site: Site) -> None:
    address = f"/sign-in/link/{create_sign_in_link(site.accounts, LOGIN)}"
    assert site.visitor().get(address).status_code == 200
    assert site.visitor().get(address).status_code == 200

    browser = site.visitor()
    redeemed = browser.post(address)
    assert (redeemed.status_code, redeemed.headers["location"]) == (303, "/calls")
    assert browser.get("/calls").status_code == 200

    again = site.visitor().post(address)
    assert again.status_code == 403
    assert "Ссылка больше не действует" in again.text


def test_signing_out_ends_the_session_on_the_server(site: Site) -> None:
    browser = site.signed_in()
    secret = browser.cookies["fonoteka_session"]
    answer = browser.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")

    thief = site.visitor()
    thief.cookies.set("fonoteka_session", secret)
    assert thief.get("/calls").status_code == 303


def test_a_script_is_told_where_to_go(site: Site) -> None:
    answer = site.visitor().get("/calls/rows", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
    ],
)
def test_another_site_cannot_make_the_browser_change_anything(site: Site, headers: dict[str, str]) -> None:
    browser = site.signed_in()
    call = site.add()
    refused = browser.post(f"/recordings/{call.recordings[0].id}/delete", headers=headers)
    assert refused.status_code == 403
    assert "На это нет права" in refused.text
    assert browser.post("/sign-out", headers=headers).status_code == 403
    assert "<call-player" in browser.get(f"/calls/{call.id}").text


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}, {}])
def test_our_own_forms_work(site: Site, headers: dict[str, str]) -> None:
    assert site.signed_in().post("/sign-out", headers=headers).status_code == 303


@pytest.mark.parametrize("next_", ["https://evil.example", "//evil.example", "/\\evil.example", "evil"])
def test_signing_in_never_leads_to_another_site(site: Site, next_: str) -> None:
    data = {"login": LOGIN, "password": PASSWORD, "next": next_}
    assert site.visitor().post("/sign-in", data=data).headers["location"] == "/calls"


@given(st.text())
def test_a_local_address_stays_here(text: str) -> None:
    address = local_address(text)
    assert address == "/calls" or (address == text and text[0] == "/" and text[1:2] not in ("/", "\\"))
