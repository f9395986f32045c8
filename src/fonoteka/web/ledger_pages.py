"""The page of completeness: which part of the calls is recorded, and which calls lack a recording."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from fonoteka import policy
from fonoteka.archive import find_ledger, ledger_shares
from fonoteka.domain.call import CallOutcome
from fonoteka.domain.query import NOBODY, Became, CallQuery, LedgerGrouping, LedgerShare
from fonoteka.domain.windows import start_of
from fonoteka.web.desk import Desk
from fonoteka.web.filters import Filters
from fonoteka.web.listing import row_of

_ROWS_MAX = 200
_CALLS_MAX = 50
LACKING = (CallOutcome.MISSING, CallOutcome.REFUSED, CallOutcome.FAILED)


class Span(StrEnum):
    """How far the ledger looks back."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


_DAYS = {Span.WEEK: 7, Span.MONTH: 30, Span.QUARTER: 91}


@dataclass(frozen=True, slots=True)
class Sums:
    """All shares together."""

    calls: int
    wanted: int
    recorded: int

    @property
    def share(self) -> float | None:
        """Which part of the wanted ones is recorded; None when none was wanted."""
        return self.recorded / self.wanted if self.wanted else None


def add_ledger_pages(router: APIRouter, desk: Desk) -> None:
    """Add the page to the router."""

    @router.get("/ledger")
    def show_ledger(
        request: Request,
        by: LedgerGrouping = LedgerGrouping.DAY,
        span: Span = Span.MONTH,
        outcome: CallOutcome | None = None,
        cursor: str = "",
    ) -> Response:
        visitor = desk.visitor(request)
        actor, formats = desk.actor_of(visitor), visitor.formats
        # Shares are told by days of the tenant's zone, so the first and the last day are of it, too.
        zone = ZoneInfo(policy.own_tenant(desk.policy, actor).time_zone)
        today = formats.now.astimezone(zone).date()
        first = today - timedelta(days=_DAYS[span] - 1)
        since, until = start_of(first, zone), start_of(today + timedelta(days=1), zone)
        whole = Filters(first_day=first, last_day=today, zone="" if formats.zone == zone else zone.key)
        shares = ledger_shares(desk.archive, actor, since, until, by)
        days = shares if by is LedgerGrouping.DAY else ledger_shares(desk.archive, actor, since, until)
        outcomes = frozenset(LACKING if outcome is None else (outcome,))
        query = CallQuery(since=since, until=until, outcomes=outcomes)
        found = find_ledger(desk.archive, actor, query, cursor or None, _CALLS_MAX)
        return desk.page(
            request,
            visitor,
            "ledger.html",
            by=by,
            span=span,
            outcome=outcome,
            shares=(tuple(reversed(shares)) if by is LedgerGrouping.DAY else shares)[:_ROWS_MAX],
            shares_count=len(shares),
            sums=_sums(days),
            rows=tuple(map(row_of, found.items)),
            next=found.next,
            filters_of=partial(_filters_of, whole),
            became=Became,
            groupings=LedgerGrouping,
            spans=Span,
            outcomes=CallOutcome,
        )


def _filters_of(whole: Filters, share: LedgerShare) -> Filters:
    """The filters under which the list shows exactly the calls of a share."""
    if share.day is not None:
        return replace(whole, first_day=share.day, last_day=share.day)
    if share.by is LedgerGrouping.GROUP:
        return replace(whole, groups=(share.subject_id or NOBODY,))
    return replace(whole, extension=share.label or NOBODY)


def _sums(shares: tuple[LedgerShare, ...]) -> Sums:
    return Sums(
        sum(one.calls for one in shares),
        sum(one.wanted for one in shares),
        sum(one.outcomes.get(CallOutcome.RECORDED, 0) for one in shares),
    )
