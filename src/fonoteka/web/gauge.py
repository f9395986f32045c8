"""The bar that shows how full the storage is, and of what."""

from __future__ import annotations

from dataclasses import dataclass

from fonoteka.domain.retention import Standing
from fonoteka.domain.storage_use import StorageOverview

_WIDTH = 1000


@dataclass(frozen=True, slots=True)
class GaugePart:
    """A part of the bar; `x` and `width` are of 1000."""

    name: str
    x: float
    width: float
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Gauge:
    """`parts` are `protected`, `free_to_go`, `bin`, `free`; `ticks` are (place of 1000, per cent)."""

    whole_bytes: int
    parts: tuple[GaugePart, ...]
    ticks: tuple[tuple[float, int], ...]


def gauge_of(overview: StorageOverview) -> Gauge:
    """The bar of a quota; without one, of what is used and the free disk."""
    by, used = overview.by_standing, overview.used.stored_bytes
    quota = overview.plan.quota_bytes
    room = max(0, overview.disk_free_bytes - overview.disk_free_min_bytes) if quota is None else quota - used
    sizes = {
        "protected": by[Standing.PROTECTED].stored_bytes + by[Standing.HELD].stored_bytes,
        "free_to_go": by[Standing.FREE].stored_bytes,
        "bin": by[Standing.BINNED].stored_bytes,
        "free": max(0, room),
    }
    whole = max(1, sum(sizes.values()))
    parts, x = [], 0.0
    for name, size_bytes in sizes.items():
        width = size_bytes / whole * _WIDTH
        parts.append(GaugePart(name, x, width, size_bytes))
        x += width
    ticks = () if quota is None else overview.plan.warn_percents
    return Gauge(whole, tuple(parts), tuple((one * _WIDTH / 100, one) for one in ticks if one < 100))
