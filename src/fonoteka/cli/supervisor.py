"""Keeps the processes of `fonoteka serve` running, and ends them in an order that loses nothing."""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from types import FrameType

from fonoteka.settings import Settings

log = logging.getLogger(__name__)

# The recorder ends first and longest: it seals the calls in progress. The worker may then finish them.
PARTS = ("recorder", "worker", "web")
# The recorder starts without the rooms that it does not need: small, quick to be back.
_MODULES = {
    "recorder": ["fonoteka", "recorder"],
    "worker": ["fonoteka", "worker"],
    "web": ["fonoteka", "web"],
}
PATIENCE_S = {"recorder": 20.0, "worker": 30.0, "web": 10.0}
RESTART_AFTER_S, RESTART_AFTER_MOST_S, STEADY_S = 0.2, 10.0, 30.0
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Supervisor:
    """Three child processes: recorder, worker, web. A dead one is started again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._started_at: dict[str, float] = {}
        self._pause_s = dict.fromkeys(PARTS, RESTART_AFTER_S)
        self._stopping = False

    def start(self) -> None:
        """Start every part."""
        metrics = self._settings.folder.run / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir()
        for part in PARTS:
            self._spawn(part)

    def watch(self) -> None:
        """Restart what dies, until SIGINT or SIGTERM; then end all parts and return."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        while not self._stopping:
            for part in PARTS:
                self._look_after(part)
            time.sleep(0.1)
        self.stop()

    def stop(self) -> None:
        """End the parts one after the other; what does not end in time is killed (recovery mends that)."""
        for part in PARTS:
            child = self._children[part]
            if child.poll() is None:
                child.terminate()
            try:
                child.wait(PATIENCE_S[part])
            except subprocess.TimeoutExpired:
                log.error("%s did not end within %s s and is killed", part, PATIENCE_S[part])
                child.kill()
                child.wait()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _spawn(self, part: str) -> None:
        environment = {
            **os.environ,
            "FONOTEKA_DATA": str(self._settings.data.absolute()),
            "FONOTEKA_HTTP": self._settings.http,
            "FONOTEKA_SIP": self._settings.sip,
            "FONOTEKA_PUBLIC_URL": self._settings.public_url,
            "PROMETHEUS_MULTIPROC_DIR": str((self._settings.folder.run / "metrics").absolute()),
        }
        self._started_at[part] = time.monotonic()
        self._children[part] = subprocess.Popen(
            [sys.executable, "-m", *_MODULES[part]],
            env=environment,
            stdin=subprocess.DEVNULL,
            # A Ctrl-C in the terminal reaches the supervisor alone, which ends the parts in order.
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )

    def _look_after(self, part: str) -> None:
        child = self._children[part]
        status = child.poll()
        if status is None:
            return
        lived_s = time.monotonic() - self._started_at[part]
        pause_s = RESTART_AFTER_S if lived_s > STEADY_S else self._pause_s[part]
        if lived_s < pause_s:
            return
        log.error("%s ended with status %s after %.1f s; starting it again", part, status, lived_s)
        self._pause_s[part] = min(2 * pause_s, RESTART_AFTER_MOST_S)
        self._spawn(part)


def _end_with_parent() -> None:
    """Should the supervisor be killed, the kernel asks its parts to end cleanly."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
