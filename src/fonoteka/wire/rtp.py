"""What tells RTP (RFC 3550 §5.1) from RTCP; packets themselves are read by `rtpdump_table`."""

from __future__ import annotations

HEADER_BYTES = 12
"""The shortest RTP packet."""


def is_rtcp(data: bytes) -> bool:
    """Whether a datagram on a shared port is RTCP and not RTP (RFC 5761 §4)."""
    return len(data) >= 8 and data[0] >> 6 == 2 and 192 <= data[1] <= 223
