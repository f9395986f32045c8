"""What the analysis of speech counts (docs/operate/metrics.md)."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

TASKS = Counter(
    "fonoteka_speech_tasks_total",
    "Tasks on recordings that ended: done, failed for good, postponed, or the recording was gone",
    ["task", "outcome"],
)
SECONDS = Histogram(
    "fonoteka_speech_task_seconds",
    "Time spent on a task",
    ["task"],
    buckets=(0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000),
)
SOUND_SECONDS = Counter(
    "fonoteka_speech_sound_seconds_total",
    "Seconds of recordings that tasks went through",
    ["task"],
)
TOPICS_READ = Counter(
    "fonoteka_topics_read_total",
    "Transcripts read for topics: new ones, and those of the back archive after a change",
    ["kind"],
)
