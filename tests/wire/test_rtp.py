"""RTP and RTCP packets."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from fonoteka.wire.rtcp import (
    GOODBYE,
    SENDER_REPORT,
    SOURCE_DESCRIPTION,
    Goodbye,
    SenderReport,
    SourceDescription,
    serialize_rtcp,
)
from fonoteka.wire.rtp import is_rtcp
from tests.rtp_packets import RtpPacket, rtcp_packets

U16, U32, U64 = (st.integers(0, 2**bits - 1) for bits in (16, 32, 64))

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


def test_the_packets_of_these_tests_are_those_of_the_rfc() -> None:
    packet = RtpPacket(8, 0x1234, 0x01020304, 0xA0B0C0D0, b"\xd5\xd5", True, (7,), (0xBEDE, b"abcd"), 2)
    assert packet.serialize().hex(" ") == (
        "b1 88 12 34 01 02 03 04 a0 b0 c0 d0 00 00 00 07 be de 00 01 61 62 63 64 d5 d5 00 02"
    )
    assert RtpPacket.parse(packet.serialize()) == packet


def test_rtcp_layout() -> None:
    assert SenderReport(1, 2 << 32 | 3, 4, 5, 6).serialize().hex(" ", 4) == (
        "80c80006 00000001 00000002 00000003 00000004 00000005 00000006"
    )
    assert (
        SourceDescription(1, "ab").serialize().hex(" ") == "81 ca 00 03 00 00 00 01 01 02 61 62 00 00 00 00"
    )
    assert Goodbye(1).serialize().hex(" ") == "81 cb 00 01 00 00 00 01"


@given(U32, U64, U32, U32, U32, st.text(max_size=60))
def test_a_compound_datagram(
    ssrc: int, ntp_time: int, rtp_timestamp: int, count: int, octets: int, cname: str
) -> None:
    report = SenderReport(ssrc, ntp_time, rtp_timestamp, count, octets)
    data = serialize_rtcp((report, SourceDescription(ssrc, cname), Goodbye(ssrc)))
    assert is_rtcp(data)
    first, second, third = rtcp_packets(data)
    assert (first[0], second[0], third[0]) == (SENDER_REPORT, SOURCE_DESCRIPTION, GOODBYE)
    assert struct.unpack(">IQIII", first[2]) == (ssrc, ntp_time, rtp_timestamp, count, octets)
    name = second[2][6 : 6 + second[2][5]]
    assert (second[1], second[2][4], name.decode()) == (1, 1, cname)
    assert second[2][6 + len(name) :] in (b"\0", b"\0\0", b"\0\0\0", b"\0\0\0\0")
    assert third[1:] == (1, struct.pack(">I", ssrc))


def test_demultiplexing() -> None:
    for kind in range(256):
        assert is_rtcp(bytes([0x80, kind]) + bytes(10)) == (192 <= kind <= 223)
    assert not is_rtcp(b"\x80\xc8")
    assert not is_rtcp(b"\x40\xc8" + bytes(10))
