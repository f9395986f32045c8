"""GET /ledger: every call known from any source, and what became of it."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from fonoteka import archive
from fonoteka.api.authentication import SignedIn
from fonoteka.api.instants import Instant
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.models import EXAMPLE_CALL_ID, Call, UploadedParty
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import EXTENSION, GROUP, OUTCOME, PlainText
from fonoteka.api.rule_models import Decision, Given
from fonoteka.api.services import GivenServices
from fonoteka.connectors.folder.times import to_utc
from fonoteka.domain.access import Permission, require
from fonoteka.domain.announced import ANNOUNCED, AnnouncedCall
from fonoteka.domain.call import CallOutcome, Participant, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.query import Became, CallQuery, LedgerGrouping

router = APIRouter(tags=["ledger"], route_class=LimitedRoute)

Since = Annotated[Instant, Query(description="Calls that began at this time or later.")]
Until = Annotated[Instant, Query(description="Calls that began before this time.")]


class LedgerEntry(Call):
    """A call, and what became of it."""

    decision: Decision | None = Field(description="What the rules said; null when none was asked.")
    forwarded_outside: bool = Field(description="Whether it reached an outside number through an extension.")
    external_id: str = Field(description="The source's own id; may be empty.")


class LedgerPage(Given):
    """A page of the ledger, newest first."""

    items: tuple[LedgerEntry, ...] = Field(description="The calls of this page.")
    next: str | None = Field(description="Give it back as `cursor` for the next page; null on the last one.")


class LedgerShare(Given):
    """What became of the calls of a day, group or extension."""

    day: date | None = Field(description="The day in the tenant's time zone, where asked by day.")
    subject_id: str = Field(description="The group's or extension's id; empty: of none.")
    label: str = Field(description="The day, the group's name or the extension's number.")
    calls: int = Field(description="How many calls there were.")
    wanted: int = Field(description="How many should have a recording.")
    recorded_share: float | None = Field(description="Which part of these has one, 0 to 1; null of none.")
    unheard: int = Field(description="How many recordings are silent or one-sided.")
    outcomes: dict[CallOutcome, int] = Field(description="How many calls by what became of them.")


class LedgerShares(Given):
    """Shares of days, groups or extensions."""

    items: tuple[LedgerShare, ...] = Field(description="The shares.")


class ExpectedCall(Given):
    """A call that is over, as the PBX that had it tells of it."""

    external_id: PlainText = Field(
        description="The PBX's own id of the call (Asterisk: linkedid). Telling of it again adds to it.",
        min_length=1,
        max_length=256,
        examples=["1772442000.12"],
    )
    started_at: Instant = Field(description="When it began.")
    duration_ms: int = Field(description="How long it lasted, ringing included.", ge=0, le=86_400_000)
    calling: UploadedParty = Field(UploadedParty(), description="Who called.")
    called: UploadedParty = Field(UploadedParty(), description="Who was called.")
    connected: tuple[UploadedParty, ...] = Field(
        (), description="Who else took part: by transfer, forward or from a queue.", max_length=60
    )
    answered: bool = Field(True, description="Whether anybody answered.")


class ExpectedAnswer(Given):
    """What the ledger says of the call."""

    call_id: str = Field(description="The call's `id`.", examples=[EXAMPLE_CALL_ID])
    outcome: CallOutcome = Field(
        description="`expected`: the rules want it recorded, and no recording is here yet. If none comes, it"
        " is `missing` within two minutes."
    )
    known: bool = Field(description="Whether the call was known already, from whatever source.")


@router.post(
    "/ledger/expected",
    operation_id="announce_call",
    responses=problems(400, 401, 403, 422),
)
def announce_call(actor: SignedIn, services: GivenServices, told: ExpectedCall) -> ExpectedAnswer:
    """Tell of a call that has ended, so that a missing recording shows.

    For any PBX that can call an address when a call ends. The rules are asked as the recorder asks them; a
    call that is recorded in another way is found by its id, else by its numbers and time, and stays one call.
    """
    require(actor, Permission.CALL_UPLOAD, actor.tenant_id)
    started_at, _ = to_utc(told.started_at, UTC, timedelta(), None)
    if started_at is None:
        raise RequestInvalid("started_at", "No call can have begun then.", place="body")
    parties = [(Party.CALLING, told.calling), (Party.CALLED, told.called)]
    parties += [(Party.CONNECTED, one) for one in told.connected]
    call = AnnouncedCall(
        tenant_id=actor.tenant_id,
        source=ANNOUNCED,
        external_id=told.external_id,
        started_at=started_at,
        duration_ms=told.duration_ms,
        participants=tuple(
            Participant(str(place), party, one.number, one.name, "")
            for place, (party, one) in enumerate(parties)
            if one.number or one.name
        ),
        was_answered=told.answered,
    )
    (answer,) = services.announce([call], False)
    return ExpectedAnswer(call_id=answer.call_id, outcome=answer.outcome, known=answer.is_known)


@readable(router, "/ledger", operation_id="find_ledger", responses=problems(401, 403, 422))
def find_ledger(
    actor: SignedIn,
    services: GivenServices,
    since: Annotated[Instant | None, Query(description="Calls that began at this time or later.")] = None,
    until: Annotated[Instant | None, Query(description="Calls that began before this time.")] = None,
    outcome: Became | None = OUTCOME,
    group: Annotated[PlainText, GROUP] = "",
    extension: Annotated[PlainText, EXTENSION] = "",
    number: Annotated[
        PlainText,
        Query(max_length=64, description="Digits of a participant's number, or a part of the name."),
    ] = "",
    direction: Annotated[Direction | None, Query(description="Only calls of this direction.")] = None,
    cursor: Annotated[
        PlainText | None, Query(max_length=200, description="`next` of the page before; the filters stay.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many calls a page holds at most.")] = 50,
) -> LedgerPage:
    """Every call known from any source, newest first, with or without a recording."""
    query = CallQuery(
        since=since,
        until=until,
        number=number,
        direction=direction,
        outcomes=frozenset() if outcome is None else outcome.outcomes,
        group_ids=frozenset({group}) if group else frozenset(),
        extension=extension,
    )
    page = archive.find_ledger(services.archive, actor, query, cursor, limit)
    return LedgerPage.model_validate(page)


@readable(router, "/ledger/shares", operation_id="get_ledger_shares", responses=problems(401, 403, 422))
def get_ledger_shares(
    actor: SignedIn,
    services: GivenServices,
    since: Since,
    until: Until,
    by: Annotated[LedgerGrouping, Query(description="What to tell the shares of.")] = LedgerGrouping.DAY,
) -> LedgerShares:
    """Which part of the calls that should be recorded is, by day, group or extension."""
    found = archive.ledger_shares(services.archive, actor, since, until, by)
    return LedgerShares(items=tuple(LedgerShare.model_validate(one) for one in found))
