"""Where a recording's objects lie in the object store."""

from __future__ import annotations

from datetime import UTC, datetime

AUDIO_NAME = "audio.opus"
PEAKS_NAME = "peaks.json"


def recording_folder(tenant_id: str, started_at: datetime, recording_id: str) -> str:
    """The key under which all of a recording's objects lie, by tenant and day (UTC)."""
    day = started_at.astimezone(UTC)
    return f"{tenant_id}/{day:%Y/%m/%d}/{recording_id}"
