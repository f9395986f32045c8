"""The processes that `fonoteka serve` is made of, each also runnable alone (on machines of its own)."""

from __future__ import annotations

import logging
import signal

import uvicorn

from fonoteka import wiring
from fonoteka.cli.options import DataOption, HttpOption, host_and_port, settings_of
from fonoteka.domain.running import one_of_several
from fonoteka.settings import Settings


def worker(data: DataOption = None) -> None:
    """Turn sealed spool folders into playable recordings, and watch folders for new ones."""
    settings = settings_of(data=data)
    _log_as(settings)
    rooms = wiring.open_rooms(settings)
    part = wiring.build_worker(settings, rooms)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: part.stop())
    watchers = wiring.build_watchers(settings, rooms)
    alerts = wiring.build_alert_service(settings, rooms)
    for watcher in watchers:
        watcher.start()
    alerts.start()
    try:
        part.run()
    finally:
        alerts.stop()
        for watcher in watchers:
            watcher.stop()
    rooms.close()


def web(data: DataOption = None, http: HttpOption = None) -> None:
    """Serve pages and the REST API."""
    settings = settings_of(data=data, http=http)
    _log_as(settings)
    rooms = wiring.open_rooms(settings)
    host, port = host_and_port(settings.http, "--http")
    alerts = wiring.build_alert_service(settings, rooms, outlives_worker=True)
    with one_of_several(settings.folder.run / "web.lock"):
        alerts.start()
        uvicorn.run(
            wiring.build_app(settings, rooms),
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
            timeout_keep_alive=30,
        )
        alerts.stop()
    rooms.close()


def _log_as(settings: Settings) -> None:
    logging.getLogger().setLevel(settings.log_level)
    # It tells at every start that it looked at the database.
    logging.getLogger("alembic").setLevel("WARNING")
