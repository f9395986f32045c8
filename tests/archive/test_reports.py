"""Reports: what was counted hour by hour is what a count of every single call comes to, whoever asks."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, text

from fonoteka.archive import Archive, call_report, check_reports, count_calls, register_call, sum_months
from fonoteka.domain.access import Actor, Role
from fonoteka.domain.call import Call, CallOutcome, Participant, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import AccessDenied, RequestInvalid
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Extension, Group, Tenant
from fonoteka.domain.query import NOBODY, WANTED_OUTCOMES, CallerKind, Callers, CallQuery
from fonoteka.domain.report import CallerFigures, Days, Figures, Report
from tests.examples import actor, call

OWN = ("101", "102", "103", "7000001")  # the last is an own number by the list alone
OUTSIDE = tuple(f"+7900000000{n}" for n in range(6))
ZONES = ("Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Europe/Moscow")
# Around the days on which these zones change their clocks.
AROUND = (datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 4, 4, 15, tzinfo=UTC))
GROUPS = {"g1": frozenset({"101", "102"}), "g2": frozenset({"103"})}


@dataclass(frozen=True)
class Told:
    """A call as the naive count looks at it."""

    id: str
    started_at: datetime
    direction: Direction
    outcome: CallOutcome
    duration_ms: int
    numbers: frozenset[str]
    callers: frozenset[str]


def a_call(chance: random.Random) -> Call:
    """Any call of a few weeks."""
    at = chance.choice(AROUND) + timedelta(seconds=chance.randrange(-12 * 86_400, 12 * 86_400, 450))
    direction = chance.choice(list(Direction))
    numbers = [chance.choice(OWN), chance.choice(OUTSIDE)]
    if direction is Direction.INTERNAL:
        numbers[1] = chance.choice(OWN)
    if direction is Direction.INCOMING:
        numbers.reverse()
    if chance.random() < 0.2:
        numbers.append(chance.choice(OWN))
    parties = (Party.CALLING, Party.CALLED, Party.CONNECTED)
    people = tuple(
        Participant(str(n), parties[n], number, "", "") for n, number in enumerate(numbers) if number
    )
    outcome = chance.choice(list(CallOutcome))
    return call(
        started_at=at,
        direction=direction,
        outcome=outcome,
        duration_ms=chance.randrange(100_000),
        participants=people,
        recordings=(),
    )


def told_of(one: Call) -> Told:
    return Told(
        one.id,
        one.started_at,
        one.direction,
        one.outcome,
        one.duration_ms,
        frozenset(each.number for each in one.participants),
        frozenset(
            each.number for each in one.participants if each.party is Party.CALLING and each.number in OUTSIDE
        )
        if one.direction is Direction.INCOMING
        else frozenset(),
    )


def figures_of(some: Iterable[Told]) -> Figures:
    calls = list(some)
    missed = [one for one in calls if one.outcome is CallOutcome.MISSED]
    answered = [one for one in calls if one.outcome is not CallOutcome.MISSED]
    by_direction = Counter(one.direction for one in calls)
    of_clients = sum(one.direction is Direction.INCOMING for one in missed)
    return Figures(
        calls=len(calls),
        incoming=by_direction[Direction.INCOMING],
        outgoing=by_direction[Direction.OUTGOING],
        internal=by_direction[Direction.INTERNAL],
        answered=len(answered),
        missed=of_clients,
        unanswered=len(missed) - of_clients,
        talk_ms=sum(one.duration_ms for one in answered),
        wanted=sum(one.outcome in WANTED_OUTCOMES for one in calls),
        recorded=sum(one.outcome is CallOutcome.RECORDED for one in calls),
    )


@dataclass(frozen=True)
class Naive:
    """A count of every call that somebody may see."""

    calls: tuple[Told, ...]
    zone: ZoneInfo

    def of(self, days: Days) -> list[Told]:
        return [one for one in self.calls if days.first <= self.local(one).date() <= days.last]

    def local(self, one: Told) -> datetime:
        return one.started_at.astimezone(self.zone)

    def callers(self, days: Days) -> CallerFigures:
        before = {each for one in self.calls if self.local(one).date() < days.first for each in one.callers}
        calls = Counter(each for one in self.of(days) for each in one.callers)
        new = {number: count for number, count in calls.items() if number not in before}
        known = {number: count for number, count in calls.items() if number in before}
        return CallerFigures(len(new), sum(new.values()), len(known), sum(known.values()))


def compare(report: Report, naive: Naive) -> None:
    days = report.days
    now, then = naive.of(days), naive.of(days.before)
    assert report.figures == figures_of(now)
    assert report.before == figures_of(then)
    assert {one.day: one.figures for one in report.by_day} == {
        day: figures_of(each for each in now if naive.local(each).date() == day) for day in days.all()
    }
    hours = Counter((naive.local(one).weekday(), naive.local(one).hour) for one in now)
    assert {(one.weekday, one.hour): one.calls for one in report.by_hour} == hours
    agents = {one.label: (one.figures, one.before) for one in report.agents if one.label}
    for number in OWN:
        expected = tuple(figures_of(each for each in some if number in each.numbers) for some in (now, then))
        if number in agents:
            assert agents.pop(number) == expected
    assert not agents
    for group in report.groups:
        if group.id:
            members = GROUPS[group.id]
            assert group.figures == figures_of(each for each in now if each.numbers & members)
    assert report.callers == naive.callers(days)
    assert report.callers_before == naive.callers(days.before)


def listed(archive: Archive, asker: Actor, report: Report) -> tuple[int, ...]:
    """How many calls of first-time and of repeat callers the list finds."""
    zone, days = ZoneInfo(report.zone), report.days
    since, until = (
        datetime.combine(day, time(), zone).astimezone(UTC)
        for day in (days.first, days.last + timedelta(days=1))
    )
    query = CallQuery(
        since=since,
        until=until,
        outcomes=frozenset(CallOutcome),
        include_unheard=True,
        group_ids=frozenset({report.group_id}) if report.group_id else frozenset(),
        windows=((since, until),),
    )
    return tuple(
        count_calls(archive, asker, replace(query, callers=Callers(kind, since))).calls for kind in CallerKind
    )


@pytest.fixture
def people(archive: Archive) -> Archive:
    with archive.store.transaction() as tx:
        tx.tenants.replace(Tenant("default", "d", ZONES[0]))
        tx.extensions.add([Extension(new_id(), "default", one, "", f"Person {one}") for one in OWN])
        for id_, members in GROUPS.items():
            tx.groups.add(Group(id_, "default", id_, members))
    return archive


@pytest.mark.parametrize("seed", range(2))
def test_figures_are_what_a_naive_count_comes_to(people: Archive, database_url: str, seed: int) -> None:
    archive, chance = people, random.Random(seed)
    known: dict[str, Call] = {}
    engine = create_engine(database_url)
    askers = {
        None: actor(),
        frozenset({"101", "7000001"}): replace(
            actor(), role=Role.AGENT, extensions=frozenset({"101", "7000001"})
        ),
    }
    for turn in range(4):
        with archive.store.transaction() as tx:
            for _ in range(60):
                one = a_call(chance)
                known[one.id] = one
                tx.calls.add(one)
            for id_ in chance.sample(sorted(known), 10):
                one = known[id_] = replace(known[id_], outcome=chance.choice(list(CallOutcome)))
                tx.calls.set_outcome(id_, one.outcome, "later")
            for id_ in chance.sample(sorted(known), 5):
                fresh = replace(a_call(chance), id=id_)
                known[id_] = fresh
                tx.calls.replace(fresh)
            if turn:
                tx.tenants.replace(Tenant("default", "d", ZONES[turn]))
        with engine.begin() as connection:
            for id_ in chance.sample(sorted(known), 8):
                connection.execute(text("DELETE FROM participants WHERE call_id = :id"), {"id": id_})
                connection.execute(text("DELETE FROM calls WHERE id = :id"), {"id": id_})
                del known[id_]
        if turn % 2:
            # Months that are over are read from their sums, but for those in which something changes later.
            later = replace(archive, now=lambda: datetime(2027, 1, 1, tzinfo=UTC))
            assert sum_months(later)
        zone = ZoneInfo(ZONES[turn])
        for reach, asker in askers.items():
            for group_id in ("", "g1", NOBODY):
                members = GROUPS.get(group_id) or frozenset().union(*GROUPS.values())
                seen = tuple(
                    one
                    for one in map(told_of, known.values())
                    if (reach is None or one.numbers & reach)
                    and (not group_id or bool(one.numbers & members) is (group_id != NOBODY))
                )
                first = date(2026, 3, 25) + timedelta(days=chance.randrange(12))
                days = Days(first, first + timedelta(days=chance.choice((0, 3, 8))))
                report = call_report(archive, asker, days, group_id)
                while report.is_counting:
                    report = call_report(archive, asker, days, group_id)
                compare(report, Naive(seen, zone))
                assert listed(archive, asker, report) == (
                    report.callers.new_calls,
                    report.callers.known_calls,
                )
    engine.dispose()
    assert all(one.is_right and one.hours for one in check_reports(archive) if one.tenant_id == "default")


def test_a_wrong_count_is_found_and_mended(people: Archive, database_url: str) -> None:
    chance = random.Random(7)
    with people.store.transaction() as tx:
        for _ in range(30):
            tx.calls.add(a_call(chance))
    assert all(one.is_right for one in check_reports(people))
    days = Days(date(2026, 3, 10), date(2026, 4, 20))
    right = call_report(people, actor(), days)
    spoil: list[Callable[[], str]] = [
        lambda: "UPDATE call_hours SET calls = calls + 1",
        lambda: "UPDATE tenant_hours SET calls = calls + 1",
        lambda: "UPDATE tenant_days SET duration_ms = 5",
        lambda: "UPDATE call_days SET duration_ms = 5",
        lambda: "DELETE FROM caller_calls",
        lambda: "UPDATE caller_calls SET first_at = 0",
    ]
    engine = create_engine(database_url)
    for statement in spoil:
        with engine.begin() as connection:
            connection.execute(text(statement()))
        assert (
            call_report(people, actor(), days) != right
            or "first_at" in statement()
            or "call_hours" in statement()
        )
        (found,) = check_reports(people, mend=True)
        assert not found.is_right
        assert all(one.is_right for one in check_reports(people))
        assert call_report(people, actor(), days) == right
    engine.dispose()


def test_nobody_counts_what_is_not_theirs(people: Archive) -> None:
    days = Days(date(2026, 3, 1), date(2026, 3, 31))
    at = datetime(2026, 3, 10, 12, tzinfo=UTC)
    for calling in ("101", "103"):
        people_of = (
            Participant("1", Party.CALLING, OUTSIDE[0], "", ""),
            Participant("2", Party.CALLED, calling, "", ""),
        )
        one = call(direction=Direction.INCOMING, started_at=at, participants=people_of, recordings=())
        register_call(people, one)
        at += timedelta(days=1)
    whole = call_report(people, actor(), days)
    own = call_report(people, replace(actor(), extensions=frozenset({"103"})), days)
    other = call_report(people, actor("other"), days)
    assert (whole.figures.calls, own.figures.calls, other.figures.calls) == (2, 1, 0)
    assert [one.label for one in own.agents] == ["103"]
    assert [one.id for one in own.groups] == ["g2"]
    assert own.sound is None
    assert whole.sound is not None
    # The client had called before, but not those whom this one may hear.
    assert call_report(people, actor(), Days(at.date() - timedelta(days=1), at.date())).callers.known == 1
    later = Days(date(2026, 3, 11), date(2026, 3, 31))
    assert call_report(people, replace(actor(), extensions=frozenset({"103"})), later).callers.new == 1
    with pytest.raises(AccessDenied):
        call_report(people, replace(actor(), permissions=frozenset()), days)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (date(2026, 3, 2), date(2026, 3, 1), "until"),
        (date(2024, 1, 1), date(2026, 3, 1), "until"),
        (date(1, 1, 1), date(1, 1, 1), "since"),
        (date(9999, 12, 31), date(9999, 12, 31), "since"),
    ],
)
def test_periods_that_are_none(archive: Archive, first: date, last: date, field: str) -> None:
    with pytest.raises(RequestInvalid) as raised:
        call_report(archive, actor(), Days(first, last))
    assert raised.value.field == field
