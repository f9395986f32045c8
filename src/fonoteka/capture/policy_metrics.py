"""What deciding by the rules counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

SNAPSHOT_VERSION = Gauge(
    "fonoteka_policy_snapshot_version",
    "Version of the rules and people that the recorder works by; 0: none.",
    multiprocess_mode="livemax",
)
SNAPSHOTS_REFUSED = Counter(
    "fonoteka_policy_snapshots_refused_total",
    "Snapshots of rules and people that could not be read; the last good one stayed in force.",
)
DECISIONS = Counter("fonoteka_policy_decisions_total", "Decisions about calls, by outcome.", ["outcome"])
