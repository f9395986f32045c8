"""`fonoteka worker`: a part of `fonoteka serve`, also runnable alone, on a machine of its own."""

from __future__ import annotations

import signal

from fonoteka import watcher_wiring, wiring, worker_wiring
from fonoteka.cli.options import DataOption, log_as, settings_of


def worker(data: DataOption = None) -> None:
    """Turn sealed spool folders into playable recordings, and watch folders for new ones."""
    settings = settings_of(data=data)
    log_as(settings)
    rooms = wiring.open_rooms(settings)
    part = worker_wiring.build_worker(settings, rooms)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: part.stop())
    watchers = watcher_wiring.build_watchers(settings, rooms)
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
