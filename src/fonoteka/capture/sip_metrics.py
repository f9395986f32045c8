"""What signalling counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

malformed_total = Counter(
    "fonoteka_sip_malformed_total", "Datagrams and connections whose bytes were not SIP."
)
requests_total = Counter("fonoteka_sip_requests_total", "SIP requests, repetitions included.", ["method"])
refused_total = Counter("fonoteka_sip_refused_total", "SIP requests refused, by status.", ["status"])
faults_total = Counter(
    "fonoteka_sip_faults_total", "Requests and dialogs that ended by an error of our own program."
)
send_failures_total = Counter("fonoteka_sip_send_failures_total", "SIP messages that could not be sent.")
metadata_malformed_total = Counter(
    "fonoteka_sip_metadata_malformed_total", "Recording metadata (RFC 7865) that could not be read."
)
recordings_ended_total = Counter(
    "fonoteka_recordings_ended_total", "Recordings that ended, by reason.", ["reason"]
)
recordings_open = Gauge("fonoteka_recordings_open", "Recordings in progress.", multiprocess_mode="livesum")
connections_open = Gauge(
    "fonoteka_sip_connections_open", "Open SIP connections over TCP.", multiprocess_mode="livesum"
)
