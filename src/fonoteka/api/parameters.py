"""What clients give with a request: checks that hold for every endpoint, and the types of its parameters."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request

from fonoteka.api.models import EXAMPLE_CALL_ID, EXAMPLE_RECORDING_ID
from fonoteka.api.plain_text import PlainText
from fonoteka.domain.errors import CallNotFound, RecordingNotFound, RequestInvalid
from fonoteka.domain.ids import is_id

__all__ = [
    "EXTENSION",
    "GROUP",
    "OUTCOME",
    "PlainText",
    "known_call_id",
    "known_recording_id",
    "refuse_stray_parameters",
]

_NAME_MAX = 100
OUTCOME = Query(
    None,
    description="Only calls of which this became. `answered`: by anybody; `lacking`: missing, refused or"
    " failed; `unwanted`: skipped or not kept; `any`: whatever became of them.",
)
GROUP = Query(
    max_length=100,
    description="Only calls in which a member of this group (its `id`) took part; `~`: of none.",
)
EXTENSION = Query(
    max_length=100, description="Only calls in which this own extension took part; `~`: in which none did."
)


async def refuse_stray_parameters(request: Request) -> None:
    """Raise `RequestInvalid` for a query parameter that the endpoint does not know or that is given twice.

    A misspelt filter would otherwise give an answer to another question than the one asked.
    """
    route = request.scope["route"]
    assert isinstance(route, APIRoute)
    known = _names(route.dependant)
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            raise RequestInvalid(
                name[:_NAME_MAX], f"There is no such parameter; known: {', '.join(sorted(known))}."
            )
        if name in seen:
            raise RequestInvalid(name, "This parameter may be given once.")
        seen.add(name)


def _names(dependant: Dependant) -> set[str]:
    """The query parameters of an endpoint, and of what it depends on."""
    known = set().union(*map(_names, dependant.dependencies))
    for parameter in dependant.query_params:
        model = parameter.field_info.annotation
        # Parameters that are given as one model are its fields.
        if isinstance(model, type) and issubclass(model, BaseModel):
            known |= set(model.model_fields)
        else:
            known.add(parameter.alias)
    return known


def known_call_id(
    call_id: Annotated[str, Path(description="A call's `id`.", examples=[EXAMPLE_CALL_ID])],
) -> str:
    """The call's id, if it has the form of one at all. Raises `CallNotFound`."""
    if not is_id(call_id):
        raise CallNotFound
    return call_id


def known_recording_id(
    recording_id: Annotated[str, Path(description="A recording's `id`.", examples=[EXAMPLE_RECORDING_ID])],
) -> str:
    """The recording's id, if it has the form of one at all. Raises `RecordingNotFound`."""
    if not is_id(recording_id):
        raise RecordingNotFound
    return recording_id
