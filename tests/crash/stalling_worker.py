"""A worker that stands still before or after one step, so that a test can kill it exactly there.

Run: python -m tests.crash.stalling_worker STEP before|after|objects MARKER
(`objects`: both objects are stored, the row is not)
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from fonoteka import wiring, worker_wiring
from fonoteka.objects import ObjectStore
from fonoteka.pipeline import steps
from fonoteka.settings import load_settings


def main(step: str, when: str, marker: Path) -> None:
    place, name = (ObjectStore, "put_all") if when == "objects" else (steps, step)
    real = getattr(place, name)

    def stalled(*arguments: Any) -> Any:
        result = None if when == "before" else real(*arguments)
        if when == "objects" and not any("audio" in key for key in arguments[1]):
            return result
        marker.touch()
        time.sleep(600)
        return result

    setattr(place, name, stalled)
    settings = load_settings()
    worker_wiring.build_worker(settings, wiring.open_rooms(settings)).run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
