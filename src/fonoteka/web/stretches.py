"""The stretches of a call: who talked with whom, and what stands on the picture of its sound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fonoteka.domain.call import Call, Participant
from fonoteka.domain.mark import MarkKind
from fonoteka.domain.recording import Recording

_TRANSFERS = frozenset({"transfer_blind", "transfer_attended", "forward", "queue"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch: how it began, when (ms from the call's start), and who took part."""

    kind: str
    since_ms: int
    until_ms: int
    people: tuple[Participant, ...]


@dataclass(frozen=True, slots=True)
class PlayerMark:
    """A mark on the player, as shares of its width in percent; a mark without width is a moment.

    `kind` is that of a `Mark` or of a stretch that began; `at_ms` is counted from the recording's start.
    """

    kind: str
    left: float
    width: float
    reason: str
    at_ms: int
    length_ms: int
    count: int = 0
    """How many keys were pressed."""


def stretches_of(call: Call) -> tuple[Stretch, ...]:
    """The stretches of a call that has several, or one that tells more than that people talked."""
    by_id = {one.id: one for one in call.participants}
    found = tuple(
        Stretch(
            one.kind,
            one.since_ms,
            call.duration_ms if one.until_ms is None else one.until_ms,
            tuple(by_id[id_] for id_ in one.participant_ids if id_ in by_id),
        )
        for one in call.segments
    )
    return found if len(found) > 1 or any(one.kind != "talk" for one in found) else ()


def marks_of(call: Call, recording: Recording) -> tuple[PlayerMark, ...]:
    """Pauses, holds and pressed keys of the recording, and where the call was passed on, in order of time."""
    length = recording.duration_ms
    if not length:
        return ()
    began_ms = (recording.started_at - call.started_at) // timedelta(milliseconds=1)
    silent = [
        PlayerMark(
            one.kind,
            100 * one.since_ms / length,
            100 * (one.until_ms - one.since_ms) / length,
            one.reason,
            one.since_ms,
            one.until_ms - one.since_ms,
        )
        for one in recording.marks
        if one.kind is not MarkKind.KEYS
    ]
    pressed = [
        PlayerMark(one.kind, 100 * one.since_ms / length, 0.0, "", one.since_ms, 0, one.count)
        for one in recording.marks
        if one.kind is MarkKind.KEYS
    ]
    passed_on = [
        PlayerMark(one.kind, 100 * at_ms / length, 0.0, "", at_ms, 0)
        for one in call.segments
        if one.kind in _TRANSFERS and 0 < (at_ms := one.since_ms - began_ms) < length
    ]
    return tuple(sorted((*silent, *pressed, *passed_on), key=lambda one: one.at_ms))
