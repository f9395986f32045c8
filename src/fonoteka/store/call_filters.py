"""What a query of calls asks of the database."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, and_, exists, false, or_, select, true

from fonoteka.domain.call import CallOutcome, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.query import LISTED_OUTCOMES, NOBODY, CallerKind, Callers, CallQuery
from fonoteka.store.matching import number_key, wanted
from fonoteka.store.reports import Audience, crew_of
from fonoteka.store.tables import caller_calls, calls, extensions, group_members, participants


def conditions_of(tenant_id: str, query: CallQuery) -> list[ColumnElement[bool]]:
    """What a row of the tenant's calls must fulfil to be found by the query."""
    return [*time_and_kind(tenant_id, query), *people_conditions(tenant_id, query)]


def time_and_kind(tenant_id: str, query: CallQuery) -> list[ColumnElement[bool]]:
    """The part of `conditions_of` that is not about who took part."""
    conditions = kind_conditions(tenant_id, query)
    if query.since is not None:
        conditions.append(calls.c.started_at >= query.since)
    if query.until is not None:
        conditions.append(calls.c.started_at < query.until)
    return conditions


def people_conditions(
    tenant_id: str, query: CallQuery, call_id: ColumnElement[str] = calls.c.id
) -> list[ColumnElement[bool]]:
    """The part of `conditions_of` about who took part in the call of that id."""
    who: list[ColumnElement[bool]] = []
    if query.number.strip():
        who.append(_says_whole(query.number) if query.whole_numbers else _speaks(query.number))
    if query.callers is not None:
        who.append(_calls(tenant_id, query, query.callers))
    if query.reach is not None:
        who.append(participants.c.number.in_(sorted(query.reach)))
    conditions = [_takes_part(call_id, one) for one in who]
    if query.group_id:
        of = _of_ours(group_members, tenant_id, query.group_id, group_members.c.group_id, call_id)
        conditions.append(of)
    if query.extension:
        conditions.append(_of_ours(extensions, tenant_id, query.extension, extensions.c.number, call_id))
    return conditions


def kind_conditions(tenant_id: str, query: CallQuery) -> list[ColumnElement[bool]]:
    """The part of `conditions_of` that is neither about the span of time nor about who took part."""
    conditions: list[ColumnElement[bool]] = [calls.c.tenant_id == tenant_id, *_by_outcome(query)]
    if query.direction is not None:
        conditions.append(calls.c.direction == query.direction.value)
    if query.callers is not None:
        conditions.append(calls.c.direction == Direction.INCOMING.value)
    if query.known_by is not None:
        conditions.append(calls.c.created_at <= query.known_by)
    if query.windows:
        began = calls.c.started_at
        conditions.append(or_(*(and_(began >= since, began < until) for since, until in query.windows)))
    return conditions


def _by_outcome(query: CallQuery) -> list[ColumnElement[bool]]:
    if not (query.outcomes or query.include_unheard or query.only_unheard):
        return [calls.c.is_listed == true()]
    conditions: list[ColumnElement[bool]] = []
    outcomes = query.outcomes or LISTED_OUTCOMES
    if len(outcomes) < len(CallOutcome):
        conditions.append(calls.c.outcome.in_(sorted(one.value for one in outcomes)))
    if query.only_unheard:
        conditions.append(calls.c.is_unheard == true())
    elif not query.include_unheard:
        conditions.append(calls.c.is_unheard == false())
    return conditions


def _of_ours(
    ours: Table, tenant_id: str, wanted_one: str, column: ColumnElement[str], call_id: ColumnElement[str]
) -> ColumnElement[bool]:
    """Whether one of these own numbers took part, or, asked for `NOBODY`, none did."""
    alike = and_(ours.c.tenant_id == tenant_id, ours.c.number == participants.c.number)
    if wanted_one == NOBODY:
        return ~_takes_part(call_id, exists(select(1).where(alike)))
    return _takes_part(call_id, exists(select(1).where(alike, column == wanted_one)))


def _calls(tenant_id: str, query: CallQuery, callers: Callers) -> ColumnElement[bool]:
    """Who calls from outside and had called before, or had not, as far as the asker may see."""
    c, p = caller_calls.c, participants.c
    had_called = exists(
        select(1).where(
            c.tenant_id == tenant_id,
            c.number_digits == p.number_digits,
            c.started_at < callers.since,
            *crew_of(c.crew_id, Audience(tenant_id, query.reach, query.group_id)),
        )
    )
    is_meant = had_called if callers.kind is CallerKind.KNOWN else ~had_called
    return and_(p.party == Party.CALLING.value, p.number_digits != "", is_meant)


def _speaks(text: str) -> ColumnElement[bool]:
    name, digits, whole = wanted(text)
    ways = [participants.c.name_folded.contains(name, autoescape=True)]
    if digits:
        ways.append(participants.c.number_digits.contains(digits, autoescape=True))
    if whole:
        ways.append(participants.c.number_digits == whole)
    return or_(*ways)


def _says_whole(text: str) -> ColumnElement[bool]:
    name, digits, whole = wanted(text)
    if not digits:
        if any(sign.isdigit() for sign in name):  # digits in a name may be a number too
            return false()
        return participants.c.name_folded.contains(name, autoescape=True)
    ways = [participants.c.number_digits == number_key(digits)]
    if whole:
        ways.append(participants.c.number_digits == whole)
    return or_(*ways)


def _takes_part(call_id: ColumnElement[str], who: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(1).where(and_(participants.c.call_id == call_id, who)))
