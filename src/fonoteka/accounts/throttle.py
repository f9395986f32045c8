"""Guessing gets slow: after five failures for a login from an address, waits that double."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from fonoteka.domain.errors import SignInThrottled
from fonoteka.store import Attempts, Transaction

FREE_FAILURES = 5
_FIRST_WAIT_S = 30
_LONGEST_WAIT_S = 3600
_FORGOTTEN_AFTER = timedelta(days=1)
_ROWS_MAX = 10_000


def throttle_key(login: str, remote_address: str) -> str:
    """The row of a (folded) login and an address."""
    return hashlib.sha256(f"{login}\n{remote_address}".encode("utf-8", "replace")).hexdigest()


def begin_attempt(tx: Transaction, key: str, at: datetime) -> int:
    """Count an attempt as failed before it is tried: many at once gain nothing over one after another.

    Failures in a row with this one; `tx.sign_in_attempts.clear` takes it back. Raises `SignInThrottled`.
    """
    tx.sign_in_attempts.prune(at - _FORGOTTEN_AFTER, _ROWS_MAX)
    known = tx.sign_in_attempts.get_locked(key, at)
    if known.blocked_until > at:
        raise SignInThrottled(-((at - known.blocked_until) // timedelta(seconds=1)))
    failures = known.failures + 1
    wait = timedelta(seconds=wait_s(failures))
    tx.sign_in_attempts.put(key, Attempts(failures, at, at + wait))
    return failures


def wait_s(failures: int) -> int:
    """Seconds to wait after so many failures in a row: none before the fifth, then 30 s doubling to 1 h."""
    if failures < FREE_FAILURES:
        return 0
    return int(min(_FIRST_WAIT_S * 2 ** min(failures - FREE_FAILURES, 16), _LONGEST_WAIT_S))
