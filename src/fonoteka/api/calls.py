"""GET /calls and GET /calls/{call_id}."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from fonoteka import archive
from fonoteka.api import models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.instants import Instant
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import EXTENSION, GROUP, OUTCOME, PlainText, known_call_id
from fonoteka.api.services import GivenServices
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.query import Became, CallQuery
from fonoteka.speech import asked_words

router = APIRouter(tags=["calls"])


Since = Annotated[Instant | None, Query(description="Calls that began at this time or later.")]
Until = Annotated[Instant | None, Query(description="Calls that began before this time.")]
Number = Annotated[
    PlainText, Query(max_length=64, description="Digits of a participant's number, or a part of the name.")
]
OfDirection = Annotated[Direction | None, Query(description="Only calls of this direction.")]
Heard = Annotated[bool, Query(description="Leave out calls of which one can hear no party, or one alone.")]
Said = Annotated[
    PlainText,
    Query(
        max_length=200,
        description="Words said, in any form; those in quotes as a phrase. Wants `recording.listen`.",
    ),
]
Unheard = Annotated[bool, Query(description="Only calls of which one can hear no party, or one alone.")]


@readable(router, "/calls", operation_id="find_calls", responses=problems(401, 403, 422))
def find_calls(
    actor: SignedIn,
    services: GivenServices,
    since: Since = None,
    until: Until = None,
    number: Number = "",
    direction: OfDirection = None,
    heard: Heard = False,
    unheard: Unheard = False,
    said: Said = "",
    outcome: Became | None = OUTCOME,
    group: Annotated[PlainText, GROUP] = "",
    extension: Annotated[PlainText, EXTENSION] = "",
    cursor: Annotated[
        PlainText | None, Query(max_length=200, description="`next` of the page before; the filters stay.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many calls a page holds at most.")] = 50,
) -> models.CallPage:
    """Find calls, newest first.

    Without `outcome` calls that have a recording, if only a failed one. Filters are joined by “and”. To read
    on, repeat the request with `cursor` set to `next`.
    """
    query = _query(since, until, number, direction, heard, unheard, outcome, group, extension)
    query = replace(query, said=asked_words(services.speech, actor, said) if said else ())
    page = archive.find_calls(services.archive, actor, query, cursor, limit)
    return models.CallPage.model_validate(page)


@readable(router, "/calls/count", operation_id="count_calls", responses=problems(401, 403, 422))
def count_calls(
    actor: SignedIn,
    services: GivenServices,
    since: Since = None,
    until: Until = None,
    number: Number = "",
    direction: OfDirection = None,
    heard: Heard = False,
    unheard: Unheard = False,
    said: Said = "",
    outcome: Became | None = OUTCOME,
    group: Annotated[PlainText, GROUP] = "",
    extension: Annotated[PlainText, EXTENSION] = "",
) -> models.CallTotals:
    """How many calls the same filters of `GET /calls` find, and how long they are together.

    What is found by who took part is counted up to some thousands; `is_exact` tells whether that was all.
    """
    query = _query(since, until, number, direction, heard, unheard, outcome, group, extension)
    query = replace(query, said=asked_words(services.speech, actor, said) if said else ())
    return models.CallTotals.model_validate(archive.count_calls(services.archive, actor, query))


def _query(
    since: datetime | None,
    until: datetime | None,
    number: str,
    direction: Direction | None,
    heard: bool,
    unheard: bool,
    outcome: Became | None,
    group: str,
    extension: str,
) -> CallQuery:
    if since is not None and until is not None and until < since:
        raise RequestInvalid("until", "until lies before since.")
    return CallQuery(
        since,
        until,
        number,
        direction,
        outcomes=frozenset() if outcome is None else outcome.outcomes,
        include_unheard=not heard,
        only_unheard=unheard,
        group_id=group,
        extension=extension,
    )


@readable(router, "/calls/{call_id}", operation_id="get_call", responses=problems(401, 403, 404, 422))
def get_call(
    actor: SignedIn, services: GivenServices, call_id: Annotated[str, Depends(known_call_id)]
) -> models.Call:
    """One call with its participants and recordings."""
    return models.Call.model_validate(archive.get_call(services.archive, actor, call_id))
