"""RTP and RTCP packets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.domain.errors import WireMalformed
from fonoteka.wire.rtcp import (
    CNAME,
    Goodbye,
    ReceiverReport,
    ReceptionReport,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    parse_rtcp,
    serialize_rtcp,
)
from fonoteka.wire.rtp import RtpPacket, is_rtcp

U8, U16, U32, U64 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32, 64))

RTP_PACKETS = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127),
    seq=U16,
    rtp_timestamp=U32,
    ssrc=U32,
    payload=st.binary(max_size=200),
    marker=st.booleans(),
    csrcs=st.lists(U32, max_size=15).map(tuple),
    extension=st.none()
    | st.tuples(U16, st.integers(0, 5).flatmap(lambda n: st.binary(min_size=4 * n, max_size=4 * n))),
    padding_bytes=st.integers(0, 255),
)
REPORTS = st.lists(
    st.builds(
        ReceptionReport,
        ssrc=U32,
        fraction_lost=U8,
        packets_lost=st.integers(-(2**23), 2**23 - 1),
        highest_seq=U32,
        jitter=U32,
        last_sender_report=U32,
        delay_since_last=U32,
    ),
    max_size=3,
).map(tuple)
ITEMS = st.lists(st.tuples(st.integers(1, 8), st.text(max_size=60)), max_size=3).map(tuple)
RTCP_PACKETS: st.SearchStrategy[RtcpPacket] = st.one_of(
    st.builds(
        SenderReport,
        ssrc=U32,
        ntp_time=U64,
        rtp_timestamp=U32,
        packet_count=U32,
        octet_count=U32,
        reports=REPORTS,
    ),
    st.builds(ReceiverReport, ssrc=U32, reports=REPORTS),
    st.builds(SourceDescription, chunks=st.lists(st.tuples(U32, ITEMS), max_size=3).map(tuple)),
    st.builds(Goodbye, ssrcs=st.lists(U32, max_size=3).map(tuple), reason=st.text(max_size=60)),
)


@given(RTP_PACKETS)
def test_rtp_round_trip(packet: RtpPacket) -> None:
    data = packet.serialize()
    assert RtpPacket.parse(data) == packet


def test_rtp_layout() -> None:
    packet = RtpPacket(8, 0x1234, 0x01020304, 0xA0B0C0D0, b"\xd5\xd5", True, (7,), (0xBEDE, b"abcd"), 2)
    assert packet.serialize().hex(" ") == (
        "b1 88 12 34 01 02 03 04 a0 b0 c0 d0 00 00 00 07 be de 00 01 61 62 63 64 d5 d5 00 02"
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x08" + bytes(9),
        b"\x40\x08" + bytes(10),
        b"\x81\x08" + bytes(10),
        b"\x90\x08" + bytes(10),
        b"\x90\x08" + bytes(10) + b"\xbe\xde\x00\x02abcd",
        b"\xa0\x08" + bytes(10) + b"x\x00",
        b"\xa0\x08" + bytes(10) + b"x\x03",
        b"\xa0\x08" + bytes(10),
    ],
    ids=[
        "empty",
        "short",
        "version",
        "csrc",
        "extension head",
        "extension",
        "padding 0",
        "padding long",
        "padding none",
    ],
)
def test_what_is_no_rtp_packet(data: bytes) -> None:
    with pytest.raises(WireMalformed):
        RtpPacket.parse(data)


@given(st.lists(RTCP_PACKETS, max_size=4).map(tuple))
def test_rtcp_round_trip(packets: tuple[RtcpPacket, ...]) -> None:
    data = serialize_rtcp(packets)
    assert len(data) % 4 == 0
    assert parse_rtcp(data) == packets
    assert all(is_rtcp(packet.serialize()) for packet in packets if len(packet.serialize()) >= 8)


def test_rtcp_layout() -> None:
    sdes = SourceDescription(((1, ((CNAME, "ab"),)),))
    assert sdes.serialize().hex(" ") == "81 ca 00 03 00 00 00 01 01 02 61 62 00 00 00 00"
    assert Goodbye((1,), "bye").serialize().hex(" ") == "81 cb 00 02 00 00 00 01 03 62 79 65"


def test_rtcp_of_other_kinds_and_padding() -> None:
    feedback = b"\x81\xce\x00\x02" + bytes(8)
    padded = b"\xa0\xc9\x00\x02" + b"\x00\x00\x00\x05" + b"\x00\x00\x00\x04"
    assert parse_rtcp(feedback + padded) == (ReceiverReport(5),)


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\xc9",
        b"\x80\xc9\x00\x01",
        b"\x00\xc9\x00\x00",
        b"\x81\xc9\x00\x01" + bytes(4),
        b"\x81\xca\x00\x02" + bytes(4) + b"\x01\x09ab",
        b"\x81\xca\x00\x01" + bytes(4),
        b"\x82\xcb\x00\x01" + bytes(4),
        b"\xa0\xc9\x00\x01" + b"\x00\x00\x00\x09",
    ],
)
def test_what_is_no_rtcp_packet(data: bytes) -> None:
    with pytest.raises(WireMalformed):
        parse_rtcp(data)


def test_demultiplexing() -> None:
    for kind in range(256):
        assert is_rtcp(bytes([0x80, kind]) + bytes(10)) == (192 <= kind <= 223)
    assert not is_rtcp(b"\x80\xc8")
    assert not is_rtcp(b"\x40\xc8" + bytes(10))
