"""What was summed by agent, day and month is what a look at every single analysis comes to, whoever asks."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, text

from fonoteka.archive import Archive, bin_recording, check_reports, sum_months
from fonoteka.archive.insights import talk_insights, topic_trends, topics_csv, worth_hearing
from fonoteka.domain.access import Permission
from fonoteka.domain.call import Call, Participant, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import AccessDenied, RequestInvalid
from fonoteka.domain.insight import Insights, Metric
from fonoteka.domain.people import Tenant
from fonoteka.domain.query import NOBODY
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.report import Days
from fonoteka.domain.spans import Span, Spans
from fonoteka.domain.talk import TalkFigures, measure
from fonoteka.domain.topics import Speaker, TopicHit
from tests.archive.conversations import (
    GROUPS,
    MAIN,
    OUTSIDE,
    OWN,
    a_topic,
    add,
    agent_of,
    analysis_of,
    figures_of,
    plain_call,
    track,
)
from tests.examples import actor, call, recording

ZONES = ("Europe/Berlin", "America/St_Johns", "Asia/Kolkata")
MARCH = datetime(2026, 3, 29, tzinfo=UTC)
LATER = datetime(2026, 9, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Side:
    """One of ours in one conversation, as the naive count looks at it."""

    number: str
    started_at: datetime
    figures: TalkFigures
    channel: int

    @property
    def is_pair(self) -> bool:
        return len(self.figures.parties) == 2


def a_talk(chance: random.Random) -> tuple[int, tuple[Spans, ...], Spans]:
    """How long it is, who speaks when, and a hold."""
    length = chance.randrange(20_000, 400_000)

    def speech() -> Spans:
        edges = sorted(chance.sample(range(length), 2 * chance.randrange(1, 9)))
        return tuple(Span(*pair) for pair in zip(edges[::2], edges[1::2], strict=True))

    hold = (Span(1000, 1000 + chance.randrange(1, 15_000)),) if chance.random() < 0.3 else ()
    return length, tuple(speech() for _ in range(1 if chance.random() < 0.2 else 2)), hold


def a_call(chance: random.Random, at: datetime | None = None) -> tuple[Call, list[Side]]:
    """Any call of some weeks with its analysis, and what each of ours did in it."""
    at = at or MARCH + timedelta(seconds=chance.randrange(-40 * 86_400, 20 * 86_400, 450))
    ours, other = chance.sample(OWN, 2)
    kind = chance.choice(("in", "out", "internal", "queue", "unknown"))
    people = {
        "in": ((Party.CALLING, OUTSIDE), (Party.CALLED, ours)),
        "out": ((Party.CALLING, ours), (Party.CALLED, OUTSIDE)),
        "internal": ((Party.CALLING, ours), (Party.CALLED, other)),
        "queue": ((Party.CALLING, OUTSIDE), (Party.CALLED, MAIN), (Party.CONNECTED, ours)),
        "unknown": ((Party.CALLING, OUTSIDE), (Party.CALLED, MAIN)),
    }[kind]
    direction = {"out": Direction.OUTGOING, "internal": Direction.INTERNAL, "unknown": Direction.UNKNOWN}
    length, speech, hold = a_talk(chance)
    figures = measure(length, speech, hold)
    one = call(
        started_at=at,
        direction=direction.get(kind, Direction.INCOMING),
        participants=tuple(
            Participant(f"p{place}", party, number, "", "") for place, (party, number) in enumerate(people)
        ),
        recordings=(),
    )
    tracks = tuple(track(place, people[place][0], f"p{place}") for place in range(len(speech)))
    sound = recording(one.id, started_at=at, duration_ms=length, tracks=tracks, state=RecordingState.READY)
    numbers = {"in": {1: ours}, "out": {0: ours}, "internal": {0: ours, 1: other}, "queue": {1: ours}}
    voices = numbers.get(kind, {})
    if len(speech) == 1:
        voices = {} if kind in ("internal", "unknown") else {0: ours}
    return replace(one, recordings=(sound,)), [Side(n, at, figures, c) for c, n in voices.items()]


def close(one: float | None, other: float | None) -> bool:
    return one is other or (one is not None and other is not None and abs(one - other) < 1e-9)


def expected(sides: Iterable[Side]) -> dict[Metric, float | None]:
    """The figures by their definitions."""
    every = list(sides)
    pairs = [one for one in every if one.is_pair]
    parties = [(one.figures.parties[one.channel], one.figures.parties[1 - one.channel]) for one in pairs]
    spoken = sum(own.spoken_ms for own, _ in parties)
    together_ms = sum(one.figures.conversation_ms for one in pairs)
    whole_ms, hold_ms = (
        sum(getattr(one.figures, name) for one in every) for name in ("conversation_ms", "hold_ms")
    )

    def share(part: float, whole: float) -> float | None:
        return part / whole if whole else None

    responses = sum(own.responses for own, _ in parties)
    return {
        Metric.TALK_RATIO: share(spoken, spoken + sum(their.spoken_ms for _, their in parties)),
        Metric.INTERRUPTIONS: share(600_000 * sum(len(own.interruptions) for own, _ in parties), together_ms),
        Metric.SILENCE: share(sum(one.figures.silence_ms for one in every), whole_ms),
        Metric.CROSSTALK: share(sum(one.figures.crosstalk_ms or 0 for one in pairs), together_ms),
        Metric.PATIENCE: share(sum((own.response_ms or 0) * own.responses for own, _ in parties), responses),
        Metric.INTERACTIVITY: share(60_000 * sum(one.figures.switches or 0 for one in pairs), together_ms),
        Metric.HOLD: share(hold_ms, whole_ms + hold_ms),
    }


def compare(found: Insights, sides: list[Side], zone: ZoneInfo) -> None:
    def within(days: Days) -> list[Side]:
        return [one for one in sides if days.first <= one.started_at.astimezone(zone).date() <= days.last]

    now, then = within(found.days), within(found.days.before)
    assert (found.sums.talks, found.before.talks) == (len(now), len(then))
    by_number: defaultdict[str, list[Side]] = defaultdict(list)
    for one in now:
        by_number[one.number].append(one)
    shown = {one.label: one.sums for one in found.agents if one.sums.talks}
    assert {number: one.talks for number, one in shown.items()} == {
        number: len(some) for number, some in by_number.items()
    }
    for number, some in by_number.items():
        for metric, value in expected(some).items():
            assert close(shown[number].value(metric), value), (number, metric)
        longest = [one.figures.parties[one.channel].longest_monologue for one in some if one.is_pair]
        monologues = [0 if one is None else one.length_ms for one in longest]
        told = shown[number].value(Metric.MONOLOGUE)
        assert (told is None) == (not monologues)
        if told is not None and len(monologues) % 2:
            # A bin is a quarter wide, so the median lies within that of the exact one.
            assert told / 1.26 <= median(monologues) <= told * 1.26 + 250
    by_day = {one.day: one.sums.talks for one in found.by_day if one.sums.talks}
    assert sum(by_day.values()) == len(now)
    for day, talks in by_day.items():
        assert talks == sum(one.started_at.astimezone(zone).date() == day for one in now)


def test_sums_are_what_a_naive_count_comes_to(people: Archive, database_url: str) -> None:
    archive, chance, engine = people, random.Random(5), create_engine(database_url)
    known: dict[str, tuple[Call, list[Side]]] = {}
    for turn in range(3):
        for _ in range(40):
            one, sides = a_call(chance)
            add(
                archive,
                one,
                sides[0].figures if sides else measure(9_000, ((),) * len(one.recordings[0].tracks)),
            )
            known[one.id] = one, sides
        # Analysed again, moved in time, thrown into the bin, gone with the call.
        for id_ in chance.sample(sorted(known), 6):
            one, sides = known[id_]
            length, speech, hold = a_talk(chance)
            if sides and len(speech) == len(sides[0].figures.parties):
                figures = measure(length, speech, hold)
                with archive.store.transaction() as tx:
                    tx.talks.save(analysis_of(one.recordings[0], figures))
                known[id_] = one, [replace(each, figures=figures) for each in sides]
        for id_ in chance.sample(sorted(known), 6):
            one, sides = known[id_]
            at = one.started_at + timedelta(hours=chance.randrange(-700, 700))
            with archive.store.transaction() as tx:
                tx.calls.replace(replace(one, started_at=at))
            known[id_] = replace(one, started_at=at), [replace(each, started_at=at) for each in sides]
        for id_ in chance.sample(sorted(known), 4):
            bin_recording(archive, actor(), known[id_][0].recordings[0].id)
            known[id_] = known[id_][0], []
        with engine.begin() as connection:
            for id_ in chance.sample(sorted(known), 4):
                connection.execute(text("DELETE FROM calls WHERE id = :id"), {"id": id_})
                del known[id_]
        with archive.store.transaction() as tx:
            tx.tenants.replace(Tenant("default", "d", ZONES[turn]))
        if turn == 1:
            assert sum_months(replace(archive, now=lambda: LATER))
        first = date(2026, 2, 20) + timedelta(days=chance.randrange(12))
        _compare_all(archive, known, Days(first, first + timedelta(days=40)), ZoneInfo(ZONES[turn]))
    while sum_months(replace(archive, now=lambda: LATER)):
        pass
    _compare_all(archive, known, Days(date(2026, 1, 20), date(2026, 5, 5)), ZoneInfo(ZONES[2]))
    engine.dispose()
    assert all(one.is_right for one in check_reports(archive))


def _compare_all(
    archive: Archive, known: dict[str, tuple[Call, list[Side]]], days: Days, zone: ZoneInfo
) -> None:
    free = frozenset(OWN).difference(*GROUPS.values())
    for asker in (actor(), agent_of("101"), agent_of("102", "103")):
        for group_id in ("", "g1", NOBODY):
            numbers = {"": frozenset(OWN), NOBODY: free}.get(group_id) or GROUPS[group_id]
            if asker.extensions is not None:
                numbers &= asker.extensions
            found = talk_insights(archive, asker, days, group_id)
            while found.is_counting:
                found = talk_insights(archive, asker, days, group_id)
            sides = [side for _, some in known.values() for side in some if side.number in numbers]
            compare(found, sides, zone)


def test_what_is_wrong_is_found_and_mended(people: Archive, database_url: str) -> None:
    chance = random.Random(3)
    for _ in range(12):
        one, sides = a_call(chance)
        add(people, one, sides[0].figures if sides else None)
    days = Days(date(2026, 2, 1), date(2026, 4, 30))
    assert all(one.is_right for one in check_reports(people))
    sum_months(replace(people, now=lambda: LATER))
    right = talk_insights(people, actor(), days)
    engine = create_engine(database_url)
    for spoil in (
        "UPDATE talk_facts SET switches = switches + 1",
        "UPDATE talk_days SET talks = talks + 1",
        "UPDATE talk_months SET silence_ms = 0",
    ):
        with engine.begin() as connection:
            connection.execute(text(spoil))
        assert not all(one.is_right for one in check_reports(people, mend=True)), spoil
        assert all(one.is_right for one in check_reports(people)), spoil
        assert talk_insights(people, actor(), days) == right, spoil
        sum_months(replace(people, now=lambda: LATER))
    engine.dispose()


def test_a_median_is_told_of_three_agents_or_more(people: Archive) -> None:
    days = Days(date(2026, 3, 20), date(2026, 3, 31))
    at = datetime(2026, 3, 25, 9, tzinfo=UTC)
    for place, number in enumerate(OWN[:3]):
        for turn in range(5):
            add(
                people,
                plain_call(number, at + timedelta(minutes=turn)),
                figures_of(theirs_ms=5_000 * (place + 1)),
            )
    found = talk_insights(people, actor(), days)
    assert found.quartiles[Metric.TALK_RATIO].median == pytest.approx(1 / 3)
    assert not talk_insights(people, actor(), days, "g1").quartiles
    assert not talk_insights(people, agent_of("101"), days).quartiles


def test_bad_days_and_strangers_are_refused(archive: Archive) -> None:
    with pytest.raises(RequestInvalid):
        talk_insights(archive, actor(), Days(date(2026, 3, 2), date(2026, 3, 1)))
    with pytest.raises(RequestInvalid):
        worth_hearing(archive, actor(), Days(date(2026, 3, 1), date(2026, 3, 1)), limit=101)
    nobody = replace(actor(), permissions=frozenset())
    for ask in (talk_insights, worth_hearing):
        with pytest.raises(AccessDenied):
            ask(archive, nobody, Days(date(2026, 3, 1), date(2026, 3, 1)))


def test_topics_that_rise_come_first(people: Archive) -> None:
    days = Days(date(2026, 3, 20), date(2026, 3, 26))
    at = datetime(2026, 3, 26, 9, tzinfo=UTC)
    with people.store.transaction() as tx:
        for name in ("rising", "falling", "silent"):
            tx.topics.add(a_topic(name, at))
    for ago in range(14):
        # The one is heard in this week alone and once before, the other the other way round.
        heard = ["rising"] if ago < 7 or ago == 7 else []
        heard += ["falling"] if ago >= 7 or ago == 0 else []
        one = plain_call("101" if ago % 2 else "103", at - timedelta(days=ago))
        add(people, one, None)
        sound = one.recordings[0].id
        hits = [TopicHit(name, 1, 0, Speaker.ANYONE, 1_000, 2_000, name) for name in heard]
        with people.store.transaction() as tx:
            tx.topic_hits.save("default", one.id, sound, 1, hits)
    found = topic_trends(people, actor(), days)
    assert [(one.name, one.calls, one.before) for one in found] == [("rising", 7, 1), ("falling", 1, 7)]
    assert (found[0].share, found[0].share_before) == (1, pytest.approx(1 / 7))
    assert found[0].rise == pytest.approx(6)
    assert (sum(found[0].weeks), found[0].weeks[-1]) == (8, 7)
    rows = [one.split(";") for one in topics_csv(found).decode("utf-8-sig").splitlines()]
    assert rows[1] == [*("rising", "rising", "7", "1", "1.0", "0.1429"), *"00000017"]
    assert [len(one) for one in rows] == [14, 14, 14]
    own = topic_trends(people, agent_of("103"), days)
    assert {one.name: (one.calls, one.before) for one in own} == {"rising": (4, 0), "falling": (1, 3)}
    assert topic_trends(people, actor(), days, "g2") == own
    assert not topic_trends(people, actor("other"), days)
    deaf = replace(actor(), permissions=frozenset({Permission.CALL_SEE}))
    with pytest.raises(AccessDenied):
        topic_trends(people, deaf, days)
