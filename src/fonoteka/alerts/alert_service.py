"""Alerts at work in a process: looks at the machine, looks after alerts, delivers, forgets what is old."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from fonoteka.alerts.alert_room import AlertRoom
from fonoteka.alerts.call_events import CALL_EVENT_KIND, queue_call_events
from fonoteka.alerts.postman import Postman
from fonoteka.alerts.telling import look_after_alerts
from fonoteka.alerts.topic_news import tell_topics
from fonoteka.domain.errors import FonotekaError

_LOG = logging.getLogger(__name__)
LOOK_S = 5.0
_PRUNE_S = 3600.0
_PRUNED_AT_ONCE = 10_000
DELIVERIES_KEPT = timedelta(days=90)
CALL_EVENTS_KEPT = timedelta(days=14)
ALERTS_KEPT = timedelta(days=400)


class AlertService:
    """Runs beside a worker or the pages, each for itself; what both do is done once. `looks` never raise."""

    def __init__(self, room: AlertRoom, looks: Sequence[Callable[[], None]]) -> None:
        self._room = room
        self._looks = looks
        self._postman = Postman(room)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._postman.start()
        self._thread.start()

    def stop(self) -> None:
        """End within a few seconds."""
        self._stopping.set()
        self._postman.stop()
        self._thread.join(3.0)

    def _run(self) -> None:
        prune_at = time.monotonic()
        while not self._stopping.wait(LOOK_S):
            for look in self._looks:
                look()
            try:
                queue_call_events(self._room)
                tell_topics(self._room)
                look_after_alerts(self._room)
                if time.monotonic() >= prune_at:
                    prune_at = time.monotonic() + _PRUNE_S
                    forget_old(self._room)
            except FonotekaError as error:
                _LOG.warning("alerts could not be looked after: %s: %s", error.code, error)


def forget_old(room: AlertRoom) -> None:
    """Delete deliveries that were done, and alerts that were over, long ago."""
    now = room.now()
    with room.store.transaction() as tx:
        tx.deliveries.prune(now - DELIVERIES_KEPT, _PRUNED_AT_ONCE)
        tx.deliveries.prune(now - CALL_EVENTS_KEPT, _PRUNED_AT_ONCE, CALL_EVENT_KIND)
        tx.alerts.prune(now - ALERTS_KEPT, _PRUNED_AT_ONCE)
