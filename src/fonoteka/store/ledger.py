"""Questions about many calls at once: what became of them, and what rules would look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Text, distinct, exists, func, select
from sqlalchemy import type_coerce as read_as

from fonoteka.domain.call import CallOutcome
from fonoteka.domain.direction import Direction
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.refusals import PLAN_FULL
from fonoteka.store.columns import from_microseconds
from fonoteka.store.tables import calls, extensions, group_members, groups, participants, recordings

QUARTER_US = 15 * 60 * 1_000_000
_TOGETHER = 5_000


@dataclass(slots=True)
class PastCall:
    """A call of the ledger as rules look at it; `parties` are (part, number, name) in their order."""

    id: str
    key: str
    started_at: datetime
    direction: Direction
    duration_ms: int
    forwarded_outside: bool
    parties: list[tuple[str | None, str, str]]


Counts = dict[tuple[CallOutcome, bool], int]
"""How many calls by outcome and whether they are silent or one-sided."""


class Ledger:
    """Counts and streams of a tenant's calls; no call is made whole for them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_quarter(self, tenant_id: str, since: datetime, until: datetime) -> dict[datetime, Counts]:
        """Counts by the quarter of an hour (UTC) in which calls began.

        Every zone's days begin with a quarter, so that days of any zone can be added up from these.
        """
        quarter = (read_as(calls.c.started_at, BigInteger) // QUARTER_US).label("quarter")
        found = _counts(quarter).where(*_in_span(tenant_id, since, until)).group_by(quarter)
        return {from_microseconds(key * QUARTER_US): counts for key, counts in self._counted(found).items()}

    def missing_since(self, since: datetime) -> dict[str, int]:
        """How many calls of each tenant that became known after that instant lack their recordings.

        Those that a recorder had no room for are among them; of those that the plan left none, another
        alert tells.
        """
        c = calls.c
        found = select(c.tenant_id, func.count()).where(
            c.outcome.in_([CallOutcome.MISSING.value, CallOutcome.REFUSED.value]),
            c.created_at >= since,
            c.reason != PLAN_FULL,
        )
        rows = self._connection.execute(found.group_by(c.tenant_id))
        return {tenant_id: int(count) for tenant_id, count in rows}

    def by_extension(self, tenant_id: str, since: datetime, until: datetime) -> dict[str, Counts]:
        """Counts by the id of each own extension that took part."""
        found = _counts(extensions.c.id).join_from(calls, participants, participants.c.call_id == calls.c.id)
        found = found.join(
            extensions,
            (extensions.c.tenant_id == tenant_id) & (extensions.c.number == participants.c.number),
        )
        return self._counted(found.where(*_in_span(tenant_id, since, until)).group_by(extensions.c.id))

    def by_group(self, tenant_id: str, since: datetime, until: datetime) -> dict[str, Counts]:
        """Counts by the id of each group of which a member took part."""
        found = _counts(groups.c.id).join_from(calls, participants, participants.c.call_id == calls.c.id)
        found = found.join(
            group_members,
            (group_members.c.tenant_id == tenant_id) & (group_members.c.number == participants.c.number),
        ).join(groups, (groups.c.tenant_id == tenant_id) & (groups.c.id == group_members.c.group_id))
        return self._counted(found.where(*_in_span(tenant_id, since, until)).group_by(groups.c.id))

    def of_nobody(self, tenant_id: str, since: datetime, until: datetime, *, in_groups: bool) -> Counts:
        """Counts of the calls in which no own extension, or with `in_groups` no group's member, took part."""
        ours = group_members if in_groups else extensions
        known = exists(
            select(participants.c.call_id)
            .join(
                ours,
                (ours.c.tenant_id == tenant_id) & (ours.c.number == participants.c.number),
            )
            .where(participants.c.call_id == calls.c.id)
        )
        found = _counts(calls.c.tenant_id).where(*_in_span(tenant_id, since, until), ~known)
        return self._counted(found.group_by(calls.c.tenant_id)).get(tenant_id, {})

    def past_calls(self, tenant_id: str, since: datetime, limit: int) -> Iterator[PastCall]:
        """The newest calls since then that were answered, newest first, read as they are asked for."""
        newest = (
            select(calls)
            .where(
                calls.c.tenant_id == tenant_id,
                calls.c.started_at >= since,
                calls.c.outcome != CallOutcome.MISSED.value,
            )
            .order_by(calls.c.started_at.desc(), calls.c.id.desc())
            .limit(limit)
            .subquery()
        )
        c, p = newest.c, participants.c
        # Read as the bare types: a hundred thousand calls pass here, and nothing of them needs mending.
        found = (
            select(
                read_as(c.id, Text),
                read_as(c.external_id, Text),
                read_as(c.started_at, BigInteger),
                read_as(c.direction, Text),
                c.duration_ms,
                c.forwarded_outside,
                read_as(p.party, Text),
                read_as(p.number, Text),
                read_as(p.name, Text),
            )
            .join_from(newest, participants, p.call_id == c.id, isouter=True)
            .order_by(c.started_at.desc(), c.id.desc(), p.position)
            .execution_options(yield_per=_TOGETHER)
        )
        return _past_calls(self._connection.execute(found))

    def sound(self, tenant_id: str, since: datetime) -> tuple[int, int]:
        """Bytes and milliseconds of the tenant's recordings that were shelved since then."""
        found = select(
            func.coalesce(func.sum(recordings.c.size_bytes), 0),
            func.coalesce(func.sum(recordings.c.duration_ms), 0),
        ).where(
            recordings.c.tenant_id == tenant_id,
            recordings.c.state == RecordingState.READY.value,
            recordings.c.started_at >= since,
        )
        size_bytes, duration_ms = self._connection.execute(found).one()
        return int(size_bytes), int(duration_ms)

    def _counted(self, found: Select[Any]) -> dict[Any, Counts]:
        counted: defaultdict[Any, Counts] = defaultdict(dict)
        grouped = found.group_by(calls.c.outcome, calls.c.is_unheard)
        for key, outcome, is_unheard, count in self._connection.execute(grouped):
            counted[key][CallOutcome(outcome), bool(is_unheard)] = count
        return dict(counted)


def _counts(key: ColumnElement[Any]) -> Select[Any]:
    return select(key, calls.c.outcome, calls.c.is_unheard, func.count(distinct(calls.c.id)))


def _in_span(tenant_id: str, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return calls.c.tenant_id == tenant_id, calls.c.started_at >= since, calls.c.started_at < until


def _past_calls(rows: Any) -> Iterator[PastCall]:
    current: PastCall | None = None
    for id_, external_id, started_us, direction, duration_ms, forwarded, party, number, name in rows:
        if current is None or current.id != id_:
            if current is not None:
                yield current
            current = PastCall(
                id_,
                external_id or id_,
                from_microseconds(started_us),
                Direction(direction),
                duration_ms,
                bool(forwarded),
                [],
            )
        if number is not None:
            current.parties.append((party, number, name))
    if current is not None:
        yield current
