"""Transcripts of recordings, and which language a tenant's calls are in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from fonoteka.domain.transcript import Transcript, decode_utterances, encode_utterances
from fonoteka.store.tables import speech_languages, transcripts


class Transcripts:
    """Transcripts on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, transcript: Transcript) -> None:
        """Write it in the place of whatever was there; the recording's row is locked meanwhile."""
        self._connection.execute(
            delete(transcripts).where(transcripts.c.recording_id == transcript.recording_id)
        )
        self._connection.execute(
            insert(transcripts).values(
                recording_id=transcript.recording_id,
                tenant_id=transcript.tenant_id,
                call_id=transcript.call_id,
                language=transcript.language,
                engine=transcript.engine,
                made_at=transcript.made_at,
                error_code=transcript.error_code,
                is_approximate=transcript.is_approximate,
                utterances=encode_utterances(transcript.utterances),
            )
        )

    def get(self, tenant_id: str, recording_id: str) -> Transcript | None:
        """The transcript, or None when this tenant has no such."""
        c = transcripts.c
        found = select(transcripts).where(c.recording_id == recording_id, c.tenant_id == tenant_id)
        row = self._connection.execute(found).one_or_none()
        if row is None:
            return None
        return Transcript(
            recording_id=row.recording_id,
            call_id=row.call_id,
            tenant_id=row.tenant_id,
            language=row.language,
            engine=row.engine,
            made_at=row.made_at,
            utterances=decode_utterances(row.utterances),
            is_approximate=row.is_approximate,
            error_code=row.error_code,
        )

    def made_at(self, recording_id: str) -> datetime | None:
        """When the recording's transcript was made, whatever its tenant."""
        c = transcripts.c
        return self._connection.scalar(select(c.made_at).where(c.recording_id == recording_id))

    def engines(self, recording_ids: Sequence[str]) -> dict[str, str]:
        """What transcribed each of these recordings, so far as any did with success."""
        c = transcripts.c
        found = select(c.recording_id, c.engine).where(c.recording_id.in_(recording_ids), c.error_code == "")
        return {row.recording_id: row.engine for row in self._connection.execute(found)}


class SpeechLanguages:
    """Languages on one connection, by group; the tenant's own is that of the group “”."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_tenant(self, tenant_id: str) -> dict[str, str]:
        """All that the tenant has said."""
        c = speech_languages.c
        found = select(c.group_id, c.language).where(c.tenant_id == tenant_id)
        return {row.group_id: row.language for row in self._connection.execute(found)}

    def replace(self, tenant_id: str, languages: Mapping[str, str], known_groups: Collection[str]) -> None:
        """Write all of them anew; those of groups that are not (any more) are left out."""
        self._connection.execute(delete(speech_languages).where(speech_languages.c.tenant_id == tenant_id))
        rows = [
            {"tenant_id": tenant_id, "group_id": group_id, "language": language}
            for group_id, language in languages.items()
            if language and (not group_id or group_id in known_groups)
        ]
        if rows:
            self._connection.execute(insert(speech_languages), rows)
