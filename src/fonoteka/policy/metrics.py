"""What the room of people and rules counts."""

from prometheus_client import Counter, Histogram

PUBLISH_FAILURES = Counter(
    "fonoteka_policy_publish_failures_total",
    "Times that people and rules could not be written for the recorder.",
)
DRY_RUN_SECONDS = Histogram("fonoteka_policy_dry_run_seconds", "Seconds to try rules on past calls.")
