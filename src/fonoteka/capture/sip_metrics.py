"""What signalling counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

MALFORMED = Counter("fonoteka_sip_malformed_total", "Datagrams and connections whose bytes were not SIP.")
REQUESTS = Counter("fonoteka_sip_requests_total", "SIP requests, repetitions included.", ["method"])
REFUSED = Counter("fonoteka_sip_refused_total", "SIP requests refused, by status.", ["status"])
REFUSED_UNNOTED = Counter(
    "fonoteka_sip_refused_unnoted_total",
    "Calls refused for want of room that left no row for the ledger: too many at once, or no disk.",
)
FAULTS = Counter(
    "fonoteka_sip_faults_total", "Requests and dialogs that ended by an error of our own program."
)
SEND_FAILURES = Counter("fonoteka_sip_send_failures_total", "SIP messages that could not be sent.")
METADATA_MALFORMED = Counter(
    "fonoteka_sip_metadata_malformed_total", "Recording metadata (RFC 7865) that could not be read."
)
RECORDINGS_ENDED = Counter("fonoteka_recordings_ended_total", "Recordings that ended, by reason.", ["reason"])
RECORDINGS_OPEN = Gauge("fonoteka_recordings_open", "Recordings in progress.", multiprocess_mode="livesum")
CONNECTIONS_OPEN = Gauge(
    "fonoteka_sip_connections_open", "Open SIP connections over TCP.", multiprocess_mode="livesum"
)
