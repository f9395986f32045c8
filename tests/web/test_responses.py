"""What every response says about itself; error pages; assets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from fonoteka import web
from fonoteka.domain.errors import CallNotFound, StoreUnavailable
from fonoteka.web.assets import STATIC_FOLDER, assets_address
from tests.web.site import Site

TEMPLATES = Path(web.__file__).parent / "templates"
OWN_SCRIPTS = sorted((STATIC_FOLDER / "js").glob("*.js"))
MODULE_LINES_MAX = 250


def policy(headers: dict[str, str]) -> dict[str, str]:
    """The directives of the Content-Security-Policy."""
    directives = headers["content-security-policy"].split(";")
    return dict(one.strip().partition(" ")[::2] for one in directives)


def test_nothing_inline_may_run(site: Site) -> None:
    call = site.add()
    browser = site.signed_in()
    for address in (
        "/sign-in",
        "/calls",
        f"/calls/{call.id}",
        "/calls/nope",
        assets_address() + "/js/keys.js",
    ):
        answer = browser.get(address)
        told = policy(answer.headers)
        assert told["default-src"] == "'self'"
        assert "script-src" not in told
        assert re.fullmatch(r"'self' 'nonce-[\w-]{22}'", told["style-src"])
        assert told["frame-ancestors"] == "'none'"
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_the_nonce_is_new_each_time_and_reaches_the_page(site: Site) -> None:
    browser = site.visitor()
    nonces = set()
    for _ in range(3):
        answer = browser.get("/sign-in")
        nonce = policy(answer.headers)["style-src"].split("nonce-")[1].rstrip("'")
        assert f'nonce="{nonce}"' in answer.text
        nonces.add(nonce)
    assert len(nonces) == 3


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_templates_have_nothing_inline(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|hx-on|hx-vals=.js:", text)
    for script in re.findall(r"<script\b([^>]*)>", text):
        assert "src=" in script or 'type="application/json"' in script


def test_pages_are_not_kept_by_shared_caches(site: Site) -> None:
    site.add()
    answer = site.signed_in().get("/calls")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["vary"] == "Cookie, Accept-Language, Accept-Encoding"


def test_everything_that_pages_name_is_there_and_cacheable(site: Site) -> None:
    call = site.add()
    browser = site.signed_in()
    named = set()
    for address in ("/sign-in", "/calls", f"/calls/{call.id}"):
        named |= set(re.findall(r'(?:href|src)="(/static/[^"#]+)', browser.get(address).text))
    assert len(named) > 15
    for address in named:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", OWN_SCRIPTS, ids=lambda path: path.name)
def test_modules_are_small_checked_and_find_each_other(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("// @ts-check\n")
    assert len(text.splitlines()) <= MODULE_LINES_MAX
    for target in re.findall(r'from "([^"]+)"', text):
        assert (path.parent / target).is_file(), target


def test_icons_that_templates_use_are_drawn() -> None:
    drawn = set(re.findall(r'symbol id="([^"]+)"', (STATIC_FOLDER / "icons.svg").read_text("utf-8")))
    used = set()
    for path in TEMPLATES.glob("*.html"):
        used |= set(re.findall(r'icon\("([a-z0-9]+)"', path.read_text("utf-8")))
    assert used <= drawn


@pytest.mark.parametrize(
    ("method", "address", "status_code", "words"),
    [
        ("GET", "/no/such/page", 404, "There is nothing here"),
        ("GET", "/calls/../../etc/passwd", 404, "There is nothing here"),
        ("DELETE", "/calls", 405, "This address does something else"),
        ("GET", "/static/000000000000/js/keys.js", 404, "There is nothing here"),
    ],
)
def test_errors_are_pages(site: Site, method: str, address: str, status_code: int, words: str) -> None:
    answer = site.visitor("en").request(method, address)
    assert answer.status_code == status_code
    assert words in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_the_unforeseen_is_a_page_with_all_headers(site: Site) -> None:
    @site.app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("a detail that is nobody's business")

    @site.app.get("/away")
    def away() -> None:
        raise StoreUnavailable("postgresql://secret@host")

    browser = TestClient(site.app, raise_server_exceptions=False, headers={"Accept-Language": "en"})
    answer = browser.get("/broken")
    assert answer.status_code == 500
    assert "The server made a mistake" in answer.text
    assert "nobody" not in answer.text
    assert policy(answer.headers)["default-src"] == "'self'"
    answer = browser.get("/away")
    assert answer.status_code == 503
    assert "The archive does not answer" in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize("pages_first", [True, False])
def test_programs_keep_their_errors(site: Site, pages_first: bool) -> None:
    app = FastAPI()
    if pages_first:
        web.install(app)
    previous = app.exception_handlers.get(HTTPException)

    async def problem(request, error):
        if request.url.path.startswith("/api/") or previous is None:
            return JSONResponse({"code": "x"}, 404)
        answer = previous(request, error)
        return await answer

    app.add_exception_handler(HTTPException, problem)
    if not pages_first:
        web.install(app)

    @app.get("/api/v1/calls/1")
    def gone() -> None:
        raise CallNotFound

    browser = TestClient(app, raise_server_exceptions=False)
    assert browser.get("/api/v1/nothing").json() == {"code": "x"}
    assert "<html" in browser.get("/nothing").text
    if not pages_first:
        assert "<html" not in browser.get("/api/v1/calls/1").text


@pytest.mark.parametrize("accepted", ["gzip", "br;q=1.0, GZIP;q=0.5", "identity", "gzip;q=0", ""])
def test_pages_and_texts_are_packed_for_who_takes_it(site: Site, accepted: str) -> None:
    call = site.add()
    browser = site.signed_in()
    browser.headers["accept-encoding"] = accepted
    packed = "gzip" if "gzip" in accepted.lower() and accepted[-3:] != "q=0" else None
    for address in ("/calls", f"/calls/{call.id}", assets_address() + "/js/keys.js"):
        answer = browser.get(address)
        assert answer.headers.get("content-encoding") == packed
        assert "accept-encoding" in answer.headers["vary"].lower()
        assert len(answer.text) > 1000
    page = browser.get("/calls")
    assert (int(page.headers["content-length"]) < len(page.content) / 2) is (packed is not None)
    font = assets_address() + "/vendor/fonts/golos-text-latin-wght-normal.woff2"
    assert "content-encoding" not in browser.get(font).headers
    missing = browser.get("/calls/nope")
    assert (missing.status_code, missing.headers.get("content-encoding")) == (404, packed)
