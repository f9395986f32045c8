"""Every error under /api is a problem (RFC 9457); other paths are left to the pages."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import httpx
import pytest

from fonoteka.api import metrics
from tests.api.conftest import Site, make_app, make_site, serve
from tests.databases import fresh_url, lose


@pytest.mark.parametrize("path", ["/nothing", "/calls/a/b", "/recordings", "/", "", "/%00"])
def test_an_unknown_route_is_a_problem(client: httpx.Client, path: str) -> None:
    answer = client.get(f"/nowhere{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == "urn:fonoteka:problem:route.not_found"
    assert body["title"] == "There is nothing at this address."
    assert body["status"] == 404
    assert body["code"] == "route.not_found"
    assert body["instance"].startswith("/api/v1/nowhere")
    assert "field" not in body


def test_under_api_without_a_version_too(site: Site) -> None:
    for path in ("/api", "/api/", "/api/v2/calls"):
        answer = httpx.get(site.url + path, trust_env=False, timeout=60)
        assert (answer.status_code, answer.json()["code"]) == (404, "route.not_found")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/calls", "GET, HEAD, POST"),
        ("DELETE", "/calls", "GET, HEAD, POST"),
        ("PUT", "/recordings/x", "GET, HEAD, DELETE"),
        ("OPTIONS", "/recordings/x/audio", "GET, HEAD"),
        ("POST", "/health", "GET, HEAD"),
        ("BREW", "/health", "GET, HEAD"),
    ],
)
def test_a_wrong_method_names_the_right_ones(
    client: httpx.Client, method: str, path: str, allow: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "route.method_not_allowed")
    assert answer.headers["allow"] == allow


def test_head_is_answered_wherever_get_is(client: httpx.Client) -> None:
    for path in ("/calls", "/health", "/metrics", "/openapi.json"):
        answer = client.head(path)
        assert (answer.status_code, answer.content) == (200, b"")
    assert client.head("/calls/unknown").status_code == 404


def test_a_page_keeps_its_own_errors(site: Site) -> None:
    assert httpx.get(f"{site.url}/page", trust_env=False, timeout=60).text == "a page"
    answer = httpx.get(f"{site.url}/no-such-page", trust_env=False, timeout=60)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    assert httpx.get(f"{site.url}/apish", trust_env=False, timeout=60).json() == {"detail": "Not Found"}


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /api/v1/calls/\xff\xfe HTTP/1.1",
        b"GET /api/v1/calls?number=%FF%FE HTTP/1.1",
        b"GET /api/v1/calls?number=%ED%A0%80 HTTP/1.1",
        b"GET /api/v1/calls?&&&=&== HTTP/1.1",
        b"GET /api/v1/calls?%00=1 HTTP/1.1",
        b"GET /api/v1/calls?" + b"a=1&" * 10_000 + b" HTTP/1.1",
        b"GET /api/v1/recordings/" + b"%2e%2e%2f" * 1000 + b"/audio HTTP/1.1",
        b"GET //api//v1//calls HTTP/1.1",
        b"G\x01T /api/v1/calls HTTP/1.1",
    ],
)
def test_raw_bytes_are_never_a_failure_of_ours(site: Site, request_line: bytes) -> None:
    host, port = site.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = f"\r\nHost: {host}\r\nAuthorization: Bearer {site.token}\r\nConnection: close\r\n\r\n"
        connection.sendall(request_line + head.encode())
        status_line = connection.makefile("rb").readline()
    assert status_line.startswith(b"HTTP/1.1 ")
    assert 200 <= int(status_line.split()[1]) < 500


def test_an_unforeseen_failure_is_one_answer_and_one_log_entry(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site = make_site(tmp_path)
    site.status = None  # type: ignore[assignment]  # what a slip of ours would look like
    before = metrics.FAILURES._value.get()
    for address in serve(make_app(site)):
        site.url = address
        with caplog.at_level(logging.ERROR), site.bare_client() as client:
            answer = client.get("/health")
        assert (answer.status_code, answer.json()["code"]) == (500, "internal")
        assert answer.json()["detail"] == answer.json()["title"]
        assert "NoneType" not in answer.text
    assert metrics.FAILURES._value.get() == before + 1
    assert [record.message for record in caplog.records] == ["get_health failed"]


def test_an_unreachable_database_is_503(tmp_path: Path) -> None:
    url = fresh_url(tmp_path)
    site = make_site(tmp_path, url)
    for address in serve(make_app(site)):
        site.url = address
        with site.client() as client:
            assert client.get("/health").json()["parts"]["database"] == "ok"
            site.archive.store.close()
            lose(url)
            answer = client.get("/calls")
            assert (answer.status_code, answer.json()["code"]) == (503, "store.unavailable")
            assert int(answer.headers["retry-after"]) >= 1
            assert str(tmp_path) not in answer.text
            health = client.get("/health")
            assert health.status_code == 503
            assert health.json()["parts"] == {
                "recorder": "ok",
                "worker": "ok",
                "database": "down",
                "disk": "ok",
            }
