"""What a query of calls asks of the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Table, and_, exists, false, or_, select, true

from fonoteka.domain.call import CallOutcome, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.query import LISTED_OUTCOMES, NOBODY, CallerKind, Callers, CallQuery
from fonoteka.domain.recording import RecordingState
from fonoteka.store.matching import number_key, wanted
from fonoteka.store.report_tables import caller_calls
from fonoteka.store.reports import Audience, crew_of
from fonoteka.store.tables import calls, extensions, group_members, participants, recordings


def conditions_of(tenant_id: str, query: CallQuery, terms: Sequence[str]) -> list[ColumnElement[bool]]:
    """What a row of the tenant's calls must fulfil to be found by a query that asks for the terms."""
    conditions = kind_conditions(tenant_id, query)
    if query.since is not None:
        conditions.append(calls.c.started_at >= query.since)
    if query.until is not None:
        conditions.append(calls.c.started_at < query.until)
    return [*conditions, *people_conditions(tenant_id, query, terms)]


def people_conditions(tenant_id: str, query: CallQuery, terms: Sequence[str]) -> list[ColumnElement[bool]]:
    """The part of `conditions_of` about who took part."""
    conditions = [_says_whole(one) if query.whole_numbers else _speaks(one) for one in terms]
    if query.group_id:
        conditions.append(_of_ours(group_members, tenant_id, query.group_id, group_members.c.group_id))
    if query.extension:
        conditions.append(_of_ours(extensions, tenant_id, query.extension, extensions.c.number))
    if query.callers is not None:
        conditions.append(_calls(tenant_id, query, query.callers))
    if query.reach is not None:
        conditions.append(_takes_part(participants.c.number.in_(sorted(query.reach))))
    return conditions


def kind_conditions(tenant_id: str, query: CallQuery) -> list[ColumnElement[bool]]:
    """The part of `conditions_of` that is neither about the span of time nor about who took part."""
    conditions: list[ColumnElement[bool]] = [calls.c.tenant_id == tenant_id, *_by_outcome(query)]
    if query.direction is not None:
        conditions.append(calls.c.direction == query.direction.value)
    if query.duration_min_ms is not None:
        conditions.append(calls.c.duration_ms >= query.duration_min_ms)
    if query.duration_max_ms is not None:
        conditions.append(calls.c.duration_ms <= query.duration_max_ms)
    if query.source:
        conditions.append(calls.c.source == query.source)
    if query.rule_id:
        conditions.append(calls.c.rule_id == ("" if query.rule_id == NOBODY else query.rule_id))
    if query.states:
        conditions.append(_is_recorded(state_condition(query.states)))
    if query.is_held:
        conditions.append(_is_recorded(recordings.c.is_held == true()))
    if query.known_by is not None:
        conditions.append(calls.c.created_at <= query.known_by)
    if query.windows:
        began = calls.c.started_at
        conditions.append(or_(*(and_(began >= since, began < until) for since, until in query.windows)))
    return conditions


def state_condition(states: Collection[RecordingState]) -> ColumnElement[bool]:
    """Whether a row of `recordings` is in one of the states; one in the bin is in that alone."""
    c = recordings.c
    is_binned = and_(c.binned_at.is_not(None), c.state != RecordingState.DELETED.value)
    others = sorted(one.value for one in states if one is not RecordingState.BINNED)
    in_others = and_(c.state.in_(others), ~is_binned)
    return or_(is_binned, in_others) if RecordingState.BINNED in states else in_others


def _is_recorded(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(1).where(recordings.c.call_id == calls.c.id, which))


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


def _of_ours(ours: Table, tenant_id: str, wanted_one: str, column: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether one of these own numbers took part, or, asked for `NOBODY`, none did."""
    alike = and_(ours.c.tenant_id == tenant_id, ours.c.number == participants.c.number)
    if wanted_one == NOBODY:
        return ~_takes_part(exists(select(1).where(alike)))
    return _takes_part(exists(select(1).where(alike, column == wanted_one)))


def _calls(tenant_id: str, query: CallQuery, callers: Callers) -> ColumnElement[bool]:
    """Whether an outside number calls that had called before, or had not, as far as the asker may see."""
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
    calling = and_(p.party == Party.CALLING.value, p.number_digits != "", is_meant)
    return and_(calls.c.direction == Direction.INCOMING.value, _takes_part(calling))


def _speaks(text: str) -> ColumnElement[bool]:
    name, digits, whole = wanted(text)
    ways = [participants.c.name_folded.contains(name, autoescape=True)]
    if digits:
        ways.append(participants.c.number_digits.contains(digits, autoescape=True))
    if whole:
        ways.append(participants.c.number_digits == whole)
    return _takes_part(or_(*ways))


def _says_whole(text: str) -> ColumnElement[bool]:
    name, digits, whole = wanted(text)
    if not digits:
        if any(sign.isdigit() for sign in name):  # digits in a name may be a number too
            return false()
        return _takes_part(participants.c.name_folded.contains(name, autoescape=True))
    ways = [participants.c.number_digits == number_key(digits)]
    if whole:
        ways.append(participants.c.number_digits == whole)
    return _takes_part(or_(*ways))


def _takes_part(who: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(1).where(and_(participants.c.call_id == calls.c.id, who)))
