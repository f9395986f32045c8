"""Takes the call events of a database, queues them, and stalls before the commit; for a test to kill.

Arguments: the database's URL.
"""

from __future__ import annotations

import sys
import time

from fonoteka.alerts import call_events
from fonoteka.alerts.alert_room import AlertRoom
from fonoteka.domain.call_events import CallEvent
from fonoteka.store import Store, Transaction

queue = call_events._queue


def queue_and_stall(room: AlertRoom, tx: Transaction, events: tuple[CallEvent, ...]) -> None:
    """As it is done, and then never committed."""
    queue(room, tx, events)
    print("queued", flush=True)
    time.sleep(600)


if __name__ == "__main__":
    call_events._queue = queue_and_stall
    call_events.queue_call_events(AlertRoom(Store.open(sys.argv[1])))
