"""A whole API on loopback: a real server, database, object folder, and a few calls in the archive."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from fonoteka import accounts as accounts_cases
from fonoteka import api, wiring
from fonoteka.accounts import Accounts
from fonoteka.alerts import AlertRoom
from fonoteka.archive import Archive
from fonoteka.domain.access import Actor, ActorKind, Role
from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.domain.status import SystemStatus
from fonoteka.objects import ObjectStore
from fonoteka.policy import PolicyRoom
from fonoteka.settings import Settings
from fonoteka.sharing import SharingRoom
from fonoteka.speech import SpeechRoom
from fonoteka.store import Store
from tests.databases import fresh_url
from tests.live_calls import LiveCalls

PASSWORD = "correct horse battery staple"
ROOT = Actor(ActorKind.SYSTEM, "system", "system", DEFAULT_TENANT_ID, Role.ADMINISTRATOR)
HEALTHY = SystemStatus(
    recorder_alive=True,
    worker_alive=True,
    recording_calls=3,
    sealed_waiting=2,
    failed=1,
    sip_address="0.0.0.0:5060",
    disk_free_bytes=10**12,
)


@dataclass
class Site:
    """One running Fonoteka's API. `status` is what the system says of itself; tests may set it."""

    archive: Archive
    accounts: Accounts
    token: str
    policy: PolicyRoom
    alerts: AlertRoom
    speech: SpeechRoom
    sharing: SharingRoom
    live: LiveCalls = field(default_factory=LiveCalls)
    url: str = ""
    status: SystemStatus = HEALTHY

    def client(self, **options: object) -> httpx.Client:
        """A client that carries the token."""
        return httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers={"Authorization": f"Bearer {self.token}"},
            trust_env=False,
            timeout=30,
            **options,
        )

    def bare_client(self) -> httpx.Client:
        """A client that nobody is signed in with."""
        return httpx.Client(base_url=f"{self.url}/api/v1", trust_env=False, timeout=30)


def make_site(folder: Path, url: str = "") -> Site:
    """A site on a fresh database, files in `folder`, with an administrator and a token; not served yet."""
    store = Store.open(url or fresh_url(folder))
    store.migrate()
    archive = Archive(store, ObjectStore.open(folder / "objects"), folder / "cache", 5)
    accounts = Accounts(store)
    accounts_cases.ensure_first_administrator(accounts, PASSWORD)
    token = accounts_cases.create_token(accounts, "tests", ROOT)
    return Site(
        archive,
        accounts,
        token,
        PolicyRoom(store, folder / "policy.json"),
        AlertRoom(store),
        SpeechRoom(store, archive.objects),
        SharingRoom(archive, accounts, "https://calls.example.com", has_mail=True),
    )


def make_app(site: Site, **settings: object) -> FastAPI:
    """The API and one page, as wiring puts them together."""
    app = FastAPI(openapi_url=None)
    announce = wiring.build_announce(
        Settings(data=site.policy.snapshot_path.parent),
        wiring.Rooms(
            site.archive.store,
            site.archive,
            site.accounts,
            site.policy,
            site.alerts,
            site.speech,
            site.sharing,
        ),
    )
    services = api.Services(
        archive=site.archive,
        accounts=site.accounts,
        settings=Settings(**settings),
        status=lambda: site.status,
        policy=site.policy,
        live=site.live,
        announce=announce,
        alerts=site.alerts,
        speech=site.speech,
        sharing=site.sharing,
    )
    app.include_router(api.create_router(services))

    @app.get("/page")
    async def page() -> PlainTextResponse:
        return PlainTextResponse("a page")

    api.install_errors(app)
    return app


def serve(app: FastAPI) -> Iterator[str]:
    """Serve on a free port of loopback; gives the address, and ends the server afterwards."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(30)
    listener.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for every test that does not count what is in it."""
    folder = tmp_path_factory.mktemp("site")
    made = make_site(folder, url=fresh_url(folder, outlives_the_file=True))
    for url in serve(make_app(made)):
        made.url = url
        yield made
    made.archive.store.close()


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    """A client that carries the token."""
    with site.client() as made:
        yield made


@pytest.fixture
def bare(site: Site) -> Iterator[httpx.Client]:
    """A client that nobody is signed in with."""
    with site.bare_client() as made:
        yield made
