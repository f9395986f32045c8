"""Stretches of a recording in which nothing was written and why, and where keys were pressed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

PAUSED = "pause"
NOT_WANTED = "rule"
"""Reasons of a hold that are ours; a person's own words may follow the first."""
MARKS_MAX = 200
KEYS_TOGETHER_MS = 4_000


class MarkKind(StrEnum):
    """Why there is silence."""

    PAUSE = "pause"
    HOLD = "hold"
    RULE = "rule"
    """No rule wanted this part of the call."""
    KEYS = "keys"
    """Somebody pressed keys of the telephone; which ones is told to nobody. There is sound."""


@dataclass(frozen=True, slots=True)
class Mark:
    """From when to when, in ms from the recording's start. `reason` is what a person gave, or empty.

    `count`: how many keys were pressed; 0 of other kinds.
    """

    since_ms: int
    until_ms: int
    kind: MarkKind
    reason: str = ""
    count: int = 0


def key_marks(presses: Iterable[int], start_ms: int, duration_ms: int) -> tuple[Mark, ...]:
    """Marks of keys pressed at these instants, as far as they lie within the recording.

    Those that follow each other within `KEYS_TOGETHER_MS` are one mark: a number, an answer to a machine.
    """
    found: list[Mark] = []
    for at_ms in sorted(one - start_ms for one in presses):
        if not 0 <= at_ms < duration_ms:
            continue
        last = found[-1] if found else None
        if last is not None and at_ms - last.until_ms <= KEYS_TOGETHER_MS:
            found[-1] = replace(last, until_ms=at_ms, count=last.count + 1)
        else:
            found.append(Mark(at_ms, at_ms, MarkKind.KEYS, count=1))
    return tuple(found[:MARKS_MAX])


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
