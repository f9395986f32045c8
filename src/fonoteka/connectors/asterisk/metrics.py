"""What the Asterisk connector counts, for `/metrics`."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

CONNECTED = Gauge(
    "fonoteka_asterisk_connected", "PBXs whose events are being read now.", multiprocess_mode="livesum"
)
CALLS = Gauge("fonoteka_asterisk_calls", "Calls of PBXs being followed now.", multiprocess_mode="livesum")
TAPS = Gauge("fonoteka_asterisk_taps", "Parties being tapped now.", multiprocess_mode="livesum")
EVENTS = Counter("fonoteka_asterisk_events", "Events of PBXs read.")
EVENTS_MALFORMED = Counter("fonoteka_asterisk_malformed_events", "Events of PBXs that could not be read.")
RECONNECTS = Counter("fonoteka_asterisk_reconnects", "Connections to PBXs that were lost or refused.")
TAP_FAILURES = Counter("fonoteka_asterisk_tap_failures", "Taps that the PBX refused; each is tried again.")
CALLS_REFUSED = Counter(
    "fonoteka_asterisk_refused_calls", "Calls that could not be recorded: disk full, limit reached."
)
FAULTS = Counter("fonoteka_asterisk_faults", "Calls whose recording ended by an error of our own program.")
