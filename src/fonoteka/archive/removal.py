"""Taking deleted recordings' bytes away: objects first, then what was made of them."""

from __future__ import annotations

from collections.abc import Iterable

from fonoteka.archive.archive import Archive, Removed
from fonoteka.archive.keys import recording_folder
from fonoteka.archive.rendition_cache import RenditionCache


def remove_objects(archive: Archive, gone: Iterable[Removed]) -> None:
    """Remove everything below the recordings' folders, also what an interrupted shelving left there.

    Call it only when their rows say deleted. Raises `ObjectsUnavailable`; repeat then.
    """
    some = tuple(gone)
    archive.objects.delete_folders(recording_folder(one.tenant_id, one.id) for one in some)
    cache = RenditionCache(archive.cache_folder, archive.cache_bytes_max)
    for one in some:
        cache.forget(one.id)
