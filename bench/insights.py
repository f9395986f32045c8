"""Insights and the overview over a million calls through the REST API: a month, a quarter, a year.

    python -m bench.insights [sqlite] [postgresql]

A real web process on each database, as in `bench.million`, whose archives are used and given conversations
(`bench.talk_maker`) and counts where they have none: tens of minutes, once.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import numpy as np

from bench.archive_of_calls import archive
from bench.million import LARGE, Asker, served
from bench.report import report
from bench.talk_maker import ensure_talks

EACH = 20
GOAL_MS = 300.0
SPANS = {"month": 30, "quarter": 91, "year": 365}
PATHS = {
    "insights": "/insights/talk",
    "worth_hearing": "/insights/worth-hearing",
    "topics": "/insights/topics",
    "overview": "/reports/overview",
}


def measure(asker: Asker) -> dict[str, list[float]]:
    """Milliseconds of each question over each span, each with another last day."""
    took: dict[str, list[float]] = {}
    today = datetime.now(UTC).date()
    for turn in range(EACH + 2):
        last = today - timedelta(days=turn)
        for span, days in SPANS.items():
            asked = urlencode({"since": last - timedelta(days=days - 1), "until": last})
            for name, path in PATHS.items():
                began = time.perf_counter()
                asker.get(f"{path}?{asked}")
                if turn >= 2:
                    took.setdefault(f"{name}_{span}", []).append(1000 * (time.perf_counter() - began))
    return took


def main() -> None:
    kinds = sys.argv[1:] or ["sqlite", "postgresql"]
    figures: dict[str, float] = {}
    for kind in kinds:
        with archive(kind, LARGE) as url:
            ensure_talks(url, datetime.now(UTC).date().toordinal())
            with served(url) as asker:
                for name, some in measure(asker).items():
                    figures[f"{kind}_{name}_p95_ms"] = float(np.percentile(some, 95))
    goals: dict[str, tuple[str, float]] = dict.fromkeys(figures, ("<=", GOAL_MS))
    report("insights", figures, goals, {f"{kind}_insights_month_p95_ms": "1,000,000 calls" for kind in kinds})


if __name__ == "__main__":
    main()
