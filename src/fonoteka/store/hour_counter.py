"""Counts the calls of an hour by who took part: from the calls themselves, so that it is always right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Connection, Text, insert, select
from sqlalchemy import type_coerce as read_as

from fonoteka.domain.call import Party, is_extension
from fonoteka.domain.direction import Direction
from fonoteka.domain.people import Tenant
from fonoteka.store.columns import from_microseconds
from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import calls, crew_members, crews, extensions, participants, tenants

HOUR_US = 3_600_000_000

Sums = dict[tuple[int, int, int, str, str], tuple[int, int]]
"""Calls and milliseconds by day, hour, crew, direction and outcome."""


@dataclass(frozen=True, slots=True)
class CallerCall:
    """An incoming call of an outside number."""

    number_digits: str
    started_at_us: int
    call_id: str
    crew_id: int


@dataclass(slots=True)
class HourCount:
    """What the calls of a UTC hour come to."""

    sums: Sums
    callers: set[CallerCall]
    places: dict[str, tuple[int, int]] = field(default_factory=dict, compare=False)
    """Day and crew of each call."""


class HourCounter:
    """Counts the calls of single hours of a tenant from the calls themselves."""

    def __init__(self, connection: Connection, tenant_id: str, extension_digits_max: int) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._digits_max = extension_digits_max
        named = connection.scalar(select(tenants.c.time_zone).where(tenants.c.tenant_id == tenant_id))
        self.zone = ZoneInfo(named or Tenant(tenant_id, "").time_zone)
        own = select(extensions.c.number).where(extensions.c.tenant_id == tenant_id)
        self._own = frozenset(connection.scalars(own))
        self._crews: dict[str, int] = {}

    def is_own(self, number: str) -> bool:
        """Whether a number is one of ours."""
        return number in self._own or is_extension(number, self._digits_max)

    def count(self, utc_hour: int) -> HourCount:
        """What the calls that began in that hour come to."""
        began, p = read_as(calls.c.started_at, BigInteger), participants.c
        found = (
            select(
                calls.c.id,
                began,
                read_as(calls.c.direction, Text),
                read_as(calls.c.outcome, Text),
                calls.c.duration_ms,
                read_as(p.party, Text),
                read_as(p.number, Text),
                read_as(p.number_digits, Text),
            )
            .join_from(calls, participants, p.call_id == calls.c.id, isouter=True)
            .where(
                calls.c.tenant_id == self._tenant_id,
                calls.c.started_at >= from_microseconds(utc_hour * HOUR_US),
                calls.c.started_at < from_microseconds((utc_hour + 1) * HOUR_US),
            )
        )
        rows: dict[str, tuple[int, str, str, int]] = {}
        people: defaultdict[str, list[tuple[str | None, str, str]]] = defaultdict(list)
        for (
            id_,
            started_us,
            direction,
            outcome,
            duration_ms,
            party,
            number,
            digits,
        ) in self._connection.execute(found):
            rows[id_] = (started_us, direction, outcome, duration_ms)
            if number is not None:
                people[id_].append((party, number, digits))
        counted = HourCount({}, set())
        for id_, row in rows.items():
            self._add(counted, id_, row, people[id_])
        return counted

    def _add(
        self,
        counted: HourCount,
        call_id: str,
        row: tuple[int, str, str, int],
        people: Sequence[tuple[str | None, str, str]],
    ) -> None:
        started_us, direction, outcome, duration_ms = row
        crew_id = self._crew(number for _, number, _ in people)
        began = from_microseconds(started_us).astimezone(self.zone)
        key = (began.date().toordinal(), began.hour, crew_id, direction, outcome)
        counted.places[call_id] = (key[0], crew_id)
        count, sum_ms = counted.sums.get(key, (0, 0))
        counted.sums[key] = (count + 1, sum_ms + duration_ms)
        if direction == Direction.INCOMING:
            counted.callers |= {
                CallerCall(digits, started_us, call_id, crew_id)
                for party, _, digits in people
                if party == Party.CALLING and digits
            }

    def _crew(self, numbers: Iterable[str]) -> int:
        ours = sorted(set(filter(self.is_own, numbers)))
        key = "\n".join(ours)
        if key not in self._crews:
            self._crews[key] = self._crew_of(key, ours)
        return self._crews[key]

    def _crew_of(self, key: str, numbers: Sequence[str]) -> int:
        c = crews.c
        known = select(c.id).where(c.tenant_id == self._tenant_id, c.numbers == key)
        found: int | None = self._connection.scalar(known)
        if found is not None:
            return found
        made = insert_missing(self._connection, crews, {"tenant_id": self._tenant_id, "numbers": key})
        crew_id: int | None = self._connection.scalar(known)
        assert crew_id is not None
        if made and numbers:
            rows = [{"tenant_id": self._tenant_id, "number": one, "crew_id": crew_id} for one in numbers]
            self._connection.execute(insert(crew_members), rows)
        return crew_id
