"""What keeps long lists and long histories quick; for a worker to do between times."""

from __future__ import annotations

import time
from collections.abc import Callable

from fonoteka.archive.archive import Archive
from fonoteka.store import Transaction, month_of

_ROUNDS_MAX = 20
_REST_MAX_S = 0.15
"""Between two rounds, at most as long as the round took: SQLite has one writer, and others wait for a gap."""


def fold_tallies(archive: Archive) -> int:
    """Join the tallies of calls where several rows say one thing: how many rows went.

    Sums do not change by it. Does a bounded part; the rest is for the next time.
    """
    return _in_rounds(archive, lambda tx: tx.call_tallies.fold())


def count_sound(archive: Archive) -> int:
    """Count anew what is stored of the days on which something changed: how many days.

    Does a bounded part; the rest is for the next time.
    """
    return _in_rounds(archive, lambda tx: tx.sound_days.count_marked())


def count_hours(archive: Archive) -> int:
    """Count anew, for the reports, the hours in which some call changed: how many hours.

    Does a bounded part; the rest is for the next time.
    """
    return _in_rounds(archive, lambda tx: tx.call_counting.count_marked(archive.extension_digits_max))


def sum_months(archive: Archive) -> int:
    """Sum, for reports over long periods, the months that are over: how many.

    Reports are right without; they read the days then. Does a bounded part; the rest is for the next time.
    """
    this_month = month_of(archive.now().date().toordinal())
    with archive.store.reading() as tx:
        tenants = [one.id for one in tx.tenants.all()]
    return _in_rounds(archive, lambda tx: any(tx.month_sums.sum_one(one, this_month) for one in tenants))


def _in_rounds(archive: Archive, step: Callable[[Transaction], int]) -> int:
    done = 0
    for _ in range(_ROUNDS_MAX):
        began = time.monotonic()
        with archive.store.transaction() as tx:
            some = step(tx)
        if not some:
            break
        done += some
        time.sleep(min(_REST_MAX_S, time.monotonic() - began))
    return done
