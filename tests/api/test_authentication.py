"""Who may ask: token, session cookie, and what a page of another origin may not."""

from __future__ import annotations

import httpx
import pytest

from fonoteka import accounts as accounts_cases
from fonoteka.domain.ids import new_id
from tests.api.calls import make_call, shelve
from tests.api.conftest import PASSWORD, Site

GUARDED = [
    ("GET", "/calls"),
    ("GET", f"/calls/{new_id()}"),
    ("GET", f"/recordings/{new_id()}"),
    ("GET", f"/recordings/{new_id()}/audio"),
    ("GET", f"/recordings/{new_id()}/peaks"),
    ("DELETE", f"/recordings/{new_id()}"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
    ("HEAD", "/calls"),
]


@pytest.fixture(scope="module")
def session(site: Site) -> str:
    """The secret of a signed-in browser."""
    return accounts_cases.sign_in(site.accounts, "admin", PASSWORD, "127.0.0.1")


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_everything_but_health_wants_a_sign_in(bare: httpx.Client, method: str, path: str) -> None:
    answer = bare.request(method, path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    if method != "HEAD":
        assert answer.json()["code"] == "sign_in.required"


def test_a_sign_in_is_asked_for_before_parameters_are_looked_at(bare: httpx.Client) -> None:
    assert bare.get("/calls?limit=0").status_code == 401
    assert bare.get("/calls?nonsense=1").status_code == 401


@pytest.mark.parametrize(
    "authorization",
    [
        b"Bearer",
        b"Bearer nonsense",
        b"Bearer " + b"x" * 10_000,
        b"Bearer \xff\xfe",
        b"Basic YWRtaW46YWRtaW4=",
        b"Token nonsense",
        b"",
    ],
)
def test_no_other_token_is_taken(bare: httpx.Client, authorization: bytes) -> None:
    assert bare.get("/calls", headers=[(b"Authorization", authorization)]).status_code == 401


def test_the_scheme_is_case_insensitive(site: Site, bare: httpx.Client) -> None:
    assert bare.get("/calls", headers={"Authorization": f"bearer {site.token}"}).status_code == 200


@pytest.mark.parametrize("cookie", ["", "nonsense", "x" * 5000, "\xff", '"quoted"'])
def test_no_other_cookie_is_taken(bare: httpx.Client, cookie: str) -> None:
    headers = [(b"Cookie", b"fonoteka_session=" + cookie.encode("latin-1"))]
    assert bare.get("/calls", headers=headers).status_code == 401


def test_a_signed_in_browser_may_read(bare: httpx.Client, session: str) -> None:
    assert bare.get("/calls", headers={"Cookie": f"fonoteka_session={session}"}).status_code == 200


def test_a_proxys_own_sign_in_does_not_hide_the_cookie(bare: httpx.Client, session: str) -> None:
    headers = {"Cookie": f"fonoteka_session={session}", "Authorization": "Basic cHJveHk6cHJveHk="}
    assert bare.get("/calls", headers=headers).status_code == 200


def test_a_bad_token_is_not_saved_by_a_good_cookie(bare: httpx.Client, session: str) -> None:
    headers = {"Cookie": f"fonoteka_session={session}", "Authorization": "Bearer nonsense"}
    assert bare.get("/calls", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://{host}"}, 204),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://{host}.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "http://{host}", "Sec-Fetch-Site": "cross-site"}, 403),
        ({}, 403),
    ],
)
def test_a_browser_may_change_things_from_our_pages_alone(
    site: Site, bare: httpx.Client, session: str, headers: dict[str, str], status: int
) -> None:
    recording = shelve(site.archive, make_call(), b"sound")
    host = site.url.removeprefix("http://")
    sent = {name: value.replace("{host}", host) for name, value in headers.items()}
    answer = bare.delete(
        f"/recordings/{recording.id}", headers={**sent, "Cookie": f"fonoteka_session={session}"}
    )
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "request.cross_origin"


def test_a_token_may_change_things_from_anywhere(site: Site, client: httpx.Client) -> None:
    recording = shelve(site.archive, make_call(), b"sound")
    answer = client.delete(f"/recordings/{recording.id}", headers={"Origin": "http://other.example"})
    assert answer.status_code == 204


def test_a_session_that_was_signed_out_is_over(site: Site, bare: httpx.Client) -> None:
    secret = accounts_cases.sign_in(site.accounts, "admin", PASSWORD, "127.0.0.1")
    headers = {"Cookie": f"fonoteka_session={secret}"}
    assert bare.get("/calls", headers=headers).status_code == 200
    accounts_cases.sign_out(site.accounts, secret)
    assert bare.get("/calls", headers=headers).status_code == 401
