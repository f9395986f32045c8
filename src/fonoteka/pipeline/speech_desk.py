"""Analyses recordings beside the making of new ones, and in no one's way."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable

from fonoteka.domain.errors import FonotekaError
from fonoteka.speech import Analyst, EngineKind, Indexer, SpeechRoom, Transcriber
from fonoteka.speech.topics import TopicReader

log = logging.getLogger(__name__)

Worker = Analyst | Transcriber | TopicReader | Indexer

POLL_S = 0.5
_NICE = 10


class SpeechDesk:
    """So many threads that take orders until told to stop; all at a low priority of the processor."""

    def __init__(self, room: SpeechRoom, threads: int) -> None:
        """With no threads nothing is analysed here. Raises `SettingInvalid`.

        Words have threads of their own, as they take a hundred times as long: one for a local model, which
        has threads inside, or one for each request that a server may get at once.
        """
        self._workers: list[Worker] = [Analyst(room) for _ in range(threads)]
        if threads:
            self._workers += [TopicReader(room), Indexer(room)]
        if threads and room.engine.kind is not EngineKind.NONE:
            at_once = room.engine.threads if room.engine.kind is EngineKind.OPENAI else 1
            self._workers += [Transcriber(room) for _ in range(at_once)]
        self._stopping = threading.Event()
        self._is_busy: Callable[[], bool] = lambda: False
        self._threads: list[threading.Thread] = []

    def start(self, is_busy: Callable[[], bool]) -> None:
        """Begin. While `is_busy` says that recordings wait to become playable, the back-log rests."""
        self._is_busy = is_busy
        for worker in self._workers:
            thread = threading.Thread(target=self._run, args=(worker,), name="speech", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, patience_s: float) -> None:
        """End after what is in hand; what takes longer is begun anew at the next start."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(patience_s)

    def _run(self, worker: Worker) -> None:
        with contextlib.suppress(OSError, AttributeError):  # Linux has it for a thread
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        while not self._stopping.is_set():
            try:
                worked = worker.work(with_backlog=not self._is_busy())
            except FonotekaError as error:
                log.warning("analyses wait: %s", error)
                worked = False
            if not worked:
                self._stopping.wait(POLL_S)
