"""How every bench ends: a table for people, then one JSON object on the last line."""

from __future__ import annotations

import json
import operator
from collections.abc import Mapping

_COMPARE = {"<=": operator.le, ">=": operator.ge, "==": operator.eq}


def report(bench: str, figures: Mapping[str, float], goals: Mapping[str, tuple[str, float]]) -> bool:
    """Print the figures and whether each goal (`figure: (comparison, bound)`) is met; True if all are."""
    width = max(len(name) for name in figures)
    for name, value in figures.items():
        line = (
            f"{name:<{width}}  {value:>12,.2f}"
            if isinstance(value, float)
            else f"{name:<{width}}  {value:>12,}"
        )
        if name in goals:
            comparison, bound = goals[name]
            met = _COMPARE[comparison](value, bound)
            line += f"   goal {comparison} {bound:g}: {'met' if met else 'MISSED'}"
        print(line)
    all_met = all(_COMPARE[comparison](figures[name], bound) for name, (comparison, bound) in goals.items())
    written = {name: f"{comparison} {bound:g}" for name, (comparison, bound) in goals.items()}
    print(json.dumps({"bench": bench, "figures": dict(figures), "goals": written, "met": all_met}))
    return all_met
