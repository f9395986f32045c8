"""What rooms of one floor need of each other; `wiring` fills these.

Signalling (and later each connector) asks a `MediaReceiver` for a port and a spool folder; the first
packet of every call takes the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StreamAddress:
    """Where the far end is to send one stream; RTCP goes to `rtp_port + 1` or the same port (RFC 5761)."""

    stream_id: int
    rtp_port: int


class MediaReceiver(Protocol):
    """Receives RTP for recordings and appends it to their spool folders, durably, in its own process."""

    async def open_stream(self, folder: Path, file_name: str, zero_monotonic_ns: int) -> StreamAddress:
        """Bind a port and append what arrives to `folder/file_name`; offsets count from the zero.

        Raises `PortsExhausted`, `MediaProcessLost`.
        """

    async def close_stream(self, stream_id: int) -> None:
        """Drain the socket, write, fsync, close; afterwards the file is whole. Unknown ids are no error."""
