"""Reports for the heads of departments: figures of a period, of the calls that one may see alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from fonoteka.archive.archive import Archive
from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.people import Group, Tenant
from fonoteka.domain.query import NOBODY
from fonoteka.domain.report import (
    DAYS_MAX,
    CallerFigures,
    DayFigures,
    Days,
    Figures,
    HourFigures,
    Kind,
    Report,
    SoundFigures,
    SubjectFigures,
)
from fonoteka.store import Audience, Transaction

_EPOCH = date(1970, 1, 1)
_FIRST_DAY, _LAST_DAY = date(1971, 1, 1), date(2999, 12, 30)
_PATIENCE_S = 0.5
"""So long a report waits for the counting of what has changed."""
Counts = dict[Kind, int]


@dataclass(frozen=True, slots=True)
class ReportCheck:
    """What a recount of a tenant found: how many UTC hours there are, and which of them were counted wrong.

    `is_summed`: days and months are the sums of their parts, and callers know of each other.
    """

    tenant_id: str
    hours: int
    wrong_hours: tuple[int, ...]
    is_summed: bool

    @property
    def is_right(self) -> bool:
        """Whether there is nothing to mend."""
        return self.is_summed and not self.wrong_hours


def call_report(archive: Archive, actor: Actor, days: Days, group_id: str = "") -> Report:
    """The figures of these days of the tenant's zone, and of as many days before.

    Of a `group_id` those of its members' calls, of `NOBODY` those of no group; what the actor may not see is
    not counted. Raises `RequestInvalid` (fields `since`, `until`), `AccessDenied`.
    """
    require(actor, Permission.CALL_SEE, actor.tenant_id)
    check_days(days)
    is_counting = catch_up(archive, actor.tenant_id)
    audience = Audience(actor.tenant_id, actor.extensions, group_id)
    with archive.store.reading() as tx:
        return _Reporting(tx, actor, audience, days).report(is_counting)


def check_reports(archive: Archive, *, mend: bool = False) -> tuple[ReportCheck, ...]:
    """Recount every hour of every tenant from the calls: what was counted wrong; with `mend` count it anew.

    What is marked to be counted is counted before.
    """
    with archive.store.reading() as tx:
        tenants = [one.id for one in tx.tenants.all()]
    checks = []
    for tenant_id in tenants:
        while catch_up(archive, tenant_id):
            pass
        with archive.store.transaction() as tx:
            hours = tx.call_counting.hours_with_calls(tenant_id)
            wrong = tx.call_counting.differences(tenant_id, hours, archive.extension_digits_max)
            is_summed = tx.call_counting.is_summed(tenant_id) and tx.month_sums.is_right(tenant_id)
            checks.append(ReportCheck(tenant_id, len(hours), wrong, is_summed))
            if mend and not checks[-1].is_right:
                tx.call_counting.forget(tenant_id)
        while catch_up(archive, tenant_id):
            pass
    return tuple(checks)


def catch_up(archive: Archive, tenant_id: str) -> bool:
    """Count what has changed lately; whether there is more than can be waited for."""
    until = monotonic() + _PATIENCE_S
    while True:
        with archive.store.reading() as tx:
            if not tx.call_counting.is_due(tenant_id):
                return False
        if monotonic() > until:
            return True
        with archive.store.transaction() as tx:
            tx.call_counting.count_marked(archive.extension_digits_max, tenant_id)


def check_days(days: Days) -> None:
    """Raise `RequestInvalid` (fields `since`, `until`) for days that no report is of."""
    for field, day in (("since", days.first), ("until", days.last)):
        if not _FIRST_DAY <= day <= _LAST_DAY:
            raise RequestInvalid(field, "The day lies outside the years 1971 to 2999.")
    if days.first > days.last:
        raise RequestInvalid("until", "The last day comes before the first.")
    if len(days) > DAYS_MAX:
        raise RequestInvalid("until", f"A report is of at most {DAYS_MAX} days.")


class _Reporting:
    """One report being made."""

    def __init__(self, tx: Transaction, actor: Actor, audience: Audience, days: Days) -> None:
        self._tx, self._actor, self._audience, self._days = tx, actor, audience, days
        named = tx.tenants.get(actor.tenant_id) or Tenant(actor.tenant_id, "")
        self._zone = ZoneInfo(named.time_zone)
        self._crews = tx.reports.crews(actor.tenant_id)

    def report(self, is_counting: bool) -> Report:
        days, before = self._days, self._days.before
        now, then = self._by_crew(days), self._by_crew(before)
        hours = self._tx.reports.by_hour(self._audience, *_ordinals(days))
        return Report(
            days=days,
            zone=self._zone.key,
            group_id=self._audience.group_id,
            figures=Figures.of(_added(now.values())),
            before=Figures.of(_added(then.values())),
            by_day=self._by_day(days),
            by_day_before=self._by_day(before),
            by_hour=tuple(HourFigures(*key, *counted) for key, counted in sorted(hours.items())),
            agents=self._agents(now, then),
            groups=self._groups(now, then),
            callers=self._callers(days),
            callers_before=self._callers(before),
            sound=self._sound(),
            group_names=tuple((one.id, one.name) for one in self._known_groups()),
            is_counting=is_counting,
        )

    def _by_crew(self, days: Days) -> dict[int, Counts]:
        return self._tx.reports.by_crew(self._audience, *_ordinals(days))

    def _by_day(self, days: Days) -> tuple[DayFigures, ...]:
        counted = self._tx.reports.by_day(self._audience, *_ordinals(days))
        return tuple(DayFigures(one, Figures.of(counted.get(one.toordinal(), {}))) for one in days.all())

    def _callers(self, days: Days) -> CallerFigures:
        since, until = (
            datetime.combine(one, time(), self._zone).astimezone(UTC)
            for one in (days.first, days.last + timedelta(days=1))
        )
        return self._tx.reports.callers(self._audience, since, until)

    def _agents(self, now: Mapping[int, Counts], then: Mapping[int, Counts]) -> tuple[SubjectFigures, ...]:
        """The extensions that the actor may know of, most calls first."""
        reach = self._audience.reach
        people = {
            one.number: one
            for one in self._tx.extensions.all(self._actor.tenant_id)
            if reach is None or one.number in reach
        }
        of_crew = {
            id_: tuple(one for one in numbers if one in people) for id_, numbers in self._crews.items()
        }
        shares = _shares(of_crew, now, then)
        none = self._of_none(shares)
        found = [
            SubjectFigures(people[number].id, number, people[number].person or people[number].name, *both)
            for number, both in shares.items()
            if number
        ]
        found.sort(key=lambda one: (-one.figures.calls, one.label))
        return (*found, *none)

    def _groups(self, now: Mapping[int, Counts], then: Mapping[int, Counts]) -> tuple[SubjectFigures, ...]:
        """The groups that the actor may know of, most calls first."""
        groups = {one.id: one for one in self._known_groups()}
        of_number: defaultdict[str, set[str]] = defaultdict(set)
        for group in groups.values():
            for number in group.members:
                of_number[number].add(group.id)
        of_crew = {
            id_: tuple(sorted({group_id for number in numbers for group_id in of_number.get(number, ())}))
            for id_, numbers in self._crews.items()
        }
        shares = _shares(of_crew, now, then)
        none = self._of_none(shares)
        found = [
            SubjectFigures(group_id, groups[group_id].name, "", *both)
            for group_id, both in shares.items()
            if group_id
        ]
        found.sort(key=lambda one: (-one.figures.calls, one.label))
        return (*found, *none)

    def _known_groups(self) -> list[Group]:
        """The groups of which the actor may see a member's calls."""
        reach, groups = self._audience.reach, self._tx.groups.all(self._actor.tenant_id)
        return [one for one in groups if reach is None or not one.members.isdisjoint(reach)]

    def _of_none(self, shares: Mapping[str, tuple[Figures, Figures]]) -> tuple[SubjectFigures, ...]:
        both = shares.get("")
        if self._audience.reach is not None or both is None:
            return ()
        return (SubjectFigures("", "", "", *both),)

    def _sound(self) -> SoundFigures | None:
        group_id = self._audience.group_id
        if not may(self._actor, Permission.STORAGE_SEE, self._actor.tenant_id) or group_id == NOBODY:
            return None
        days = self._tx.sound_days.of(self._actor.tenant_id, group_id)

        def added(some: Days) -> int:
            first, last = (some.first - _EPOCH).days, (some.last - _EPOCH).days
            return sum(one.added_bytes for one in days if first <= one.day <= last)

        stored = sum(one.stored_bytes for one in days)
        return SoundFigures(added(self._days), added(self._days.before), stored)


def _ordinals(days: Days) -> tuple[int, int]:
    return days.first.toordinal(), days.last.toordinal() + 1


def _added(some: Iterable[Counts]) -> Counts:
    whole: Counts = {}
    for counts in some:
        _add(whole, counts)
    return whole


def _add(whole: Counts, counts: Counts) -> None:
    for kind, count in counts.items():
        whole[kind] = whole.get(kind, 0) + count


def _shares(
    of_crew: Mapping[int, tuple[str, ...]], now: Mapping[int, Counts], then: Mapping[int, Counts]
) -> dict[str, tuple[Figures, Figures]]:
    """The figures, now and before, of each that has a part in a crew; those of none under an empty id."""
    here, there = (_parts(of_crew, counted) for counted in (now, then))
    return {
        one: (Figures.of(here.get(one, {})), Figures.of(there.get(one, {})))
        for one in here.keys() | there.keys()
    }


def _parts(of_crew: Mapping[int, tuple[str, ...]], counted: Mapping[int, Counts]) -> dict[str, Counts]:
    """The counts of each. Crews of the same ones are added first: of thousands there are few kinds."""
    together: dict[tuple[str, ...], Counts] = {}
    for crew_id, counts in counted.items():
        ones = of_crew.get(crew_id) or ("",)
        known = together.get(ones)
        if known is None:
            together[ones] = dict(counts)
        else:
            _add(known, counts)
    parts: dict[str, Counts] = {}
    for ones, counts in together.items():
        for one in ones:
            _add(parts.setdefault(one, {}), counts)
    return parts
