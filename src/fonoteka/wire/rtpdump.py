"""The file of one recorded stream: rtptools' rtpdump layout, which rtpplay replays.

A text line names the receiving address, a binary header the start; then each datagram follows behind
eight bytes: record length, packet length (0 for RTCP), milliseconds since the start. All big-endian.
"""

from __future__ import annotations

import ipaddress
import struct
from datetime import datetime
from mmap import mmap

from fonoteka.domain.errors import WireMalformed

MAGIC = b"#!rtpplay1.0 "
FIRST_LINE_BYTES_MAX = 256
BINARY_HEADER = struct.Struct(">IIIHH")
RECORD_HEADER = struct.Struct(">HHI")
PACKET_BYTES_MAX = 0xFFFF - RECORD_HEADER.size

Bytes = bytes | bytearray | memoryview | mmap
"""What a file may be read from; mapping it spares a copy."""

_LENGTH = struct.Struct(">H")


def file_header(start: datetime, host: str, port: int) -> bytes:
    """The beginning of a file: `start` is aware, `host` the receiving address (IPv4 or IPv6, no name).

    Raises `ValueError` for a host that is no address.
    """
    address = ipaddress.ip_address(host)
    source = int(address) if address.version == 4 else 0
    seconds, micros = divmod(round(start.timestamp() * 1_000_000), 1_000_000)
    # Readers take the first line by inet_pton, which knows no scope (`%eth0`).
    first_line = b"%s%s/%d\n" % (MAGIC, host.partition("%")[0].encode("ascii"), port)
    return first_line + BINARY_HEADER.pack(seconds, micros, source, port, 0)


def record(offset_ms: int, packet: bytes, is_rtcp: bool) -> bytes:
    """One datagram as a record. Raises `WireMalformed` for one too long for the layout (no UDP one is)."""
    if len(packet) > PACKET_BYTES_MAX:
        raise WireMalformed(f"a datagram of {len(packet)} bytes")
    plen = 0 if is_rtcp else len(packet)
    return RECORD_HEADER.pack(RECORD_HEADER.size + len(packet), plen, max(offset_ms, 0) & 0xFFFFFFFF) + packet


def header_length(data: Bytes) -> int:
    """Where the first record begins; 0 when the header itself is torn.

    Raises `WireMalformed` when `data` is not the beginning of an rtpdump file.
    """
    head = bytes(data[:FIRST_LINE_BYTES_MAX])
    line_end = head.find(b"\n")
    is_prefix = head.startswith(MAGIC) or MAGIC.startswith(head)
    if not is_prefix or (line_end < 0 and len(head) == FIRST_LINE_BYTES_MAX):
        raise WireMalformed("not an rtpdump file")
    if line_end < 0:
        return 0
    end = line_end + 1 + BINARY_HEADER.size
    return end if len(data) >= end else 0


def record_offsets(data: Bytes) -> tuple[list[int], int]:
    """Where each complete record begins, and where the last one ends (0 when the file header is torn).

    Raises `WireMalformed` when `data` is not an rtpdump file.
    """
    at = header_length(data)
    offsets: list[int] = []
    if not at:
        return offsets, 0
    length_at = _LENGTH.unpack_from
    last = len(data) - RECORD_HEADER.size
    while at <= last:
        (length,) = length_at(data, at)
        # Less than its own header is no record: zeros that a power cut left behind.
        if length < RECORD_HEADER.size or at + length > len(data):
            break
        offsets.append(at)
        at += length
    return offsets, at


def whole_length(data: Bytes) -> int:
    """The length up to the end of the last complete record, for truncating a torn tail.

    0 when not even the file header is whole. Raises `WireMalformed` when it is not an rtpdump file.
    """
    return record_offsets(data)[1]
