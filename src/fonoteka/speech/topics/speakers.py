"""Whose channel of a recording is whose."""

from __future__ import annotations

from fonoteka.domain.call import Call, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.recording import Recording
from fonoteka.domain.topics import Speaker


def speakers_of(call: Call, recording: Recording) -> tuple[Speaker, ...]:
    """By channel whose it is; anybody's where nobody can tell: one channel for both, no direction known."""
    tracks = recording.tracks[:2]
    if len(tracks) < 2 or call.direction is Direction.UNKNOWN:
        return ()
    if call.direction is Direction.INTERNAL:
        return (Speaker.AGENT, Speaker.AGENT)
    found = [Speaker.ANYONE, Speaker.ANYONE]
    for place, track in enumerate(tracks):
        is_calling = track.party == Party.CALLING or (track.party is None and place == 0)
        is_ours = is_calling == (call.direction is Direction.OUTGOING)
        found[min(track.index, 1)] = Speaker.AGENT if is_ours else Speaker.CUSTOMER
    return tuple(found)
