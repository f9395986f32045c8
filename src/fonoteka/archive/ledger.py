"""The completeness ledger: every call known from any source, and what became of it."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from fonoteka.archive.archive import Archive
from fonoteka.archive.finding import find_calls
from fonoteka.archive.likeness import NEAR
from fonoteka.archive.metrics import MISSING
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.call import Call, CallOutcome
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.people import Tenant
from fonoteka.domain.ports import LiveCall
from fonoteka.domain.query import CallPage, CallQuery, LedgerGrouping, LedgerShare
from fonoteka.domain.same_call import likeness
from fonoteka.store import Transaction
from fonoteka.store.ledger import Counts

_LOG = logging.getLogger(__name__)
SPAN_MAX = timedelta(days=800)
_MISSING_AT_ONCE = 500
NO_RECORDING = "no recording came"


def find_ledger(
    archive: Archive, actor: Actor, query: CallQuery, cursor: str | None = None, limit: int = 50
) -> CallPage:
    """As `find_calls`, but of every outcome unless the query names some, unheard ones among them."""
    outcomes = query.outcomes or frozenset(CallOutcome)
    found = replace(query, outcomes=outcomes, include_unheard=True)
    return find_calls(archive, actor, found, cursor, limit)


def ledger_shares(
    archive: Archive,
    actor: Actor,
    since: datetime,
    until: datetime,
    by: LedgerGrouping = LedgerGrouping.DAY,
) -> tuple[LedgerShare, ...]:
    """What became of the calls that began between the instants (aware, `until` exclusive).

    By day: of the tenant's time zone, oldest first, days without a call left out. By group or extension:
    most calls first; a call of several counts for each. Raises `RequestInvalid` (fields `since`, `until`),
    `AccessDenied`.
    """
    require(actor, Permission.LEDGER_SEE, actor.tenant_id)
    _check_span(since, until)
    with archive.store.reading() as tx:
        if by is LedgerGrouping.DAY:
            return _by_day(tx, actor.tenant_id, since, until)
        if by is LedgerGrouping.GROUP:
            labels = {one.id: one.name for one in tx.groups.all(actor.tenant_id)}
            counted = tx.ledger.by_group(actor.tenant_id, since, until)
        else:
            labels = {one.id: one.number for one in tx.extensions.all(actor.tenant_id)}
            counted = tx.ledger.by_extension(actor.tenant_id, since, until)
        of_nobody = tx.ledger.of_nobody(actor.tenant_id, since, until, in_groups=by is LedgerGrouping.GROUP)
    return tuple(replace(one, by=by) for one in _by_subject(labels, counted, of_nobody))


def report_missing(
    archive: Archive, older_than_s: float = 100, in_progress: Sequence[LiveCall] = ()
) -> list[Call]:
    """Mark the calls of all tenants that are expected for longer than so many seconds as missing: which.

    For a worker to call every few seconds: with 10 s between, what is missing is told within 2 minutes of the
    call's end. Whether an expected call is late is told by our own clock alone, a PBX's may be hours off. A
    call that is `in_progress` may have ended for its PBX in part: its recording is still to come.
    """
    before = archive.now() - timedelta(seconds=older_than_s)
    with archive.store.transaction() as tx:
        late = tx.calls.expected_since(before, _MISSING_AT_ONCE)
        missing = [one for one in late if not _goes_on(one, in_progress)]
        for one in missing:
            tx.calls.set_outcome(one.id, CallOutcome.MISSING, NO_RECORDING)
    for one in missing:
        MISSING.inc()
        _LOG.error(
            "call %s of tenant %s (%s %s) has no recording",
            one.id,
            one.tenant_id,
            one.source,
            one.external_id,
        )
    return [replace(one, outcome=CallOutcome.MISSING, reason=NO_RECORDING) for one in missing]


def _goes_on(call: Call, in_progress: Sequence[LiveCall]) -> bool:
    numbers = [one.number for one in call.participants]
    ended_at = call.started_at + timedelta(milliseconds=call.duration_ms)
    return any(
        one.tenant_id == call.tenant_id
        and one.started_at <= ended_at + NEAR
        and likeness(numbers, [each.number for each in one.participants])
        for one in in_progress
    )


def _check_span(since: datetime, until: datetime) -> None:
    for field, instant in (("since", since), ("until", until)):
        if instant.utcoffset() is None:
            raise RequestInvalid(field, "The time needs its offset from UTC.")
    if not since <= until <= since + SPAN_MAX:
        raise RequestInvalid("until", f"The end lies at most {SPAN_MAX.days} days after the beginning.")


def _by_day(tx: Transaction, tenant_id: str, since: datetime, until: datetime) -> tuple[LedgerShare, ...]:
    zone = ZoneInfo((tx.tenants.get(tenant_id) or Tenant(tenant_id, "")).time_zone)
    days: defaultdict[date, list[Counts]] = defaultdict(list)
    for quarter, counts in sorted(tx.ledger.by_quarter(tenant_id, since, until).items()):
        days[quarter.astimezone(zone).date()].append(counts)
    return tuple(replace(_share("", day.isoformat(), _added(some)), day=day) for day, some in days.items())


def _by_subject(
    labels: Mapping[str, str], counted: Mapping[str, Counts], of_nobody: Counts
) -> tuple[LedgerShare, ...]:
    shares = [_share(id_, labels[id_], counts) for id_, counts in counted.items() if id_ in labels]
    shares.sort(key=lambda one: (-one.calls, one.label))
    return (*shares, _share("", "", of_nobody)) if of_nobody else tuple(shares)


def _added(some: Iterable[Counts]) -> Counts:
    whole: defaultdict[tuple[CallOutcome, bool], int] = defaultdict(int)
    for counts in some:
        for key, count in counts.items():
            whole[key] += count
    return whole


def _share(subject_id: str, label: str, counts: Counts) -> LedgerShare:
    outcomes: defaultdict[CallOutcome, int] = defaultdict(int)
    for (outcome, _), count in counts.items():
        outcomes[outcome] += count
    unheard = counts.get((CallOutcome.RECORDED, True), 0)
    return LedgerShare(None, subject_id, label, sum(outcomes.values()), dict(outcomes), unheard)
