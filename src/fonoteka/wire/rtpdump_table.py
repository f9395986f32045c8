"""An rtpdump file as a table of its RTP packets. Apart from `rtpdump`, so that capture loads no NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fonoteka.wire.rtp import HEADER_BYTES
from fonoteka.wire.rtpdump import RECORD_HEADER, Bytes, record_offsets

TABLE = np.dtype(
    [
        ("arrival_ms", np.uint32),
        ("seq", np.uint16),
        ("rtp_timestamp", np.uint32),
        ("ssrc", np.uint32),
        ("payload_type", np.uint8),
        ("marker", np.bool_),
        ("payload_at", np.int64),
        ("payload_bytes", np.int32),
    ]
)

Table = npt.NDArray[Any]
_Offsets = npt.NDArray[np.int64]


def read_table(data: Bytes) -> tuple[Table, int]:
    """All RTP packets in file order as a structured array of `TABLE`, and how many records were malformed.

    RTCP is left out, and so is a torn tail. `payload_at` is an offset in `data`; padding is not counted in
    `payload_bytes`. A file whose header is torn has no packets.
    Raises `WireMalformed` if `data` is not an rtpdump file.
    """
    offsets, _ = record_offsets(data)
    octets = np.frombuffer(data, np.uint8)
    at = np.array(offsets, np.int64)
    stored = _word(octets, at) - RECORD_HEADER.size
    packet_bytes = _word(octets, at + 2)
    is_rtcp = (packet_bytes == 0) & (stored > 0)
    # A packet stored in part (rtptools can cut payloads) has no sound to give.
    whole = (packet_bytes >= HEADER_BYTES) & (packet_bytes <= stored)
    packet_at = at[whole] + RECORD_HEADER.size
    table, malformed = _packets(octets, at[whole], packet_at, packet_at + packet_bytes[whole])
    return table, malformed + int(np.count_nonzero(~whole & ~is_rtcp))


def _packets(
    octets: npt.NDArray[np.uint8], record_at: _Offsets, packet_at: _Offsets, packet_end: _Offsets
) -> tuple[Table, int]:
    """Rows for the packets of version 2 whose lengths fit; the number of the others."""
    first = octets[packet_at].astype(np.int64)
    payload_at = packet_at + HEADER_BYTES + 4 * (first & 0x0F)
    extended = np.flatnonzero((first & 0x10 != 0) & (payload_at + 4 <= packet_end))
    cut = (first & 0x10 != 0) & (payload_at + 4 > packet_end)
    payload_at[extended] += 4 + 4 * _word(octets, payload_at[extended] + 2)
    padding = np.where(first & 0x20, octets[packet_end - 1], 0).astype(np.int64)
    unpadded = (first & 0x20 != 0) & (padding == 0)
    payload_bytes = packet_end - padding - payload_at
    good = (first >> 6 == 2) & ~cut & ~unpadded & (payload_bytes >= 0)
    at = packet_at[good]
    second = octets[at + 1]
    table = np.empty(len(at), TABLE)
    table["arrival_ms"] = _long(octets, record_at[good] + 4)
    table["seq"] = _word(octets, at + 2)
    table["rtp_timestamp"] = _long(octets, at + 4)
    table["ssrc"] = _long(octets, at + 8)
    table["payload_type"] = second & 0x7F
    table["marker"] = second >> 7 != 0
    table["payload_at"] = payload_at[good]
    table["payload_bytes"] = payload_bytes[good]
    return table, int(np.count_nonzero(~good))


def _word(octets: npt.NDArray[np.uint8], at: _Offsets) -> _Offsets:
    return octets[at].astype(np.int64) << 8 | octets[at + 1]


def _long(octets: npt.NDArray[np.uint8], at: _Offsets) -> _Offsets:
    return _word(octets, at) << 16 | _word(octets, at + 2)
