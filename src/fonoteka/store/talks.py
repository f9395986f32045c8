"""Talk analyses: the figures of recordings, and who spoke when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from fonoteka.domain.analysis import (
    TalkAnalysis,
    decode_figures,
    decode_spans,
    encode_figures,
    encode_spans,
)
from fonoteka.store.tables import speech_orders, talk_analyses, transcript_texts, transcripts
from fonoteka.store.topic_hits import TopicHits


class Talks:
    """Analyses on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, analysis: TalkAnalysis) -> None:
        """Write it in the place of whatever was there; the recording's row is locked meanwhile."""
        self._connection.execute(
            delete(talk_analyses).where(talk_analyses.c.recording_id == analysis.recording_id)
        )
        self._connection.execute(insert(talk_analyses).values(_values(analysis)))

    def get(self, tenant_id: str, recording_id: str) -> TalkAnalysis | None:
        """The analysis, or None when this tenant has no such."""
        c = talk_analyses.c
        found = select(talk_analyses).where(c.recording_id == recording_id, c.tenant_id == tenant_id)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _analysis(row)

    def analysers(self, recording_ids: Sequence[str]) -> dict[str, str]:
        """What analysed each of these recordings, so far as any was."""
        c = talk_analyses.c
        found = select(c.recording_id, c.analyser).where(c.recording_id.in_(recording_ids))
        return {row.recording_id: row.analyser for row in self._connection.execute(found)}


def forget_speech(connection: Connection, recording_id: str) -> None:
    """Delete all that was found out of a recording and all that is still to be: its audio is gone."""
    for table in (talk_analyses, transcripts, transcript_texts, speech_orders):
        connection.execute(delete(table).where(table.c.recording_id == recording_id))
    TopicHits(connection).forget(recording_id)


def _analysis(row: Row[Any]) -> TalkAnalysis:
    return TalkAnalysis(
        recording_id=row.recording_id,
        call_id=row.call_id,
        tenant_id=row.tenant_id,
        analyser=row.analyser,
        analysed_at=row.analysed_at,
        figures=None if row.figures is None else decode_figures(row.figures),
        speech=decode_spans(row.speech),
        error_code=row.error_code,
    )


def _values(analysis: TalkAnalysis) -> dict[str, Any]:
    return {
        "recording_id": analysis.recording_id,
        "call_id": analysis.call_id,
        "tenant_id": analysis.tenant_id,
        "analyser": analysis.analyser,
        "analysed_at": analysis.analysed_at,
        "error_code": analysis.error_code,
        "figures": None if analysis.figures is None else encode_figures(analysis.figures),
        "speech": encode_spans(analysis.speech),
    }
