"""The composition root of the process that serves pages and REST API."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from fastapi import FastAPI

from fonoteka import __version__, api, web
from fonoteka.capture.control_protocol import SOCKET_NAME
from fonoteka.capture.live_client import LiveClient
from fonoteka.domain.running import last_beat
from fonoteka.domain.status import SystemStatus
from fonoteka.settings import DataFolder, Settings
from fonoteka.wiring import Rooms, build_announce


def build_app(settings: Settings, rooms: Rooms) -> FastAPI:
    """Pages and REST API in one ASGI application."""
    status = status_of(settings)
    live = LiveClient(settings.folder.run / SOCKET_NAME)
    app = FastAPI(title="Fonoteka", version=__version__, openapi_url=None)  # the API describes itself
    services = api.Services(
        archive=rooms.archive,
        accounts=rooms.accounts,
        settings=settings,
        status=status,
        policy=rooms.policy,
        live=live,
        announce=build_announce(settings, rooms),
        alerts=rooms.alerts,
        speech=rooms.speech,
        sharing=rooms.sharing,
    )
    app.include_router(api.create_router(services))
    web.install(app)
    desk = web.Desk(
        archive=rooms.archive,
        accounts=rooms.accounts,
        settings=settings,
        status=status,
        policy=rooms.policy,
        live=live,
        alerts=rooms.alerts,
        speech=rooms.speech,
        sharing=rooms.sharing,
    )
    app.include_router(web.create_router(desk))
    api.install_errors(app)  # last: it keeps the handlers of the pages for what is not the API's
    return app


def status_of(settings: Settings) -> Callable[[], SystemStatus]:
    """How the parts of this installation are; cheap enough to ask with every page."""
    folder = settings.folder

    def status() -> SystemStatus:
        recorder = last_beat(folder.run / "recorder.json")
        return SystemStatus(
            recorder_alive=recorder is not None,
            worker_alive=last_beat(folder.run / "worker.json") is not None,
            recording_calls=_entries(folder, "open"),
            sealed_waiting=_entries(folder, "sealed"),
            failed=_entries(folder, "failed"),
            sip_address=str((recorder or {}).get("sip", settings.sip)),
            disk_free_bytes=shutil.disk_usage(folder.root).free,
        )

    return status


def _entries(folder: DataFolder, place: str) -> int:
    return sum(1 for entry in (folder.root / "spool" / place).iterdir() if entry.is_dir())
