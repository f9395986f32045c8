"""What the pipeline counts (docs/operate/metrics.md)."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

RECORDINGS = Counter(
    "fonoteka_pipeline_recordings_total",
    "Recordings that the pipeline finished: processed, failed, or what became of a call without a recording",
    ["outcome"],
)
STEP_SECONDS = Histogram(
    "fonoteka_pipeline_step_seconds",
    "Time spent in a step of the pipeline",
    ["step"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100),
)
WAITING = Gauge(
    "fonoteka_pipeline_waiting_recordings",
    "Sealed recordings that are not playable yet",
    multiprocess_mode="livemax",
)
ON_DEMAND = Gauge(
    "fonoteka_pipeline_on_demand_recordings",
    "Ended on-demand recordings that may still be asked for",
    multiprocess_mode="livemax",
)
SCHEDULE_RUNS = Counter(
    "fonoteka_pipeline_schedule_runs_total",
    "Runs of what goes by the clock, once over all workers",
    ["schedule", "outcome"],
)
TAKEN_OVER = Counter(
    "fonoteka_pipeline_taken_over_total",
    "Recordings whose worker had died and that this worker went on with",
)
