"""A million calls through the REST API: pages, filtered pages, counts; beside ten thousand in the same run.

A real web process on each database; requests one after another over one kept connection, as a person's
browser sends them. Archives are made once by `bench.archive_of_calls` (two minutes each) and kept.
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

from bench.archive_of_calls import DAYS, archive
from bench.report import report
from fonoteka.domain.ids import new_id
from fonoteka.store import Position
from tests.service import Service, wait_for

SMALL, LARGE = 10_000, 1_000_000
EACH = 40
PLACES = ("4951", "916", "Белов", "Sales")


@dataclass
class WebOnly(Service):
    """The web process alone, on a database of ours."""

    database_url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "FONOTEKA_DATABASE_URL": self.database_url}

    def up(self) -> None:
        self.start("fonoteka", "web")
        wait_for(self.answers)
        self.token = self.run("token", "create", "bench").strip()

    def answers(self) -> bool:
        try:
            return self.fetch("/health")[0] in (200, 503)
        except OSError:
            return False


@dataclass
class Asker:
    """Asks one web process and times it."""

    service: WebOnly
    chance: random.Random
    took_ms: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        host, _, port = self.service.http.partition(":")
        self._connection = http.client.HTTPConnection(host, int(port), timeout=60)
        self._bearer = {"Authorization": f"Bearer {self.service.token}"}
        page = json.loads(self.get("/calls?limit=200"))
        self._numbers = [
            one["number"] for call in page["items"] for one in call["participants"] if len(one["number"]) > 9
        ]

    def get(self, path: str) -> bytes:
        """The body of an answer, which must be 200."""
        self._connection.request("GET", f"/api/v1{path}", headers=self._bearer)
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status == 200, f"{path}: {answer.status} {body[:300]!r}"
        return body

    def measure(self) -> None:
        """Every question in turn, `EACH` times with other values."""
        for turn in range(EACH + 3):
            for name, path in self._questions().items():
                began = time.perf_counter()
                self.get(path)
                if turn >= 3:
                    self.took_ms.setdefault(name, []).append(1000 * (time.perf_counter() - began))

    def _questions(self) -> dict[str, str]:
        chance = self.chance
        at = datetime.now(UTC) - timedelta(days=chance.uniform(10, DAYS - 1))
        span = {
            "since": at.isoformat(),
            "until": (at + timedelta(days=chance.choice((1, 7, 30)))).isoformat(),
        }
        number = chance.choice(self._numbers)
        direction = chance.choice(("incoming", "outgoing", "internal", "unknown"))
        asked: dict[str, tuple[str, dict[str, str]]] = {
            "list.newest": ("/calls", {}),
            "list.heard": ("/calls", {"heard": "true"}),
            "list.deep": ("/calls", {"cursor": Position(at, new_id()).cursor()}),
            "filter.direction": ("/calls", {"direction": direction, "heard": "true"}),
            "filter.span_direction": ("/calls", {"direction": direction, **span}),
            "filter.number": ("/calls", {"number": number}),
            "filter.number_of_nobody": ("/calls", {"number": f"+7903{chance.randrange(10**6):07}"}),
            "filter.last_digits": ("/calls", {"number": number[-4:]}),
            "filter.extension": ("/calls", {"number": str(200 + chance.randrange(160))}),
            "filter.place_or_name": ("/calls", {"number": chance.choice(PLACES)}),
            "filter.number_span": ("/calls", {"number": number[-7:], "direction": direction, **span}),
            "filter.outcome": (
                "/ledger",
                {"outcome": chance.choice(("missing", "refused", "failed", "skipped"))},
            ),
            "filter.outcome_direction": ("/ledger", {"outcome": "expected", "direction": direction}),
            "filter.ledger_deep": ("/ledger", {"cursor": Position(at, new_id()).cursor()}),
            "count.all": ("/calls/count", {}),
            "count.direction": ("/calls/count", {"direction": direction, "heard": "true"}),
            "count.span": ("/calls/count", span),
            "count.number": ("/calls/count", {"number": number}),
            "count.extension": ("/calls/count", {"number": str(200 + chance.randrange(160))}),
            "count.number_of_nobody": ("/calls/count", {"number": f"+7903{chance.randrange(10**6):07}"}),
            "count.place_or_name": ("/calls/count", {"number": chance.choice(PLACES)}),
        }
        return {name: f"{path}?{urlencode(given)}" for name, (path, given) in asked.items()}

    def group(self, name: str) -> list[float]:
        """Times of a group of questions."""
        return [one for key, some in self.took_ms.items() if key.startswith(f"{name}.") for one in some]


@contextmanager
def served(database_url: str) -> Iterator[Asker]:
    """A web process on the database."""
    with tempfile.TemporaryDirectory() as folder:
        service = WebOnly(Path(folder) / "data", database_url=database_url)
        service.data.mkdir()
        try:
            service.up()
            yield Asker(service, random.Random(7))
        finally:
            service.down()


def main() -> None:
    kinds = sys.argv[1:] or ["sqlite", "postgresql"]
    percentile: Callable[[list[float], int], float] = lambda some, share: float(np.percentile(some, share))  # noqa: E731
    figures: dict[str, float] = {}
    goals: dict[str, tuple[str, float]] = {}
    detail: dict[str, float] = {}
    for kind in kinds:
        asked = {}
        for calls in (SMALL, LARGE):
            with archive(kind, calls) as url, served(url) as asker:
                asker.measure()
                asked[calls] = asker
        for group in ("list", "filter", "count"):
            small, large = (asked[calls].group(group) for calls in (SMALL, LARGE))
            p50, name = percentile(large, 50), f"{kind}_{group}"
            figures |= {
                f"{name}_p50_ms": p50,
                f"{name}_p95_ms": percentile(large, 95),
                f"{name}_p50_to_10k": p50 / percentile(small, 50),
            }
            goals |= {f"{name}_p95_ms": ("<=", 50.0), f"{name}_p50_to_10k": ("<=", 2.0)}
        for name, some in asked[LARGE].took_ms.items():
            detail[f"{kind}.{name}_p95_ms"] = percentile(some, 95)
    report("million", figures | detail, goals, {f"{kind}_list_p50_ms": "1,000,000 calls" for kind in kinds})


if __name__ == "__main__":
    main()
