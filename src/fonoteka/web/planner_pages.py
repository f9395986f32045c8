"""The planner: how much room calls take, how long a room lasts; the address is the question."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from starlette.responses import Response

from fonoteka.domain.access import Permission, require
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.planner import Workload, plan_room
from fonoteka.domain.profiles import DEFAULT_PROFILE
from fonoteka.web.desk import Desk
from fonoteka.web.problem_words import problem_text

FIELDS = (
    "extensions",
    "calls_per_day",
    "minutes_per_call",
    "days_per_week",
    "keep_days",
    "room_gb",
    "price_per_gb",
)
_NUMBER = re.compile(r"\d{1,12}(?:[.,]\d{1,6})?", re.ASCII)
_SPACES = re.compile(r"\s")


def add_planner_pages(router: APIRouter, desk: Desk) -> None:
    """Add the page to the router."""

    @router.get("/storage/planner")
    def show_planner(request: Request) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        require(actor, Permission.STORAGE_SEE, actor.tenant_id)
        given = {name: request.query_params.get(name, "") for name in FIELDS}
        told, wrong, rooms, work = "", "", None, Workload()
        try:
            work = _read(given)
            rooms = plan_room(work)
        except RequestInvalid as error:
            told, wrong = problem_text(visitor.language, error), error.field
        usual = None if rooms is None else next(one for one in rooms if one.profile == DEFAULT_PROFILE)
        return desk.page(
            request,
            visitor,
            "planner.html",
            status_code=422 if told else 200,
            given=given,
            defaults=Workload(),
            work=work,
            rooms=rooms,
            usual=usual,
            told=told,
            wrong=wrong,
        )


def _read(given: dict[str, str]) -> Workload:
    """What the address asks; what it leaves out is as usual. Raises `RequestInvalid` naming a field."""
    values = {name: _number(name, text[:40]) for name, text in given.items() if text.strip()}
    return Workload(**values)


def _number(field: str, text: str) -> float:
    text = _SPACES.sub("", text)
    if not _NUMBER.fullmatch(text):
        raise RequestInvalid(field, "Write a number, such as 25 or 2.5.")
    return float(text.replace(",", "."))
