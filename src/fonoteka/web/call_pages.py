"""The page of one call: its player, its people, its file."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from fonoteka.archive import (
    bin_recording,
    count_calls,
    get_call,
    get_recording,
    kept_until,
    neighbours,
    restore_recording,
)
from fonoteka.archive.insights import usual_talk
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.call import Call, CallOutcome
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.sharing import ShareView, list_shares
from fonoteka.speech import known_talk, read_transcript
from fonoteka.speech.topics import TopicPlace, topic_places
from fonoteka.web.customer_panel import customer_panel
from fonoteka.web.desk import Desk
from fonoteka.web.filters import Filters
from fonoteka.web.kept_words import kept_sentence
from fonoteka.web.listing import is_interrupted
from fonoteka.web.said import Told, said_view
from fonoteka.web.stretches import marks_of, stretches_of
from fonoteka.web.talk import moment, panel_of
from fonoteka.web.transcripts import transcript_panel
from fonoteka.web.voices import label_of, lanes_of, sides_of

_KEPT_STATES = frozenset({RecordingState.READY, RecordingState.BINNED})


def add_call_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/calls/{call_id}")
    def show_call(request: Request, call_id: str) -> Response:
        return call_page(desk, request, call_id)

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


def call_page(desk: Desk, request: Request, call_id: str, told: Told = Told()) -> Response:
    """The page of a call; `told` is what became of a change that was made on it. Raises `CallNotFound`."""
    visitor = desk.visitor(request)
    actor = desk.actor_of(visitor)
    call = get_call(desk.archive, actor, call_id)
    filters = Filters.read(request.query_params)
    query = filters.query(visitor.formats.today, visitor.formats.zone)
    newer, older = neighbours(desk.archive, actor, call_id, query)
    them, us = sides_of(call)
    places = _places(desk, actor, call)

    def topics_of(recording: Recording) -> list[TopicPlace]:
        return [one for one in places if one.recording_id == recording.id]

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
        usual_of=lambda one: usual_talk(desk.archive, actor, one),
        topics_of=topics_of,
        words_of=lambda one, lanes: transcript_panel(
            read_transcript(desk.speech, actor, one), lanes, topics_of(one)
        ),
        shares=_shares(desk, actor, call_id),
        view=said_view(desk.archive, actor, call, told),
        customer=customer_panel(desk.archive, actor, call.id),
    )


def _shares(desk: Desk, actor: Actor, call_id: str) -> tuple[ShareView, ...]:
    """What was shared of the call, as far as the visitor has to do with it."""
    if not may(actor, Permission.RECORDING_SHARE, actor.tenant_id):
        return ()
    return list_shares(desk.sharing, actor, call_id).items


def _places(desk: Desk, actor: Actor, call: Call) -> tuple[TopicPlace, ...]:
    """Where topics were heard, for who may hear them."""
    return (
        topic_places(desk.speech, actor, call)
        if may(actor, Permission.RECORDING_LISTEN, call.tenant_id)
        else ()
    )


def _is_waiting(call: Call) -> bool:
    if not call.recordings:
        return call.outcome in (CallOutcome.RECORDED, CallOutcome.EXPECTED)
    return any(one.state is RecordingState.PROCESSING for one in call.recordings)
