"""What every bench prints: a table for people, then one JSON object on the last line."""

from __future__ import annotations

import json
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table


def report(
    bench: str,
    figures: Mapping[str, float],
    goals: Mapping[str, tuple[str, float]],
    notes: Mapping[str, str] | None = None,
) -> bool:
    """Print figures and return whether all goals are met; `notes` explain figures.

    A goal is (">=", "<=" or "==", bound) for the figure of its name.

    The last line is {"bench", "figures", "goals", "met"}: goals as texts, `met` true if all of them are.
    """
    met = {name: _holds(figures[name], *goal) for name, goal in goals.items()}
    table = Table("figure", "value", "goal", "", title=f"bench/{bench}")
    for name, value in figures.items():
        sign, bound = goals.get(name, ("", 0.0))
        goal = f"{sign} {bound:g} {'met' if met[name] else 'MISSED'}" if sign else ""
        table.add_row(name, f"{value:,.4g}", goal, (notes or {}).get(name, ""))
    Console(width=130).print(table)
    summary = {
        "bench": bench,
        "figures": {name: round(value, 6) for name, value in figures.items()},
        "goals": {name: f"{sign} {bound:g}" for name, (sign, bound) in goals.items()},
        "met": all(met.values()),
    }
    print(json.dumps(summary), flush=True)
    return all(met.values())


def _holds(value: float, sign: str, bound: float) -> bool:
    return {">=": value >= bound, "<=": value <= bound, "==": value == bound}[sign]
