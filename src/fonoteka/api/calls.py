"""GET /calls and GET /calls/{call_id}."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from fonoteka import archive
from fonoteka.api import models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import PlainText, known_call_id
from fonoteka.api.searches import query_of
from fonoteka.api.selection_models import Search
from fonoteka.api.services import GivenServices
from fonoteka.domain.query import CallSort

router = APIRouter(tags=["calls"])


class _Page(Search):
    """Filters, and which page of what they find."""

    sort: CallSort = Field(CallSort.NEWEST, description="In which order.")
    cursor: PlainText | None = Field(
        None, max_length=200, description="`next` of the page before; all else stays the same."
    )
    limit: int = Field(50, ge=1, le=200, description="How many calls a page holds at most.")


@readable(router, "/calls", operation_id="find_calls", responses=problems(401, 403, 422))
def find_calls(actor: SignedIn, services: GivenServices, asked: Annotated[_Page, Query()]) -> models.CallPage:
    """Find calls, newest first unless sorted otherwise.

    Without `outcome` calls that have a recording, if only a failed one. Filters are joined by “and”. To read
    on, repeat the request with `cursor` set to `next`, until that is null: what is rare is looked for among
    some ten thousand calls a page, so a page may hold fewer than `limit`, or none.
    """
    query = query_of(services, actor, asked)
    page = archive.find_calls(services.archive, actor, query, asked.cursor, asked.limit, asked.sort)
    return models.CallPage.model_validate(page)


@readable(router, "/calls/count", operation_id="count_calls", responses=problems(401, 403, 422))
def count_calls(
    actor: SignedIn, services: GivenServices, asked: Annotated[Search, Query()]
) -> models.CallTotals:
    """How many calls the same filters of `GET /calls` find, and how long they are together.

    With more than time, direction and outcome they are counted up to some thousands; `is_exact` tells
    whether that was all.
    """
    query = query_of(services, actor, asked)
    return models.CallTotals.model_validate(archive.count_calls(services.archive, actor, query))


@readable(router, "/calls/{call_id}", operation_id="get_call", responses=problems(401, 403, 404, 422))
def get_call(
    actor: SignedIn, services: GivenServices, call_id: Annotated[str, Depends(known_call_id)]
) -> models.Call:
    """One call with its participants and recordings."""
    return models.Call.model_validate(archive.get_call(services.archive, actor, call_id))
