"""Stretches of a recording in which nothing was written, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

PAUSED = "pause"
NOT_WANTED = "rule"
"""Reasons of a hold that are ours; a person's own words may follow the first."""
MARKS_MAX = 200


class MarkKind(StrEnum):
    """Why there is silence."""

    PAUSE = "pause"
    HOLD = "hold"
    RULE = "rule"
    """No rule wanted this part of the call."""


@dataclass(frozen=True, slots=True)
class Mark:
    """From when to when, in ms from the recording's start. `reason` is what a person gave, or empty."""

    since_ms: int
    until_ms: int
    kind: MarkKind
    reason: str = ""


def marks_of(
    spans: Iterable[tuple[int, int | None, str]], start_ms: int, duration_ms: int
) -> tuple[Mark, ...]:
    """The marks of all streams' holds, as far as they lie within the recording; none of them twice.

    A span is since when, until when (None: to the end) and why, as `sealed.HoldSpan` tells it.
    `start_ms` is where the recording begins on the spans' clock. Streams are held one after the other: spans
    of one kind that overlap are one mark.
    """
    found: list[Mark] = []
    for since, until, told in sorted(spans, key=lambda one: one[0]):
        kind, reason = _told(told)
        since_ms = max(0, since - start_ms)
        until_ms = duration_ms if until is None else min(duration_ms, until - start_ms)
        if until_ms <= since_ms:
            continue
        last = next((n for n, one in enumerate(found) if _is_one(one, kind, reason, since_ms)), None)
        if last is None:
            found.append(Mark(since_ms, until_ms, kind, reason))
        else:
            found[last] = Mark(found[last].since_ms, max(found[last].until_ms, until_ms), kind, reason)
    return tuple(found[:MARKS_MAX])


def _told(reason: str) -> tuple[MarkKind, str]:
    if reason == NOT_WANTED:
        return MarkKind.RULE, ""
    kind, _, words = reason.partition(": ")
    return (MarkKind.PAUSE, words) if kind == PAUSED else (MarkKind.HOLD, "")


def _is_one(mark: Mark, kind: MarkKind, reason: str, since_ms: int) -> bool:
    return (mark.kind, mark.reason) == (kind, reason) and since_ms <= mark.until_ms
