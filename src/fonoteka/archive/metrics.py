"""What the archive counts."""

from prometheus_client import Counter, Histogram

SHELVED = Counter(
    "fonoteka_recordings_shelved_total", "Recordings that reached the archive, by state.", ["state"]
)
OPENED = Counter(
    "fonoteka_audio_opened_total",
    "Times that audio was opened, by purpose and format.",
    ["purpose", "format"],
)
MISSING = Counter(
    "fonoteka_calls_missing_total", "Calls that should have a recording and of which none came in time."
)
RENDITIONS = Counter(
    "fonoteka_renditions_total", "Renditions asked for, by whether one was there or made.", ["outcome"]
)
RENDITION_SECONDS = Histogram("fonoteka_rendition_seconds", "Seconds to make a rendition.")
OVERWRITTEN = Counter(
    "fonoteka_recordings_overwritten_total", "Recordings overwritten to make room, by cause.", ["cause"]
)
SWEPT = Counter(
    "fonoteka_recordings_swept_total", "Recordings that a sweep binned by their term or emptied out.", ["how"]
)
HALTED = Counter(
    "fonoteka_sweeps_halted_total", "Times that a sweep stopped because the clock had jumped ahead."
)
