"""The time by which recordings are taken away: never one to which the clock has jumped."""

from __future__ import annotations

from datetime import datetime, timedelta

from fonoteka.store import Transaction

JUMP_MAX = timedelta(days=4)
"""A clock so far ahead of the last sweep ends no term before a person says that it is right."""


def trusted_now(tx: Transaction, tenant_id: str, now: datetime) -> datetime:
    """`now`, or the time of the last sweep when the clock has jumped away from it."""
    swept_at = tx.sweeps.get(tenant_id).swept_at
    return swept_at if swept_at is not None and now - swept_at > JUMP_MAX else now
