"""GET /storage/forecast: when the room is full, and which groups grow."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from pydantic import Field

from fonoteka import archive
from fonoteka.api.authentication import SignedIn
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.rule_models import Given
from fonoteka.api.services import GivenServices
from fonoteka.domain.forecast import ForecastState

router = APIRouter(tags=["storage"])


class ProjectedWeek(Given):
    """What is used at the end of a week, if nothing made room."""

    day: date = Field(description="The week's last day (UTC).")
    used_bytes: int = Field(description="The middle of what is expected.")
    low_bytes: int = Field(description="Below this once in ten times.")
    high_bytes: int = Field(description="Above this once in ten times.")


class Forecast(Given):
    """When the room is full."""

    state: ForecastState = Field(description="What can be said.")
    full_on: date | None = Field(description="The day; null: not within three years, or nothing can be said.")
    earliest: date | None = Field(description="Sooner once in ten times.")
    latest: date | None = Field(description="Later once in ten times; null: perhaps not within three years.")
    bytes_per_day: int = Field(description="What a day of the coming week adds.")
    weeks: int = Field(description="From how many whole weeks this was told.")
    projection: tuple[ProjectedWeek, ...] = Field(description="The coming weeks.")


class UsedDay(Given):
    """What was stored at the end of a day."""

    day: date = Field(description="The day (UTC).")
    used_bytes: int = Field(description="Bytes.")


class GroupGrowth(Given):
    """What a group's calls take."""

    group_id: str = Field(description="The group.")
    name: str = Field(description="Its name.")
    stored_bytes: int = Field(description="Stored now.")
    added_bytes: int = Field(description="Added in the last 30 whole days.")
    added_before_bytes: int = Field(description="Added in the 30 days before.")


class GoingWeek(Given):
    """Calls of a week that may be overwritten."""

    first: date = Field(description="The week's Monday (UTC).")
    last: date = Field(description="Its Sunday.")
    begins_on: date | None = Field(
        description="When the first of it goes; null: not within three years, or nothing can be said."
    )
    recordings: int = Field(description="Recordings that nothing protects.")
    duration_ms: int = Field(description="Their length.")
    stored_bytes: int = Field(description="What they make free.")


class StorageForecast(Given):
    """How the storage grows."""

    forecast: Forecast = Field(description="When the room is full.")
    history: tuple[UsedDay, ...] = Field(description="Days since the first recording; the last is today.")
    used_bytes: int = Field(description="Used now.")
    quota_bytes: int | None = Field(description="The room; null: no limit.")
    groups: tuple[GroupGrowth, ...] = Field(description="The groups, the largest first.")
    going: tuple[GoingWeek, ...] = Field(
        description="The weeks that are recorded over first, the oldest first; empty unless the plan does."
    )


@readable(router, "/storage/forecast", operation_id="get_forecast", responses=problems(401, 403, 422))
def get_forecast(actor: SignedIn, services: GivenServices) -> StorageForecast:
    """When the room is full, with an interval that holds four times of five, and which groups grow."""
    return StorageForecast.model_validate(archive.storage_forecast(services.archive, actor))
