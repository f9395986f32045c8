"""The composition root of a worker's process."""

from __future__ import annotations

import logging
import threading
from functools import partial

from fonoteka.alerts import Desk
from fonoteka.archive import (
    AUDIT_SCHEDULE,
    Archive,
    count_hours,
    count_sound,
    fold_tallies,
    remove_deleted_audio,
    sum_months,
    sweep_retention,
)
from fonoteka.capture.control_protocol import SOCKET_NAME
from fonoteka.capture.live_client import LiveClient
from fonoteka.connectors.folder import remove_abandoned
from fonoteka.domain.errors import FonotekaError
from fonoteka.domain.ports import LiveControl
from fonoteka.pipeline.ledger_watch import LOOK_S, watch_ledger
from fonoteka.pipeline.schedules import Schedule
from fonoteka.pipeline.speech_desk import SpeechDesk
from fonoteka.pipeline.steps import Bench
from fonoteka.pipeline.storage_watch import audit_and_tell, watch_storage
from fonoteka.pipeline.worker import Worker
from fonoteka.settings import Settings
from fonoteka.wiring import Rooms

log = logging.getLogger(__name__)


def build_schedules(rooms: Rooms, live: LiveControl) -> tuple[Schedule, ...]:
    """What runs by the clock, once over all workers."""
    return (
        Schedule("watch_ledger", LOOK_S, partial(watch_ledger, rooms.archive, live)),
        Schedule("watch_storage", 30, partial(watch_storage, rooms.archive, Desk(rooms.alerts))),
        Schedule("sweep_storage", 60, partial(sweep_retention, rooms.archive)),
        Schedule(
            AUDIT_SCHEDULE,
            7 * 86_400,
            partial(audit_and_tell, rooms.archive, Desk(rooms.alerts)),
            offset_s=7_200,
        ),
        Schedule("fold_tallies", 10, partial(fold_tallies, rooms.archive)),
        Schedule("count_hours", 10, partial(count_hours, rooms.archive), offset_s=2),
        Schedule("sum_months", 60, partial(sum_months, rooms.archive), offset_s=7),
        Schedule("count_sound", 10, partial(count_sound, rooms.archive), offset_s=5),
    )


def build_worker(settings: Settings, rooms: Rooms) -> Worker:
    """A worker of this data folder. What an interruption left behind goes first."""
    remove_abandoned(settings.folder)
    threading.Thread(target=_look_at_objects, args=(settings, rooms.archive), daemon=True).start()
    live = LiveClient(settings.folder.run / SOCKET_NAME)
    bench = Bench(rooms.archive, settings.folder, live, rooms.speech)
    speech = SpeechDesk(rooms.speech, settings.speech_threads)
    work_database = settings.database_url or f"sqlite:///{(settings.data / 'work.sqlite3').absolute()}"
    schedules = build_schedules(rooms, live)
    return Worker(bench, work_database, settings.worker_concurrency, schedules, speech)


def _look_at_objects(settings: Settings, archive: Archive) -> None:
    """Say what is wrong with the object store, and finish what was deleted; nobody waits for it."""
    try:
        if settings.objects_url:
            probe = archive.objects.probe()
            if not (probe.creates_once and probe.reads_ranges):
                log.error("the object store is not fit, see `fonoteka doctor`: %s", probe)
        remove_deleted_audio(archive)
    except FonotekaError as error:
        log.error("the object store cannot be used yet, recordings wait for it: %s", error)
