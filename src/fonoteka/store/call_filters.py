"""What a query of calls asks of the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Table, and_, exists, false, or_, select, true

from fonoteka.domain.call import CallOutcome, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.query import LISTED_OUTCOMES, NOBODY, CallerKind, Callers, CallQuery
from fonoteka.domain.recording import RecordingState
from fonoteka.store.annotation_search import TENTHS_MAX, TENTHS_MIN, has_mark, has_tag, has_word, says
from fonoteka.store.columns import unindexed
from fonoteka.store.matching import number_key, wanted
from fonoteka.store.reports import Audience, crew_of
from fonoteka.store.search_terms import Term
from fonoteka.store.tables import caller_calls, calls, extensions, group_members, participants, recordings
from fonoteka.store.topic_search import has_topic


def time_and_kind(tenant_id: str, query: CallQuery) -> list[ColumnElement[bool]]:
    """What an index of calls can tell of a row: its time, outcome and direction."""
    return [*kind_conditions(tenant_id, query), *_time(query)]


def time_and_kind_of_known(tenant_id: str, query: CallQuery) -> list[ColumnElement[bool]]:
    """As `time_and_kind`, of calls that are found by their ids: no index tells it.

    SQLite takes it that a tenant has ten calls of an outcome, and would begin with them, which are a million.
    """
    c = calls.c
    return [unindexed(c.tenant_id) == tenant_id, *_kinds(query, unindexed(c.outcome)), *_time(query)]


def kind_conditions(tenant_id: str, query: CallQuery) -> list[ColumnElement[bool]]:
    """The part of `time_and_kind` that is not about the span of time."""
    return [calls.c.tenant_id == tenant_id, *_kinds(query, calls.c.outcome)]


def _time(query: CallQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.since is not None:
        conditions.append(calls.c.started_at >= query.since)
    if query.until is not None:
        conditions.append(calls.c.started_at < query.until)
    return conditions


def _kinds(query: CallQuery, outcome: ColumnElement[str]) -> list[ColumnElement[bool]]:
    conditions = _by_outcome(query, outcome)
    if query.direction is not None:
        conditions.append(calls.c.direction == query.direction.value)
    if query.callers is not None:
        conditions.append(calls.c.direction == Direction.INCOMING.value)
    if query.windows:
        began = calls.c.started_at
        conditions.append(or_(*(and_(began >= since, began < until) for since, until in query.windows)))
    return conditions


def fact_conditions(query: CallQuery) -> list[ColumnElement[bool]]:
    """What else a row of calls must fulfil, apart from who took part and what was said of it."""
    c = calls.c
    conditions: list[ColumnElement[bool]] = []
    if query.duration_min_ms is not None:
        conditions.append(c.duration_ms >= query.duration_min_ms)
    if query.duration_max_ms is not None:
        conditions.append(c.duration_ms <= query.duration_max_ms)
    if query.source:
        conditions.append(c.source == query.source)
    if query.rule_id:
        conditions.append(c.rule_id == ("" if query.rule_id == NOBODY else query.rule_id))
    if query.states:
        conditions.append(_is_recorded(state_condition(query.states)))
    if query.is_held:
        conditions.append(_is_recorded(recordings.c.is_held == true()))
    conditions += [has_tag(one) for one in sorted(query.tag_ids)]
    conditions += [has_topic(one) for one in sorted(query.topic_ids)]
    if (tenths := tenths_of(query)) is not None:
        conditions.append(has_mark(*tenths))
    if query.is_unmarked:
        conditions.append(~has_mark())
    if query.known_by is not None:
        conditions.append(c.created_at <= query.known_by)
    return conditions


def tenths_of(query: CallQuery) -> tuple[int, int] | None:
    """The range of mean marks in tenths that is asked for; None when it is not."""
    if query.mark_min is None and query.mark_max is None:
        return None
    return (
        TENTHS_MIN if query.mark_min is None else query.mark_min * 10,
        TENTHS_MAX if query.mark_max is None else query.mark_max * 10,
    )


def state_condition(states: Collection[RecordingState]) -> ColumnElement[bool]:
    """Whether a row of `recordings` is in one of the states; one in the bin is in that alone."""
    c = recordings.c
    is_binned = and_(c.binned_at.is_not(None), c.state != RecordingState.DELETED.value)
    others = sorted(one.value for one in states if one is not RecordingState.BINNED)
    in_others = and_(c.state.in_(others), ~is_binned)
    return or_(is_binned, in_others) if RecordingState.BINNED in states else in_others


def people_conditions(
    tenant_id: str, query: CallQuery, terms: Sequence[Term], call_id: ColumnElement[str] = calls.c.id
) -> list[ColumnElement[bool]]:
    """What must be true of those who took part in the call of that id, or of what is written of it."""
    conditions = [_term_condition(tenant_id, query, one, call_id) for one in terms]
    if query.callers is not None:
        conditions.append(_takes_part(call_id, _calls(tenant_id, query, query.callers)))
    if query.reach is not None:
        conditions.append(_takes_part(call_id, participants.c.number.in_(sorted(query.reach))))
    if query.group_ids:
        of = _of_ours(group_members, tenant_id, query.group_ids, group_members.c.group_id, call_id)
        conditions.append(of)
    if query.extension:
        conditions.append(_of_ours(extensions, tenant_id, {query.extension}, extensions.c.number, call_id))
    return conditions


def _term_condition(
    tenant_id: str, query: CallQuery, term: Term, call_id: ColumnElement[str]
) -> ColumnElement[bool]:
    spoken = _takes_part(call_id, (_says_whole if query.whole_numbers else _speaks)(term.text))
    if not term.words:
        return spoken
    written = []
    for word, ids in zip(term.words, term.word_ids, strict=True):
        if ids is None:
            like_it = says(tenant_id, word, whole_numbers=query.whole_numbers, call_id=call_id)
        else:
            like_it = has_word(tenant_id, ids, call_id)
        written.append(like_it)
    return or_(spoken, and_(*written))


def _is_recorded(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(1).where(recordings.c.call_id == calls.c.id, which))


def _by_outcome(query: CallQuery, outcome: ColumnElement[str]) -> list[ColumnElement[bool]]:
    if not (query.outcomes or query.include_unheard or query.only_unheard):
        return [calls.c.is_listed == true()]
    conditions: list[ColumnElement[bool]] = []
    outcomes = query.outcomes or LISTED_OUTCOMES
    if len(outcomes) < len(CallOutcome):
        conditions.append(outcome.in_(sorted(one.value for one in outcomes)))
    if query.only_unheard:
        conditions.append(calls.c.is_unheard == true())
    elif not query.include_unheard:
        conditions.append(calls.c.is_unheard == false())
    return conditions


def _of_ours(
    ours: Table,
    tenant_id: str,
    wanted_ones: Collection[str],
    column: ColumnElement[str],
    call_id: ColumnElement[str],
) -> ColumnElement[bool]:
    """Whether one of these own numbers took part, or, where `NOBODY` is asked for, none of ours did."""
    alike = and_(ours.c.tenant_id == tenant_id, ours.c.number == participants.c.number)
    named = sorted(one for one in wanted_ones if one != NOBODY)
    ways = [_takes_part(call_id, exists(select(1).where(alike, column.in_(named))))] if named else []
    if NOBODY in wanted_ones:
        ways.append(~_takes_part(call_id, exists(select(1).where(alike))))
    return or_(*ways)


def _calls(tenant_id: str, query: CallQuery, callers: Callers) -> ColumnElement[bool]:
    """Who calls from outside and had called before, or had not, as far as the asker may see."""
    c, p = caller_calls.c, participants.c
    had_called = exists(
        select(1).where(
            c.tenant_id == tenant_id,
            c.number_digits == p.number_digits,
            c.started_at < callers.since,
            or_(
                *(
                    and_(true(), *crew_of(c.crew_id, Audience(tenant_id, query.reach, one)))
                    for one in sorted(query.group_ids) or [""]
                )
            ),
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
