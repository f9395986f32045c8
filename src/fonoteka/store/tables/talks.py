"""Figures of conversations by agent: all of it can be made anew from calls and analyses (`call_counting`)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, text

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import metadata

# What one of ours did in one recording: `domain.insight.TalkFact`. `utc_hour` and `started_at` are the
# call's, `day` is of the tenant's time zone.
talk_facts = Table(
    "talk_facts",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("utc_hour", BigInteger, primary_key=True, autoincrement=False),
    Column("recording_id", PlainText, primary_key=True),
    Column("channel", Integer, primary_key=True, autoincrement=False),
    Column("call_id", PlainText, nullable=False),
    Column("number", PlainText, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("day", BigInteger, nullable=False),
    *(
        Column(name, BigInteger, nullable=False)
        for name in (
            *("conversation_ms", "hold_ms", "silence_ms", "pair_ms", "spoken_ms", "others_ms"),
            *("crosstalk_ms", "switches", "interruptions", "monologue_ms", "longest_silence_ms"),
            *("response_ms", "responses"),
        )
    ),
    *(Column(name, BigInteger) for name in ("interruption_at_ms", "monologue_at_ms", "silence_at_ms")),
    Column("worth", BigInteger, nullable=False),
    Index("ix_talk_facts_recording", "recording_id"),
    Index("ix_talk_facts_day", "tenant_id", "day"),
    Index(
        "ix_talk_facts_worth",
        "tenant_id",
        "day",
        "worth",
        "number",
        sqlite_where=text("worth > 0"),
        postgresql_where=text("worth > 0"),
    ),
    sqlite_with_rowid=False,
)


def _sums_by(name: str, period: str) -> Table:
    """Sums over the facts of a period by agent, as `domain.insight.TalkSums`."""
    return Table(
        name,
        metadata,
        Column("tenant_id", PlainText, primary_key=True),
        Column(period, BigInteger, primary_key=True, autoincrement=False),
        Column("number", PlainText, primary_key=True),
        *(
            Column(one, BigInteger, nullable=False)
            for one in (
                *("talks", "pairs", "conversation_ms", "hold_ms", "silence_ms", "pair_ms", "spoken_ms"),
                *("others_ms", "crosstalk_ms", "switches", "interruptions", "response_ms", "responses"),
            )
        ),
        Column("spread", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )


talk_days = _sums_by("talk_days", "day")
talk_months = _sums_by("talk_months", "month")

# Months of which the sums hold; of all others the days are read. A change of a day takes its month away.
summed_months = Table(
    "summed_months",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("kind", PlainText, primary_key=True),
    Column("month", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
