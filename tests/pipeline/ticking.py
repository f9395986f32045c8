"""A process that takes part in a schedule, as a worker does; each run adds a line to a file.

Run: python -m tests.pipeline.ticking URL WORKER LOCKS LOG EVERY_S [stall]
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from fonoteka.pipeline.peers import Peers
from fonoteka.pipeline.schedules import Schedule, Scheduler
from fonoteka.store import Store

DEAD_AFTER_S = 3.0


def main(url: str, worker_id: str, locks: Path, log: Path, every_s: float, stalls: bool) -> None:
    def tick() -> None:
        line = f"{worker_id} {int(time.time() // every_s)}\n".encode()
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, line)
        os.close(descriptor)
        if stalls:
            time.sleep(600)

    store = Store.open(url)
    peers = Peers(store, worker_id, locks, lambda _dead: 0, DEAD_AFTER_S)
    scheduler = Scheduler(store, worker_id, [Schedule("tick", every_s, tick)])
    with peers.present():
        while True:
            peers.look(time.monotonic())
            scheduler.look()
            time.sleep(0.05)


if __name__ == "__main__":
    main(
        sys.argv[1],
        sys.argv[2],
        Path(sys.argv[3]),
        Path(sys.argv[4]),
        float(sys.argv[5]),
        "stall" in sys.argv,
    )
