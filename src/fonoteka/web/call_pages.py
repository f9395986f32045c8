"""The page of one call: its player, its people, its file."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from fonoteka.archive import (
    bin_recording,
    count_calls,
    find_calls,
    get_call,
    get_recording,
    kept_until,
    neighbours,
    restore_recording,
)
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.call import Call, CallOutcome
from fonoteka.domain.query import CallQuery
from fonoteka.domain.recording import RecordingState
from fonoteka.sharing import ShareView, list_shares
from fonoteka.speech import known_talk
from fonoteka.web.desk import Desk
from fonoteka.web.filters import Filters
from fonoteka.web.kept_words import kept_sentence
from fonoteka.web.listing import CallRow, is_interrupted, row_of
from fonoteka.web.stretches import marks_of, stretches_of
from fonoteka.web.talk import moment, panel_of
from fonoteka.web.voices import Side, label_of, lanes_of, sides_of

_SAME_NUMBER_MAX = 6
_KEPT_STATES = frozenset({RecordingState.READY, RecordingState.BINNED})
_NUMBER_DIGITS_MIN = 6


def add_call_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/calls/{call_id}")
    def show_call(request: Request, call_id: str) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        call = get_call(desk.archive, actor, call_id)
        filters = Filters.read(request.query_params)
        query = filters.query(visitor.formats.today, visitor.formats.zone)
        newer, older = neighbours(desk.archive, actor, call_id, query)
        them, us = sides_of(call)
        same_number, same_number_calls = _with_same_number(desk, actor, call, them)
        return desk.page(
            request,
            visitor,
            "call.html",
            call=call,
            them=them,
            us=us,
            label_of=label_of,
            filters=filters,
            newer=newer,
            older=older,
            place=count_calls(desk.archive, actor, replace(query, since=call.started_at)).calls,
            calls=count_calls(desk.archive, actor, query).calls,
            recordings=[(one, lanes_of(call, one), is_interrupted(one)) for one in call.recordings],
            marks_of=partial(marks_of, call),
            stretches=stretches_of(call),
            kept_of={
                one.id: kept_until(desk.archive, actor, one.id)
                for one in call.recordings
                if one.state in _KEPT_STATES
            },
            kept_sentence=partial(kept_sentence, visitor.formats),
            waiting=_is_waiting(call),
            talk_of=lambda one, lanes: panel_of(known_talk(desk.speech, actor, one), lanes),
            talk_moment=moment,
            shares=_shares(desk, actor, call_id),
            same_number=same_number,
            same_number_calls=same_number_calls,
        )

    @router.post("/recordings/{recording_id}/delete")
    def delete(request: Request, recording_id: str) -> Response:
        actor = desk.actor(request)
        call_id = get_recording(desk.archive, actor, recording_id).call_id
        bin_recording(desk.archive, actor, recording_id)
        return RedirectResponse(f"/calls/{call_id}", 303)

    @router.post("/recordings/{recording_id}/restore")
    def restore(request: Request, recording_id: str) -> Response:
        actor = desk.actor(request)
        call_id = get_recording(desk.archive, actor, recording_id).call_id
        restore_recording(desk.archive, actor, recording_id)
        return RedirectResponse(f"/calls/{call_id}", 303)


def _shares(desk: Desk, actor: Actor, call_id: str) -> tuple[ShareView, ...]:
    """What was shared of the call, as far as the visitor has to do with it."""
    if not may(actor, Permission.RECORDING_SHARE, actor.tenant_id):
        return ()
    return list_shares(desk.sharing, actor, call_id).items


def _is_waiting(call: Call) -> bool:
    if not call.recordings:
        return call.outcome in (CallOutcome.RECORDED, CallOutcome.EXPECTED)
    return any(one.state is RecordingState.PROCESSING for one in call.recordings)


def _with_same_number(desk: Desk, actor: Actor, call: Call, them: Side) -> tuple[tuple[CallRow, ...], int]:
    """The latest other calls with the other side's number, and how many there are with this one."""
    number = them.people[0].number if len(them.people) == 1 else ""
    # A short number is found inside of many longer ones.
    if sum(one.isdigit() for one in number) < _NUMBER_DIGITS_MIN:
        return (), 0
    query = CallQuery(number=number)
    found = find_calls(desk.archive, actor, query, None, _SAME_NUMBER_MAX + 1).items
    rows = tuple(row_of(one) for one in found if one.id != call.id)[:_SAME_NUMBER_MAX]
    return rows, count_calls(desk.archive, actor, query).calls
