"""Search by words through the REST API: words of notes, tags, and what was said, 100 words a call.

    python -m bench.words                 # 1,000,000 calls on SQLite and on PostgreSQL
    python -m bench.words sqlite 50000

As `bench.million`, on archives that have words (`bench.words_maker`); made once and kept.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import numpy as np

from bench.archive_of_calls import DAYS, archive
from bench.million import Asker, served
from bench.report import report
from bench.words_maker import TAGS, VOCABULARY, some_rank

CALLS = 1_000_000
EACH = 60
GOAL_MS = 50.0


def questions(chance: random.Random) -> dict[str, str]:
    """One of each kind, with words as frequent as people's are."""
    words = [VOCABULARY[some_rank(chance)] for _ in range(3)]
    frequent = VOCABULARY[chance.randrange(10)]
    tag = f'#"tag {VOCABULARY[chance.randrange(TAGS)]}"'
    at = datetime.now(UTC) - timedelta(days=chance.uniform(10, DAYS - 40))
    span = {"since": at.isoformat(), "until": (at + timedelta(days=chance.choice((1, 7, 30)))).isoformat()}
    asked: dict[str, tuple[str, dict[str, str]]] = {
        "note.word": ("/calls", {"number": words[0]}),
        "note.beginning": ("/calls", {"number": words[0][:4]}),
        "note.two": ("/calls", {"number": f"{words[0]} {words[1]}"}),
        "note.span": ("/calls", {"number": words[1], **span}),
        "note.count": ("/calls/count", {"number": words[2]}),
        "tag.one": ("/calls", {"number": tag}),
        "tag.word": ("/calls", {"number": f"{tag} {words[0]}"}),
        "tag.span": ("/calls", {"number": tag, **span}),
        "tag.count": ("/calls/count", {"number": tag}),
        "said.word": ("/calls", {"said": words[0]}),
        "said.frequent": ("/calls", {"said": frequent}),
        "said.two": ("/calls", {"said": f"{words[0]} {frequent}"}),
        "said.phrase": ("/calls", {"said": f'"{words[0]} {words[1]}"'}),
        "said.span": ("/calls", {"said": words[1], **span}),
        "said.count": ("/calls/count", {"said": words[2]}),
    }
    return {name: f"{path}?{urlencode(given)}" for name, (path, given) in asked.items()}


def measure(asker: Asker) -> None:
    """Every question in turn, `EACH` times with other words."""
    for turn in range(EACH + 3):
        for name, path in questions(asker.chance).items():
            began = time.perf_counter()
            asker.get(path)
            if turn >= 3:
                asker.took_ms.setdefault(name, []).append(1000 * (time.perf_counter() - began))


def main() -> None:
    numbers = [int(one) for one in sys.argv[1:] if one.isdigit()]
    calls = numbers[0] if numbers else CALLS
    kinds = [one for one in sys.argv[1:] if not one.isdigit()] or ["sqlite", "postgresql"]
    figures: dict[str, float] = {}
    goals: dict[str, tuple[str, float]] = {}
    detail: dict[str, float] = {}
    for kind in kinds:
        with archive(kind, calls, with_words=True) as url, served(url) as asker:
            measure(asker)
        for group in ("note", "tag", "said"):
            some = asker.group(group)
            figures |= {
                f"{kind}_{group}_{share}_ms": float(np.percentile(some, int(share[1:])))
                for share in ("p50", "p95")
            }
            goals[f"{kind}_{group}_p95_ms"] = ("<=", GOAL_MS)
        for name, times in asker.took_ms.items():
            detail[f"{kind}.{name}_p95_ms"] = float(np.percentile(times, 95))
    report("words", figures | detail, goals, {f"{kind}_note_p50_ms": f"{calls:,} calls" for kind in kinds})


if __name__ == "__main__":
    main()
