"""What benches of arithmetic share: a call that lasts, and the least CPU seconds of several passes."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from tests.speech import conversation, human_conversation

RATE_HZ = 8_000


def call_lasting(seconds: int) -> np.ndarray:
    """Two people, int16 of shape (2, samples) at 8 kHz: human voices of Debian where installed."""
    call = human_conversation()
    return repeated(conversation() if call is None else call, seconds * RATE_HZ)


def repeated(sound: np.ndarray, samples: int) -> np.ndarray:
    """The sound again and again, until it is so long."""
    return np.tile(sound, (1, -(-samples // sound.shape[1])))[:, :samples]


def cpu_seconds(tasks: dict[str, Callable[[], object]], passes: int) -> dict[str, float]:
    """Of this process, all threads added: the best of several passes, the tasks taken in turn."""
    best = dict.fromkeys(tasks, float("inf"))
    for _ in range(passes):
        for name, task in tasks.items():
            start = time.process_time()
            task()
            best[name] = min(best[name], time.process_time() - start)
    return best
