"""Calls in progress: seen, paused, resumed, kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from fonoteka import archive
from fonoteka.api.authentication import SignedIn
from fonoteka.api.instants import Instant
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import PlainText, known_recording_id
from fonoteka.api.rule_models import Decision, Given
from fonoteka.api.services import GivenServices
from fonoteka.domain.call import Party
from fonoteka.domain.direction import Direction

router = APIRouter(tags=["live"], route_class=LimitedRoute)
_CHANGE = problems(400, 401, 403, 404, 422)
RecordingId = Annotated[str, Depends(known_recording_id)]


class LiveParticipant(Given):
    """One who speaks in a call in progress."""

    party: Party | None = Field(description="The part played in the call; null when not known.")
    number: str = Field(description="Telephone number or extension; may be empty.")
    name: str = Field(description="Display name; may be empty.")


class LiveCall(Given):
    """A call in progress."""

    recording_id: str = Field(description="Its recording, as the other addresses take it.")
    call_id: str = Field(description="The call that it will be in the archive.")
    source: str = Field(description="Where it comes from.", examples=["siprec"])
    started_at: Instant = Field(description="When it began.")
    direction: Direction = Field(description="Where it goes, seen from the company.")
    participants: tuple[LiveParticipant, ...] = Field(description="Who takes part so far.")
    decision: Decision | None = Field(description="What the rules said; null while they have not.")
    is_paused: bool = Field(description="Whether nothing is written now.")
    pause_reason: str = Field(description="Why it is paused.")
    resumes_at: Instant | None = Field(description="When it goes on by itself; null: when told to.")
    kept: bool | None = Field(description="Of a call on demand: whether somebody asked for it.")


class LiveCalls(Given):
    """The calls in progress."""

    items: tuple[LiveCall, ...] = Field(description="Oldest first.")


class Pause(Given):
    """How to pause."""

    reason: PlainText = Field("", description="Why; it is marked in the recording.", max_length=200)
    resume_after_s: int | None = Field(
        None, description="Go on by itself after so many seconds; null: when told to.", ge=1, le=86_400
    )


@readable(router, "/live", operation_id="list_live", responses=problems(401, 403, 422))
def list_live(actor: SignedIn, services: GivenServices) -> LiveCalls:
    """The calls in progress."""
    found = archive.live_calls(services.live, actor)
    return LiveCalls(items=tuple(LiveCall.model_validate(one) for one in found))


@router.post("/live/{recording_id}/pause", operation_id="pause_live", status_code=204, responses=_CHANGE)
def pause_live(
    actor: SignedIn, services: GivenServices, recording_id: RecordingId, how: Pause | None = None
) -> None:
    """Write nothing of the call until it is resumed; the gap becomes timed silence."""
    how = how or Pause()
    archive.pause_call(services.archive, services.live, actor, recording_id, how.reason, how.resume_after_s)


@router.post("/live/{recording_id}/resume", operation_id="resume_live", status_code=204, responses=_CHANGE)
def resume_live(actor: SignedIn, services: GivenServices, recording_id: RecordingId) -> None:
    """Go on recording the call."""
    archive.resume_call(services.archive, services.live, actor, recording_id)


@router.post("/live/{recording_id}/keep", operation_id="keep_live", status_code=204, responses=_CHANGE)
def keep_live(actor: SignedIn, services: GivenServices, recording_id: RecordingId) -> None:
    """Keep a call that is recorded on demand."""
    archive.keep_call(services.archive, services.live, actor, recording_id)
