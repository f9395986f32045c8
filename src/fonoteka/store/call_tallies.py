"""How many calls of each kind began on each UTC day, kept by triggers in the transaction of each change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Connection, delete, false, func, insert, select, true
from sqlalchemy import tuple_ as row_value

from fonoteka.domain.query import LISTED_OUTCOMES, CallQuery, CallTotals
from fonoteka.store.columns import from_microseconds, to_microseconds
from fonoteka.store.tables import call_tallies

DAY_US = 86_400_000_000
_FOLDED_MAX = 20_000


@dataclass(frozen=True, slots=True)
class WholeDays:
    """UTC days, `until` exclusive, None being open; as numbers since 1970 and as instants."""

    since: int | None
    until: int | None

    @property
    def begins_at(self) -> datetime | None:
        """When the first day begins."""
        return None if self.since is None else from_microseconds(self.since * DAY_US)

    @property
    def ends_at(self) -> datetime | None:
        """When the last day has ended."""
        return None if self.until is None else from_microseconds(self.until * DAY_US)


def whole_days(since: datetime | None, until: datetime | None) -> WholeDays | None:
    """The UTC days that lie wholly between the instants; None when there is none."""
    first = None if since is None else -(-to_microseconds(since) // DAY_US)
    end = None if until is None else to_microseconds(until) // DAY_US
    return None if first is not None and end is not None and first >= end else WholeDays(first, end)


class CallTallies:
    """Sums over days. A kind of a day may have several rows, positive and negative; their sum counts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def totals(self, tenant_id: str, query: CallQuery, days: WholeDays) -> CallTotals:
        """What the query finds on these days; its times and text are not looked at."""
        c = call_tallies.c
        found = select(func.sum(c.calls, type_=BigInteger), func.sum(c.duration_ms, type_=BigInteger))
        found = found.where(c.tenant_id == tenant_id)
        if days.since is not None:
            found = found.where(c.day >= days.since)
        if days.until is not None:
            found = found.where(c.day < days.until)
        if query.direction is not None:
            found = found.where(c.direction == query.direction.value)
        outcomes = query.outcomes or LISTED_OUTCOMES
        found = found.where(c.outcome.in_(sorted(one.value for one in outcomes)))
        if query.only_unheard:
            found = found.where(c.is_unheard == true())
        elif not query.include_unheard:
            found = found.where(c.is_unheard == false())
        calls, duration_ms = self._connection.execute(found).one()
        return CallTotals(int(calls or 0), int(duration_ms or 0))

    def fold(self) -> int:
        """Join the rows of each kind of a day into one, for some thousands of rows: how many went.

        The sums stay, so it may be done at any time, by several at once.
        """
        c = call_tallies.c
        kind = (c.tenant_id, c.day, c.direction, c.outcome, c.is_unheard)
        several = select(c.tenant_id, c.day).group_by(*kind).having(func.count() > 1).distinct().limit(100)
        days = [tuple(row) for row in self._connection.execute(several)]
        if not days:
            return 0
        some = select(c.id).where(row_value(c.tenant_id, c.day).in_(days)).limit(_FOLDED_MAX)
        gone = delete(call_tallies).where(c.id.in_(some)).returning(*kind, c.calls, c.duration_ms)
        taken = self._connection.execute(gone).all()
        kept = _summed(tuple(row) for row in taken)
        if kept:
            self._connection.execute(insert(call_tallies), kept)
        return len(taken) - len(kept)


def _summed(rows: Iterable[tuple[object, ...]]) -> list[dict[str, object]]:
    sums: defaultdict[tuple[object, ...], list[int]] = defaultdict(lambda: [0, 0])
    for *kind, calls, duration_ms in rows:
        one = sums[tuple(kind)]
        one[0] += calls  # type: ignore[operator]
        one[1] += duration_ms  # type: ignore[operator]
    names = ("tenant_id", "day", "direction", "outcome", "is_unheard", "calls", "duration_ms")
    return [dict(zip(names, (*kind, *pair), strict=True)) for kind, pair in sorted(sums.items()) if any(pair)]
