"""What machines would have found out of the conversations of an archive that `archive_of_calls` made."""

from __future__ import annotations

import json
import math
import random
import time

from rich.console import Console
from sqlalchemy import create_engine, text

from bench.bulk import Bulk
from fonoteka.domain.analysis import encode_figures
from fonoteka.domain.spans import Span
from fonoteka.domain.talk import PartyFigures, TalkFigures
from fonoteka.store import Store, month_of, tables

_TOGETHER = 10_000
_DIGITS_MAX = 5
_FOUND = text(
    "SELECT r.id, r.call_id, r.tenant_id, r.started_at, r.duration_ms, p.number FROM recordings AS r "
    "JOIN participants AS p ON p.call_id = r.call_id AND p.position = 0 "
    "WHERE r.id > :after AND r.state = 'ready' ORDER BY r.id LIMIT :some"
)


def ensure_talks(url: str, today: int) -> None:
    """Add analyses of all recordings unless there are some, and count them up to the day `today`."""
    engine = create_engine(url)
    with engine.connect() as connection:
        is_there = connection.scalar(text("SELECT 1 FROM talk_analyses LIMIT 1")) is not None
    began = time.perf_counter()
    if not is_there:
        _add(url, random.Random(11))
    engine.dispose()
    store = Store.open(url)
    store.migrate()
    while True:
        with store.transaction() as tx:
            if not tx.call_counting.count_marked(_DIGITS_MAX):
                break
    with store.reading() as tx:
        tenants = [one.id for one in tx.tenants.all()]
    for tenant_id in tenants:
        while True:
            with store.transaction() as tx:
                if not tx.month_sums.sum_one(tenant_id, month_of(today)):
                    break
    store.close()
    with Bulk(url) as bulk:
        bulk.finish()
    took = time.perf_counter() - began
    Console(stderr=True).print(f"conversations counted in {took:.0f} s", highlight=False)


def _add(url: str, chance: random.Random) -> None:
    manners = {str(number): chance.gauss(0, 1) for number in range(200, 400)}
    engine = create_engine(url)
    after = ""
    with engine.connect() as connection, Bulk(url) as bulk:
        while True:
            rows = connection.execute(_FOUND, {"after": after, "some": _TOGETHER}).all()
            if not rows:
                break
            for row in rows:
                is_calling_ours = len(row.number) <= _DIGITS_MAX
                manner = manners.get(row.number) if is_calling_ours else chance.choice((*manners.values(),))
                figures = _figures(chance, row.duration_ms, manner or 0.0, 0 if is_calling_ours else 1)
                bulk.add(
                    tables.talk_analyses,
                    recording_id=row.id,
                    tenant_id=row.tenant_id,
                    call_id=row.call_id,
                    analyser="talk 1, silero 5",
                    analysed_at=row.started_at,
                    error_code="",
                    figures=encode_figures(figures),
                    speech=json.dumps([]),
                )
            after = rows[-1].id
            connection.rollback()
            bulk.flush()
    engine.dispose()


def _figures(chance: random.Random, length_ms: int, manner: float, ours: int) -> TalkFigures:
    """A conversation; people with a high `manner` speak more and interrupt."""
    silence = min(0.7, chance.lognormvariate(-1.9, 0.6))
    share = 1 / (1 + math.exp(-0.1 - 0.35 * manner - chance.gauss(0, 0.5)))
    spoken_ms = round(length_ms * (1 - silence))
    parts = (round(spoken_ms * share), spoken_ms - round(spoken_ms * share))
    if ours == 1:
        parts = parts[::-1]
    longest = min(round(length_ms * silence), round(chance.lognormvariate(8.3, 0.8)))
    at = chance.randrange(max(1, length_ms - longest))
    return TalkFigures(
        recorded_ms=length_ms,
        conversation_ms=length_ms,
        silence_ms=round(length_ms * silence),
        longest_silence=Span(at, at + longest) if longest else None,
        parties=tuple(
            _party(chance, part, length_ms, manner if place == ours else 0.0)
            for place, part in enumerate(parts)
        ),
        crosstalk_ms=round(length_ms * min(0.2, chance.expovariate(40))),
        switches=round(length_ms / 60_000 * chance.uniform(4, 12)),
    )


def _party(chance: random.Random, spoken_ms: int, length_ms: int, manner: float) -> PartyFigures:
    longest = min(spoken_ms, round(chance.lognormvariate(9.9 + 0.3 * manner, 0.7)))
    at = chance.randrange(max(1, length_ms - longest))
    often = min(20, round(chance.expovariate(1) * length_ms / 300_000 * math.exp(0.4 * manner)))
    moments = sorted(chance.randrange(max(1, length_ms)) for _ in range(often))
    responses = max(1, length_ms // 15_000)
    return PartyFigures(
        spoken_ms,
        Span(at, at + longest) if longest else None,
        tuple(moments),
        round(chance.lognormvariate(6.3, 0.4)),
        responses,
    )
