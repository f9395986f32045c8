"""`fonoteka plan`: how much room calls take, before there is any."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from fonoteka.domain.planner import GB, Workload, plan_room


def plan(
    extensions: Annotated[float, typer.Option(help="How many extensions are recorded.")] = 20,
    calls_per_day: Annotated[float, typer.Option(help="Calls of each on a working day.")] = 25,
    minutes_per_call: Annotated[float, typer.Option(help="Minutes of a call.")] = 3,
    days_per_week: Annotated[float, typer.Option(help="Working days of a week.")] = 5,
    keep_days: Annotated[float, typer.Option(help="For how many days calls are kept.")] = 365,
    room_gb: Annotated[float, typer.Option(help="How long so many GB last; 0: not asked.")] = 0,
    price_per_gb: Annotated[float, typer.Option(help="Price of a GB for a month.")] = 0,
) -> None:
    """Print what calls take in each audio profile, and how long a room lasts."""
    work = Workload(
        extensions, calls_per_day, minutes_per_call, days_per_week, keep_days, room_gb, price_per_gb
    )
    rooms = plan_room(work)
    table = Table(title=f"{work.minutes_per_day:,.0f} minutes a day, kept for {keep_days:g} days")
    for heading in ("profile", "kB a minute", "MB a day", "GB kept"):
        table.add_column(heading, justify="left" if heading == "profile" else "right")
    if price_per_gb:
        table.add_column("price a month", justify="right")
    if room_gb:
        table.add_column(f"days in {room_gb:g} GB", justify="right")
    for one in rooms:
        cells = [
            one.profile,
            f"{one.bytes_per_minute / 1000:,.1f}",
            f"{one.bytes_per_day / 1e6:,.1f}",
            f"{one.bytes_kept / GB:,.1f}",
        ]
        cells += [f"{one.price_per_month:,.2f}"] if price_per_gb else []
        cells += ["–" if one.days_in_room is None else f"{one.days_in_room:,.0f}"] if room_gb else []
        table.add_row(*cells)
    Console().print(table)
