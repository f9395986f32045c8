"""The rtpdump layout: bytes as rtptools describe them, torn tails, and the table."""

from __future__ import annotations

import mmap
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.domain.errors import WireMalformed
from fonoteka.wire.rtpdump import file_header, record, whole_length
from fonoteka.wire.rtpdump_table import TABLE, read_table
from tests.rtp_packets import RtpPacket
from tests.wire.test_rtp import RTP_PACKETS

START = datetime(2025, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
HEADER = file_header(START, "192.0.2.1", 40_000)
RTCP = bytes.fromhex("80c9000100000005")


def test_file_header_layout() -> None:
    line, _, rest = HEADER.partition(b"\n")
    assert line == b"#!rtpplay1.0 192.0.2.1/40000"
    seconds, micros, source, port, padding = struct.unpack(">IIIHH", rest)
    assert seconds == int(START.timestamp())
    assert micros == 678_901
    assert source == 0xC0000201
    assert (port, padding) == (40_000, 0)


def test_file_header_of_an_ipv6_address() -> None:
    assert file_header(START, "fe80::1%eth0", 7).startswith(b"#!rtpplay1.0 fe80::1/7\n")
    with pytest.raises(ValueError, match="address"):
        file_header(START, "localhost", 7)


def test_record_layout() -> None:
    packet = RtpPacket(8, 1, 2, 3, b"xy").serialize()
    assert record(1234, packet, False) == struct.pack(">HHI", 22, 14, 1234) + packet
    assert record(1234, RTCP, True) == struct.pack(">HHI", 16, 0, 1234) + RTCP
    assert record(-5, packet, False)[4:8] == bytes(4)


def test_longest_datagrams() -> None:
    assert len(record(0, bytes(65_507), False)) == 65_515
    assert len(record(0, bytes(65_527), False)) == 65_535
    with pytest.raises(WireMalformed):
        record(0, bytes(65_528), False)


RECORDS = st.lists(st.tuples(st.integers(0, 2**32 - 1), RTP_PACKETS | st.none()), max_size=8)


@given(RECORDS)
def test_table_of_records(records: list[tuple[int, RtpPacket | None]]) -> None:
    data = HEADER + b"".join(
        record(at, packet.serialize() if packet else RTCP, packet is None) for at, packet in records
    )
    table, malformed = read_table(data)
    assert malformed == 0
    assert table.dtype == TABLE
    packets = [(at, packet) for at, packet in records if packet is not None]
    assert len(table) == len(packets)
    for row, (at, packet) in zip(table, packets, strict=True):
        payload = data[int(row["payload_at"]) : int(row["payload_at"]) + int(row["payload_bytes"])]
        found = (
            row["arrival_ms"],
            row["seq"],
            row["rtp_timestamp"],
            row["ssrc"],
            row["payload_type"],
            row["marker"],
        )
        wanted = (at, packet.seq, packet.rtp_timestamp, packet.ssrc, packet.payload_type, packet.marker)
        assert found == wanted
        assert payload == packet.payload
    assert whole_length(data) == len(data)


@given(RECORDS, st.binary(max_size=300), st.data())
def test_torn_tail(records: list[tuple[int, RtpPacket | None]], junk: bytes, data: st.DataObject) -> None:
    ends = [len(HEADER)]
    whole = HEADER
    for at, packet in records:
        whole += record(at, packet.serialize() if packet else RTCP, packet is None)
        ends.append(len(whole))
    cut = data.draw(st.integers(0, len(whole)))
    assert whole_length(whole[:cut]) == max((end for end in ends if end <= cut), default=0)
    assert whole_length(whole + bytes(4096)) == len(whole)
    table, _ = read_table(whole[:cut])
    assert len(table) <= len(records)
    assert whole_length(whole[: whole_length(whole[:cut])]) == whole_length(whole[:cut])


def test_malformed_records_are_left_out_and_counted() -> None:
    good = RtpPacket(0, 1, 160, 9, b"z" * 20).serialize()
    bad = [
        b"",
        b"z",
        good[:11],
        b"\x40" + good[1:],
        b"\x8f" + good[1:13],
        b"\xa0" + good[1:-1] + b"\xff",
        b"\x90" + good[1:14],
    ]
    data = HEADER + b"".join(record(0, packet, False) for packet in (good, *bad, good))
    # Cut short by the writer: rtptools may store less than came.
    data += struct.pack(">HHI", 8 + 20, len(good), 0) + good[:20]
    table, malformed = read_table(data)
    assert list(table["seq"]) == [1, 1]
    assert malformed == len(bad) + 1


def test_file_that_is_torn_in_its_header_is_empty() -> None:
    for length in range(len(HEADER)):
        assert whole_length(HEADER[:length]) == 0
        table, malformed = read_table(HEADER[:length])
        assert (len(table), malformed) == (0, 0)
    assert len(read_table(HEADER)[0]) == 0


@pytest.mark.parametrize(
    "data", [b"RIFF", b"\x00" * 100, b"#!rtpplay2.0 a/1\n", b"#!rtpplay1.0 " + b"x" * 300]
)
def test_what_is_no_rtpdump_file(data: bytes) -> None:
    for read in (read_table, whole_length):
        with pytest.raises(WireMalformed):
            read(data)


def test_table_of_a_mapped_file_and_of_unequal_packets(tmp_path: Path) -> None:
    packets = [RtpPacket(8, seq, seq * 160, 5, bytes(160 if seq % 3 else 1)) for seq in range(1000)]
    data = HEADER + b"".join(record(one.seq * 20, one.serialize(), False) for one in packets)
    path = tmp_path / "stream-0.rtpdump"
    path.write_bytes(data)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        for form in (data, memoryview(data), mapped):
            table, malformed = read_table(form)
            assert malformed == 0
            assert list(table["payload_bytes"]) == [len(one.payload) for one in packets]
            assert whole_length(form) == len(data)
