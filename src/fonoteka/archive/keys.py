"""Where a recording's objects lie in the object store."""

from __future__ import annotations

from fonoteka.domain.ids import created_at

PEAKS_NAME = "peaks.json"


def recording_folder(tenant_id: str, recording_id: str) -> str:
    """The key under which all of a recording's objects lie, by tenant and day (UTC).

    The day is that of the id: the recording's start is corrected when its audio is assembled, the id is not.
    """
    return f"{tenant_id}/{created_at(recording_id):%Y/%m/%d}/{recording_id}"
