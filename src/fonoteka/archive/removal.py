"""Taking a deleted recording's bytes away: objects first, then what was made of them."""

from __future__ import annotations

from fonoteka.archive.archive import Archive
from fonoteka.archive.keys import recording_folder
from fonoteka.archive.rendition_cache import RenditionCache


def remove_objects(archive: Archive, tenant_id: str, recording_id: str) -> None:
    """Remove everything below the recording's folder, also what an interrupted shelving left there.

    Call it only when the row says deleted. Raises `ObjectsUnavailable`; repeat then.
    """
    archive.objects.delete_folder(recording_folder(tenant_id, recording_id))
    RenditionCache(archive.cache_folder, archive.cache_bytes_max).forget(recording_id)
