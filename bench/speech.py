"""How fast a recording is analysed, on one core: listening to ten minutes of two people, and its figures.

Human voices from Debian's prompts where installed. Times are CPU seconds of this process, all threads
added; each is the best of several passes, taken in turn. Decoding the stored file is measured beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from bench.report import report
from fonoteka.audio.decode import decode_opus
from fonoteka.audio.encode import encode_opus
from fonoteka.audio.hearing import hear
from fonoteka.audio.silero import Silero, silero_file
from fonoteka.audio.sound import Sound
from fonoteka.audio.voice_activity import Detector
from fonoteka.domain.talk import measure
from tests.speech import conversation, human_conversation

SECONDS = 600
PASSES = 3
RATE_HZ = 8_000


def main() -> None:
    call = human_conversation()
    call = conversation() if call is None else call
    sound = np.tile(call, (1, -(-SECONDS * RATE_HZ // call.shape[1])))[:, : SECONDS * RATE_HZ]
    stored = encode_opus(sound, RATE_HZ)
    path = silero_file()
    assert path is not None, "the extra `speech` is not installed"
    silero = Silero(path)

    def analyse(detector: Detector | None) -> None:
        heard = hear(Sound.of(sound, RATE_HZ), detector)
        measure(heard.duration_ms, heard.speech)

    took = _cpu_seconds(
        {
            "silero": lambda: analyse(silero),
            "energy": lambda: analyse(None),
            "decode": lambda: decode_opus(stored),
        }
    )
    figures = {
        "metrics_times_real_time": SECONDS / took["silero"],
        "metrics_by_energy_times_real_time": SECONDS / took["energy"],
        "decode_times_real_time": SECONDS / took["decode"],
        "metrics_and_decode_times_real_time": SECONDS / (took["silero"] + took["decode"]),
    }
    goals = {
        "metrics_times_real_time": (">=", 300.0),
        "metrics_by_energy_times_real_time": (">=", 300.0),
    }
    notes = {"metrics_times_real_time": "seconds of call (both parties) per CPU second, by Silero"}
    report("speech", figures, goals, notes)


def _cpu_seconds(tasks: dict[str, Callable[[], object]]) -> dict[str, float]:
    best = dict.fromkeys(tasks, float("inf"))
    for _ in range(PASSES):
        for name, task in tasks.items():
            start = time.process_time()
            task()
            best[name] = min(best[name], time.process_time() - start)
    return best


if __name__ == "__main__":
    main()
