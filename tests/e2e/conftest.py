"""A real browser before a real service: eight calls of the demo, one Chromium, a fresh profile each test.

The demo talks for most of a minute; it is started at once, and the tests that need none of its calls
(`test_arrival.py`) come first by name.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from fonoteka.alerts import MailTls
from tests.alerts.mail_server import TestMailServer
from tests.certificates import make_certificate
from tests.databases import CHOSEN, fresh_url
from tests.e2e.watched import Watched
from tests.e2e.zones import NOON
from tests.service import HOST, PASSWORD, Service, free_port, wait_for

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
PATIENCE_MS = 30_000
CALLS = 8
PICTURE_BYTES_MAX = 150_000

Opener = Callable[..., Page]
_FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A signal amid the browser's event loop leaves it waiting for ever; the process ends instead."""
    for item in items:
        if _FOLDER in item.path.parents:
            seconds = next((one.args[0] for one in item.iter_markers("timeout") if one.args), 240)
            item.add_marker(pytest.mark.timeout(seconds, method="thread"), append=False)


@dataclass(frozen=True, slots=True)
class Demo:
    """The running demo: its service, and the one-time link that it printed."""

    service: Service
    sign_in: str
    calls: list[dict[str, Any]]

    def call_with(self, number: str) -> dict[str, Any]:
        """The call in which that number takes part."""
        return next(
            one for one in self.calls if number in (person["number"] for person in one["participants"])
        )


@pytest.fixture(scope="package")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestMailServer]:
    """What takes the demo's e-mail."""
    certificate = make_certificate(tmp_path_factory.mktemp("mail"), "localhost")
    server = TestMailServer(certificate, MailTls.NONE)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="package", autouse=True)
def starting(tmp_path_factory: pytest.TempPathFactory, mail_server: TestMailServer) -> Iterator[Service]:
    """The demo, just started. Only where there is a browser to look at it."""
    service = Service(tmp_path_factory.mktemp("demo") / "data")
    service.settings |= {
        "FONOTEKA_SMTP_HOST": HOST,
        "FONOTEKA_SMTP_PORT": str(mail_server.port),
        "FONOTEKA_SMTP_TLS": "none",
    }
    if CHOSEN == "postgresql":
        service.settings["FONOTEKA_DATABASE_URL"] = fresh_url(
            service.data, "template0", outlives_the_file=True
        )
    if shutil.which("chromium"):
        http = free_port(socket.SOCK_STREAM)
        sip = free_port(socket.SOCK_DGRAM, socket.SOCK_STREAM)
        service.http, service.sip = f"{HOST}:{http}", f"{HOST}:{sip}"
        service.settings["FONOTEKA_PUBLIC_URL"] = service.url
        ports = ("--http-port", str(http), "--sip-port", str(sip), "--calls", str(CALLS))
        service.start("fonoteka", "demo", "--json", "--data", str(service.data), *ports)
    yield service
    service.down()


@pytest.fixture(scope="package")
def demo(starting: Service) -> Demo:
    """The demo, all calls playable."""
    log = starting.data.parent / "fonoteka-0.log"

    def told() -> dict[str, Any] | None:
        assert starting.processes[0].poll() is None, log.read_text()
        lines = [line for line in log.read_text().splitlines() if line.startswith('{"url"')]
        document: dict[str, Any] | None = json.loads(lines[0]) if lines else None
        return document

    document = wait_for(told, 200.0, 0.3)
    assert document["url"] == starting.url
    starting.token = document["token"]
    calls = [starting.get(f"/calls/{one}") for one in document["calls"]]
    return Demo(starting, document["sign_in"], calls)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium. Of the package, not of the session: while it lives, no test can run an event loop."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Opener]:
    """Open a page in a profile of its own; after the test nothing may have gone wrong on any of them."""
    watched: list[Watched] = []

    def open_one(service: Service, signed_in: StorageState | None = None, **options: Any) -> Page:
        given = {"locale": "en-GB", "timezone_id": NOON, "viewport": {"width": 1440, "height": 900}}
        context = browser.new_context(base_url=service.url, storage_state=signed_in, **{**given, **options})
        context.set_default_timeout(PATIENCE_MS)
        one = Watched(context)
        watched.append(one)
        return one.page

    yield open_one
    for one in watched:
        one.context.close()
    assert [trouble for one in watched for trouble in one.troubles] == []


def sign_in(page: Page, password: str = PASSWORD) -> None:
    """Fill the sign-in form as a person does."""
    page.goto("/sign-in")
    page.get_by_label("Login").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture(scope="package")
def signed_in(browser: Browser, demo: Demo) -> StorageState:
    """The cookies of somebody who signed in at the demo."""
    context = browser.new_context(base_url=demo.service.url, locale="en-GB", timezone_id=NOON)
    page = context.new_page()
    sign_in(page)
    page.locator("#calls").wait_for()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(open_page: Opener, demo: Demo, signed_in: StorageState) -> Page:
    """A page of the demo, signed in, in English, a desk's size."""
    return open_page(demo.service, signed_in)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots go: with FONOTEKA_PICTURES=1 those of the documentation are made anew."""
    if os.environ.get("FONOTEKA_PICTURES") != "1":
        return tmp_path
    folder = Path(__file__).parents[2] / "docs" / "pictures"
    folder.mkdir(exist_ok=True)
    return folder


def take_picture(page: Page, path: Path) -> None:
    """A screenshot that is light enough for the repository."""
    page.mouse.move(0, 0)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=path, animations="disabled", caret="hide")
    assert 4_000 < path.stat().st_size < PICTURE_BYTES_MAX
