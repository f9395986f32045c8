"""What imports and watched folders count."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

FILES = Counter(
    "fonoteka_import_files_total",
    "Sound files met by imports and watched folders, by what became of them.",
    ["outcome"],
)
FAILURES = Counter(
    "fonoteka_import_failures_total", "Rounds of a watched folder that were broken off by an error."
)
GROWING = Gauge(
    "fonoteka_import_growing_files",
    "Files in watched folders that still grow or are too young to be taken in.",
    multiprocess_mode="livesum",
)
CDR_ROWS = Counter(
    "fonoteka_cdr_rows_total",
    "Call detail records met in watched files, by what became of them.",
    ["outcome"],
)
