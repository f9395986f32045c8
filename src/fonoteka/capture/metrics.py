"""What the recorder counts, for `/metrics`."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

MEDIA_PACKETS = Counter(
    "fonoteka_media_packets", "RTP and RTCP packets written to the spool since the recorder started."
)
MEDIA_BYTES = Counter("fonoteka_media_written_bytes", "Bytes of packets and their records written.")
MEDIA_DROPPED = Counter(
    "fonoteka_media_dropped_packets",
    "Datagrams not written: malformed, oversize, flood (past a stream's rate), kernel (socket buffer"
    " full), disk (could not be written for too long), unwanted (paused, or no rule wants the call).",
    ["reason"],
)
MEDIA_WRITE_ERRORS = Counter(
    "fonoteka_media_write_errors", "Failed writes and syncs of recorded streams; each is tried again."
)
MEDIA_RESTARTS = Counter("fonoteka_media_process_restarts", "Times that a dead media process was replaced.")
MEDIA_STREAMS = Gauge("fonoteka_media_streams", "Streams being received now.", multiprocess_mode="livesum")
MEDIA_FAILING_STREAMS = Gauge(
    "fonoteka_media_failing_streams",
    "Streams whose file cannot be written now.",
    multiprocess_mode="livesum",
)
MEDIA_SYNC_SECONDS = Gauge(
    "fonoteka_media_sync_seconds",
    "How long the last round of fdatasync over all streams took.",
    multiprocess_mode="livemax",
)
MEDIA_TICK_SECONDS = Gauge(
    "fonoteka_media_tick_seconds",
    "The longest pass of the receiving loop within the last second.",
    multiprocess_mode="livemax",
)
