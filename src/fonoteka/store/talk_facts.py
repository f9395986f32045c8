"""What each of ours did in the conversations of an hour: from calls, tracks and analyses, so always right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Connection, Text, select
from sqlalchemy import type_coerce as read_as

from fonoteka.domain.analysis import decode_figures
from fonoteka.domain.call import Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.insight import TalkFact
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.talk import TalkFigures
from fonoteka.store.columns import from_microseconds
from fonoteka.store.hour_counter import HOUR_US
from fonoteka.store.tables import calls, participants, recordings, talk_analyses, tracks

_TOGETHER = 500


@dataclass(slots=True)
class _Voiced:
    """A recording with its figures, and whose voices its tracks are: (channel, party, participant id)."""

    id: str
    call_id: str
    direction: str
    started_us: int
    figures: TalkFigures
    tracks: list[tuple[int, str | None, str | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Person:
    id: str
    party: str | None
    number: str


def facts_of_hour(
    connection: Connection, tenant_id: str, utc_hour: int, zone: ZoneInfo, is_own: Callable[[str], bool]
) -> set[TalkFact]:
    """The facts of the calls that began in a UTC hour (a number since 1970)."""
    found = _voiced(connection, tenant_id, utc_hour)
    people = _people(connection, {one.call_id for one in found.values()})
    _read_tracks(connection, found)
    return {fact for one in found.values() for fact in _facts(one, people[one.call_id], zone, is_own)}


def _voiced(connection: Connection, tenant_id: str, utc_hour: int) -> dict[str, _Voiced]:
    """By recording. Calls first, then recordings by their calls alone, whose state is looked at here.

    A planner that guesses wrong reads all recordings of that state for each hour.
    """
    c, r, t = calls.c, recordings.c, talk_analyses.c
    of_hour = select(c.id, read_as(c.direction, Text), read_as(c.started_at, BigInteger)).where(
        c.tenant_id == tenant_id,
        c.started_at >= from_microseconds(utc_hour * HOUR_US),
        c.started_at < from_microseconds((utc_hour + 1) * HOUR_US),
    )
    began = {call_id: (direction, at) for call_id, direction, at in connection.execute(of_hour)}
    ids, found = sorted(began), {}
    for start in range(0, len(ids), _TOGETHER):
        heard = (
            select(r.id, r.call_id, r.state, r.binned_at, t.figures)
            .join_from(recordings, talk_analyses, t.recording_id == r.id)
            .where(r.call_id.in_(ids[start : start + _TOGETHER]))
        )
        for id_, call_id, state, binned_at, figures in connection.execute(heard):
            if state == RecordingState.READY and binned_at is None and figures is not None:
                found[id_] = _Voiced(id_, call_id, *began[call_id], decode_figures(figures))
    return found


def _people(connection: Connection, call_ids: Iterable[str]) -> defaultdict[str, list[_Person]]:
    p = participants.c
    people: defaultdict[str, list[_Person]] = defaultdict(list)
    columns = (read_as(one, Text) for one in (p.call_id, p.participant_id, p.party, p.number))
    found, ids = select(*columns), sorted(call_ids)
    for start in range(0, len(ids), _TOGETHER):
        some = found.where(p.call_id.in_(ids[start : start + _TOGETHER]))
        for call_id, *person in connection.execute(some.order_by(p.call_id, p.position)):
            people[call_id].append(_Person(*person))
    return people


def _read_tracks(connection: Connection, known: dict[str, _Voiced]) -> None:
    t, ids = tracks.c, sorted(known)
    found = select(t.recording_id, t.position, t.party, t.participant_id)
    for start in range(0, len(ids), _TOGETHER):
        some = found.where(t.recording_id.in_(ids[start : start + _TOGETHER]))
        for recording_id, position, party, participant_id in connection.execute(some):
            known[recording_id].tracks.append((min(position, 1), party, participant_id))


def _facts(
    one: _Voiced, people: Sequence[_Person], zone: ZoneInfo, is_own: Callable[[str], bool]
) -> Iterable[TalkFact]:
    ours = {person.number for person in people if is_own(person.number)}
    is_pair = len(one.figures.parties) == 2
    voices = _voices(one, people, ours) if is_pair else {}
    if not is_pair and len(ours) == 1:
        voices = {0: next(iter(ours))}
    started_at = from_microseconds(one.started_us)
    day = started_at.astimezone(zone).date().toordinal()
    figures, silence = one.figures, one.figures.longest_silence
    for channel, number in voices.items():
        party = figures.parties[channel]
        monologue = party.longest_monologue if is_pair else None
        yield TalkFact(
            recording_id=one.id,
            channel=channel,
            call_id=one.call_id,
            number=number,
            started_at=started_at,
            day=day,
            conversation_ms=figures.conversation_ms,
            hold_ms=figures.hold_ms,
            silence_ms=figures.silence_ms,
            pair_ms=figures.conversation_ms if is_pair else 0,
            spoken_ms=party.spoken_ms if is_pair else 0,
            others_ms=figures.parties[1 - channel].spoken_ms if is_pair else 0,
            crosstalk_ms=figures.crosstalk_ms or 0,
            switches=figures.switches or 0,
            interruptions=len(party.interruptions),
            monologue_ms=monologue.length_ms if monologue else 0,
            longest_silence_ms=silence.length_ms if silence else 0,
            response_ms=(party.response_ms or 0) * party.responses,
            responses=party.responses,
            interruption_at_ms=next(iter(party.interruptions), None),
            monologue_at_ms=monologue.since_ms if monologue else None,
            silence_at_ms=silence.since_ms if silence else None,
        )


def _voices(one: _Voiced, people: Sequence[_Person], ours: set[str]) -> dict[int, str]:
    """Whose voice each channel is, so far as it is one of ours: nobody's where several share it.

    The numbers of its tracks tell. A track of no own number (a queue's, a company's main number) on our side
    is the voice of the one of ours who took part, if there is one alone.
    """
    by_id = {person.id: person.number for person in people}
    by_party: dict[str | None, str] = {
        person.party: person.number for person in reversed(people) if person.party
    }
    known: defaultdict[int, set[str]] = defaultdict(set)
    parties: dict[int, str | None] = {}
    for channel, party, participant_id in sorted(one.tracks, key=lambda track: track[0]):
        known[channel].add(by_id.get(participant_id or "") or by_party.get(party, ""))
        parties.setdefault(channel, party)
    voices = {channel: min(some & ours) for channel, some in known.items() if len(some & ours) == 1}
    left = ours.difference(*known.values())
    for channel in (0, 1):
        if not known[channel] & ours and len(left) == 1 and _is_our_side(one.direction, parties, channel):
            voices[channel] = min(left)
    return voices


def _is_our_side(direction: str, parties: dict[int, str | None], channel: int) -> bool:
    party = parties.get(channel)
    is_calling = party == Party.CALLING or (party is None and channel == 0)
    if direction == Direction.OUTGOING:
        return is_calling
    return direction == Direction.INCOMING and not is_calling
