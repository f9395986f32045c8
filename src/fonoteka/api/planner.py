"""GET /storage/planner: how much room calls take, before there are any."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from fonoteka.api.authentication import SignedIn
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.rule_models import Given
from fonoteka.domain.access import Permission, require
from fonoteka.domain.planner import Workload, plan_room

router = APIRouter(tags=["storage"])


class RoomOfProfile(Given):
    """What the calls take in one audio profile."""

    profile: str = Field(description="The audio profile.", examples=["compact"])
    bytes_per_minute: int = Field(description="Bytes of a minute, both parties together, as measured.")
    bytes_per_day: float = Field(description="Bytes of a day, on the average of a week.")
    bytes_kept: float = Field(description="Bytes of all days for which calls are kept.")
    price_per_month: float = Field(description="What these cost in a month.")
    days_in_room: float | None = Field(description="How many days the room lasts; null when none was given.")


class RoomPlan(Given):
    """The room for some calls, in every audio profile."""

    minutes_per_day: float = Field(description="Minutes of talk a day, on the average of a week.")
    items: tuple[RoomOfProfile, ...] = Field(description="The profiles, the smallest first.")


@readable(router, "/storage/planner", operation_id="plan_room", responses=problems(401, 403, 422))
def get_plan(
    actor: SignedIn,
    extensions: Annotated[float, Query(ge=0, description="How many extensions are recorded.")] = 20,
    calls_per_day: Annotated[float, Query(ge=0, description="Calls of each on a working day.")] = 25,
    minutes_per_call: Annotated[float, Query(ge=0, description="Minutes of a call.")] = 3,
    days_per_week: Annotated[float, Query(ge=0, le=7, description="Working days of a week.")] = 5,
    keep_days: Annotated[float, Query(ge=0, description="For how many days calls are kept.")] = 365,
    room_gb: Annotated[float, Query(ge=0, description="A room in GB (10⁹ bytes); 0: none.")] = 0,
    price_per_gb: Annotated[float, Query(ge=0, description="Price of a GB for a month.")] = 0,
) -> RoomPlan:
    """How much room calls take in each audio profile, and how long a room lasts."""
    require(actor, Permission.STORAGE_SEE, actor.tenant_id)
    work = Workload(
        extensions, calls_per_day, minutes_per_call, days_per_week, keep_days, room_gb, price_per_gb
    )
    items = tuple(RoomOfProfile.model_validate(one) for one in plan_room(work))
    return RoomPlan(minutes_per_day=work.minutes_per_day, items=items)
