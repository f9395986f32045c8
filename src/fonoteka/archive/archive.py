"""What every use case of the archive works on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from fonoteka.archive.together import Together
from fonoteka.objects import ObjectStore
from fonoteka.store import Store


def utc_now() -> datetime:
    """Now, aware UTC."""
    return datetime.now(UTC)


class Removed(Protocol):
    """A deleted recording, as far as the removal of its bytes is concerned."""

    @property
    def id(self) -> str: ...
    @property
    def tenant_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Archive:
    """The first argument of each use case; threads may share it.

    `cache_folder` holds renditions (MP3, WAV) of up to `cache_bytes_max` together and may be emptied at any
    time. `extension_digits_max` tells own extensions from other numbers where the pipeline could not.
    `disk_free_min_bytes`: below so much free disk new calls are refused, so old ones make room before.
    """

    store: Store
    objects: ObjectStore
    cache_folder: Path
    extension_digits_max: int
    cache_bytes_max: int = 2_000_000_000
    disk_free_min_bytes: int = 0
    now: Callable[[], datetime] = utc_now
    removals: Together[Removed] = field(default_factory=Together)
