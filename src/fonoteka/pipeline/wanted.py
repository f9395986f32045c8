"""What becomes of a sealed folder: whether its audio is wanted, or may still be asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from fonoteka.domain.call import CallOutcome
from fonoteka.domain.rules import RuleOutcome
from fonoteka.domain.sealed import KEPT_NAME, SealedRecording

KEEP_WITHIN_S_MAX = 366 * 24 * 3_600
_UNWANTED = {CallOutcome.SKIPPED, CallOutcome.NOT_KEPT, CallOutcome.MISSED, CallOutcome.REFUSED}


def outcome_of(folder: Path, sealed: SealedRecording) -> CallOutcome | None:
    """What becomes of the call; None while a person may still ask for its on-demand recording."""
    until = asked_until(sealed)
    if until is None or (folder / KEPT_NAME).exists():
        return sealed.outcome
    return None if datetime.now(UTC) < until else CallOutcome.NOT_KEPT


def has_audio(outcome: CallOutcome, sealed: SealedRecording) -> bool:
    """Whether there is a recording to make; of a call that is only to be listed there are no streams."""
    return outcome not in _UNWANTED and (outcome is CallOutcome.RECORDED or bool(sealed.streams))


def asked_until(sealed: SealedRecording) -> datetime | None:
    """Until when an on-demand recording waits to be asked for; None where nobody needs to ask."""
    decision = sealed.decision
    if decision is None or decision.outcome is not RuleOutcome.ON_DEMAND or sealed.kept:
        return None
    if sealed.outcome is not CallOutcome.RECORDED:
        return None
    return sealed.sealed_at + timedelta(seconds=min(decision.keep_within_s, KEEP_WITHIN_S_MAX))
