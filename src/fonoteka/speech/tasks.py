"""Takes orders of one task, one after the other. May be interrupted, and run twice to the same end."""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Generic, TypeVar

from fonoteka.domain.analysis import SpeechOrder, SpeechTask
from fonoteka.domain.errors import (
    AudioMalformed,
    AudioTooLong,
    EngineRefused,
    EngineUnavailable,
    FonotekaError,
    ModelInvalid,
    ModelMissing,
    ObjectMissing,
    WorkerCrashed,
)
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.speech.metrics import SECONDS, TASKS
from fonoteka.speech.room import SpeechRoom
from fonoteka.store import Transaction

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=1)
ATTEMPTS_MAX = 5
ENGINE_ATTEMPTS_MAX = 8
_RETRY, _RETRY_MOST = timedelta(minutes=1), timedelta(hours=1)
_REST_S, _REST_MOST_S = 5.0, 300.0
_FINAL = (
    *(AudioMalformed, AudioTooLong, ObjectMissing, WorkerCrashed),
    *(ModelMissing, ModelInvalid, EngineRefused),
)
"""What no repetition mends."""
HAS_SOUND = (RecordingState.READY, RecordingState.BINNED)
Found = TypeVar("Found")


class TaskWorker(ABC, Generic[Found]):
    """Works on orders of its task; one for a thread. `slowness`: how long it takes at most, of the sound."""

    task: SpeechTask
    slowness: float

    def __init__(self, room: SpeechRoom) -> None:
        self._room = room
        self._outages = 0
        self._rests_until = 0.0

    @abstractmethod
    def find(self, recording: Recording) -> Found:
        """Find out what was asked for."""

    @abstractmethod
    def failed(self, recording: Recording, code: str) -> Found:
        """What is written when it cannot be found out."""

    @abstractmethod
    def save(self, tx: Transaction, found: Found, order: SpeechOrder) -> None:
        """Write it down."""

    def work(self, *, with_backlog: bool) -> bool:
        """Take the next order and do it; False: there was none. Raises `StoreUnavailable`."""
        room, now = self._room, self._room.now()
        if time.monotonic() < self._rests_until:
            return False
        with room.store.reading() as tx:
            if not tx.speech_orders.is_due(self.task, now, with_backlog=with_backlog):
                return False
        with room.store.transaction() as tx:
            order = tx.speech_orders.take(self.task, now, with_backlog=with_backlog)
            if order is None:
                return False
            recording = tx.recordings.get(order.tenant_id, order.recording_id)
            length = timedelta(milliseconds=0 if recording is None else recording.duration_ms)
            tx.speech_orders.lease(order, now + LEASE + length * self.slowness)
        with SECONDS.labels(self.task.value).time():
            outcome = self._do(order, recording)
        TASKS.labels(self.task.value, outcome).inc()
        return True

    def _do(self, order: SpeechOrder, recording: Recording | None) -> str:
        if recording is None or recording.state not in HAS_SOUND:
            self._finish(order, None)
            return "gone"
        try:
            if order.attempts > ATTEMPTS_MAX:
                raise WorkerCrashed(f"Analysing ended the worker {ATTEMPTS_MAX} times.")
            found = self.find(recording)
        except _FINAL as error:
            return self._give_up(order, recording, error)
        except EngineUnavailable as error:
            # Nobody else is sent there for a while, or every order would wait for the same answer.
            self._rests_until = time.monotonic() + min(_REST_S * 2**self._outages, _REST_MOST_S)
            self._outages += 1
            if order.postponed >= ENGINE_ATTEMPTS_MAX:
                return self._give_up(order, recording, error)
            return self._postpone(order, error, min(_RETRY * 2**order.postponed, _RETRY_MOST))
        except FonotekaError as error:
            return self._postpone(order, error, _RETRY)
        self._outages = 0
        self._finish(order, found)
        return "done"

    def _give_up(self, order: SpeechOrder, recording: Recording, error: FonotekaError) -> str:
        log.warning("recording %s, %s: %s", recording.id, self.task, error)
        self._finish(order, self.failed(recording, error.code))
        return "failed"

    def _postpone(self, order: SpeechOrder, error: FonotekaError, pause: timedelta) -> str:
        log.warning("recording %s, %s again in %s: %s", order.recording_id, self.task, pause, error)
        with self._room.store.transaction() as tx:
            tx.speech_orders.postpone(order, self._room.now() + pause)
        return "postponed"

    def _finish(self, order: SpeechOrder, found: Found | None) -> None:
        with self._room.store.transaction() as tx:
            known = tx.recordings.get_locked(order.recording_id)
            # Deleted meanwhile: nothing may be left of it.
            if found is not None and known is not None and known.state in HAS_SOUND:
                self.save(tx, found, order)
            tx.speech_orders.finish(order)
