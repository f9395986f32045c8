"""A postman that stands still between the receiver's yes and writing it down.

Run: STALL_AT=ISO_INSTANT python -m tests.alerts.stalling_postman DATABASE_URL
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime
from typing import Any

from fonoteka.alerts import AlertRoom, WebhookLimits, postman
from fonoteka.store import Store
from tests.alerts.receivers import LOOPBACK


def main(database_url: str) -> None:
    """Deliver one, and stall."""
    real = postman.post_webhook

    def stalled(*arguments: Any) -> Any:
        attempt = real(*arguments)
        sys.stdout.write("taken\n")
        sys.stdout.flush()
        time.sleep(600)
        return attempt

    postman.post_webhook = stalled
    at = datetime.fromisoformat(os.environ["STALL_AT"])
    store = Store.open(database_url)
    postman.deliver_one(AlertRoom(store, webhooks=WebhookLimits(LOOPBACK), now=lambda: at))


if __name__ == "__main__":
    main(sys.argv[1])
