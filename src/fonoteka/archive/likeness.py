"""Which of the calls that took place at about that time is meant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from fonoteka.domain.call import Call
from fonoteka.domain.same_call import likeness
from fonoteka.store import Transaction

NEAR = timedelta(seconds=60)
"""Clocks of one company may differ by so much."""


def most_alike(
    tx: Transaction, tenant_id: str, call_ids: Sequence[str], numbers: Sequence[str], started_at: datetime
) -> Call | None:
    """The call that shares most numbers, of several the one that began nearest; None when none is alike."""
    rated = []
    for call_id in call_ids:
        call = tx.calls.get(tenant_id, call_id)
        if call is not None and (shared := likeness(numbers, [one.number for one in call.participants])):
            rated.append((shared, -abs(call.started_at - started_at), call.id, call))
    return max(rated)[3] if rated else None
