"""The days that reports are about, as they are asked for."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Depends, Query

from fonoteka.domain.report import Days

EXAMPLE_DAY = "2026-04-01"


def _days(
    since: Annotated[
        date, Query(description="The first day, in the tenant's time zone.", examples=[EXAMPLE_DAY])
    ],
    until: Annotated[
        date, Query(description="The last day; at most 400 days in all.", examples=["2026-04-24"])
    ],
) -> Days:
    return Days(since, until)


GivenDays = Annotated[Days, Depends(_days)]
