"""A tenant's storage plan: how much room, what when it is full, when to warn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PRESETS_BYTES = (100_000_000, 50_000_000_000, 100_000_000_000)
QUOTA_BYTES_MIN = 1_000_000
QUOTA_BYTES_MAX = 10**18
BIN_DAYS_MAX = 3650
WARN_PERCENTS_MAX = 8


class WhenFull(StrEnum):
    """What happens to a new recording that does not fit."""

    OVERWRITE_OLDEST = "overwrite_oldest"
    """The oldest that nothing protects make room, those in the bin first."""
    REFUSE = "refuse"
    """New calls are refused; what was captured waits in the spool."""


@dataclass(frozen=True, slots=True)
class StoragePlan:
    """A version of a tenant's plan; version 0 is “never saved” and has the defaults.

    By default there is no quota and nothing is ever overwritten. `quota_bytes` None is no limit but the disk.
    A warning is due when so many per cent of the quota are used. What is deleted stays in the bin, where it
    counts against the quota, for `bin_days` (0: it is gone with the next sweep).
    """

    tenant_id: str
    version: int = 0
    quota_bytes: int | None = None
    when_full: WhenFull = WhenFull.REFUSE
    warn_percents: tuple[int, ...] = (80, 90, 95, 100)
    bin_days: int = 14

    def excess(self, used_bytes: int) -> int:
        """Bytes by which `used_bytes` lie above the quota; 0 when they fit."""
        return 0 if self.quota_bytes is None else max(0, used_bytes - self.quota_bytes)

    def percent(self, used_bytes: int) -> float | None:
        """Which part of the quota is used, in per cent; None without one."""
        return None if self.quota_bytes is None else used_bytes * 100 / self.quota_bytes

    def reached(self, used_bytes: int) -> int | None:
        """The highest warning threshold (per cent) that is reached; None when none is."""
        percent = self.percent(used_bytes)
        return max(
            (one for one in self.warn_percents if percent is not None and percent >= one), default=None
        )


def plan_to_value(plan: StoragePlan) -> dict[str, Any]:
    """The plan as values that `json.dumps` takes; tenant and version are kept beside it."""
    return {
        "quota_bytes": plan.quota_bytes,
        "when_full": plan.when_full.value,
        "warn_percents": list(plan.warn_percents),
        "bin_days": plan.bin_days,
    }


def plan_of_value(tenant_id: str, version: int, value: dict[str, Any]) -> StoragePlan:
    """The inverse. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    return StoragePlan(
        tenant_id,
        version,
        value["quota_bytes"],
        WhenFull(value["when_full"]),
        tuple(value["warn_percents"]),
        value["bin_days"],
    )
