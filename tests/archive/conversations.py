"""Conversations as tests of insights and of what is worth hearing make them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fonoteka.archive import Archive
from fonoteka.domain.access import Actor, Role
from fonoteka.domain.analysis import TalkAnalysis
from fonoteka.domain.call import Call, Participant, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.recording import Recording, RecordingState, Track
from fonoteka.domain.spans import Span
from fonoteka.domain.talk import TalkFigures, measure
from fonoteka.domain.topics import Topic
from tests.examples import actor, call, recording

OWN = ("101", "102", "103", "104")
GROUPS = {"g1": frozenset({"101", "102"}), "g2": frozenset({"103"})}
OUTSIDE, MAIN = "+79000000001", "+74951112233"


def track(place: int, party: Party, participant: str) -> Track:
    return Track(place, party, participant, str(place), "PCMA", 8000, 1, 0, 0)


def analysis_of(sound: Recording, figures: TalkFigures) -> TalkAnalysis:
    return TalkAnalysis(sound.id, sound.call_id, sound.tenant_id, "test 1", sound.started_at, figures)


def add(archive: Archive, one: Call, figures: TalkFigures | None) -> None:
    with archive.store.transaction() as tx:
        tx.calls.add(replace(one, recordings=()))
        tx.recordings.add(one.recordings[0])
        if figures is not None:
            tx.talks.save(analysis_of(one.recordings[0], figures))


def agent_of(*numbers: str) -> Actor:
    return replace(actor(), role=Role.AGENT, extensions=frozenset(numbers))


def figures_of(*, monologue_ms: int = 5_000, silence_ms: int = 2_000, theirs_ms: int = 5_000) -> TalkFigures:
    """A conversation of which ours is the second party."""
    theirs = (Span(0, theirs_ms),)
    ours = (Span(theirs_ms + silence_ms, theirs_ms + silence_ms + monologue_ms),)
    return measure(theirs_ms + silence_ms + monologue_ms, (theirs, ours))


def plain_call(number: str, at: datetime) -> Call:
    one = call(
        started_at=at,
        direction=Direction.INCOMING,
        participants=(
            Participant("p0", Party.CALLING, OUTSIDE, "", ""),
            Participant("p1", Party.CALLED, number, "", ""),
        ),
        recordings=(),
    )
    tracks = (track(0, Party.CALLING, "p0"), track(1, Party.CALLED, "p1"))
    sound = recording(one.id, started_at=at, tracks=tracks, state=RecordingState.READY)
    return replace(one, recordings=(sound,))


def a_topic(name: str, at: datetime) -> Topic:
    return Topic(name, "default", name, "", name, True, False, 1, 1, "u", "u", at, at)
