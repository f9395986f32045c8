"""A worker that stands still before or after one step, so that a test can kill it exactly there.

Run: python -m tests.crash.stalling_worker STEP before|after MARKER
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from fonoteka import wiring
from fonoteka.pipeline import steps
from fonoteka.settings import load_settings


def main(step: str, when: str, marker: Path) -> None:
    real = getattr(steps, step)

    def stalled(*arguments: Any) -> Any:
        result = real(*arguments) if when == "after" else None
        marker.touch()
        time.sleep(600)
        return result

    setattr(steps, step, stalled)
    settings = load_settings()
    wiring.build_worker(settings, wiring.open_rooms(settings)).run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
