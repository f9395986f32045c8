from datetime import UTC, datetime

import pytest

from fonoteka.domain.errors import WireMalformed
from fonoteka.wire.metadata import *
from fonoteka.wire.multipart import *
from fonoteka.wire.parties import parties, senders
from fonoteka.wire.rtp import *
from fonoteka.wire.rtpdump import *
from fonoteka.wire.rtpdump_table import read_table
from fonoteka.wire.sdp import *
from fonoteka.wire.sip import *

OFFER = (
    b"v=0\r\no=src 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=label:1\r\na=sendonly\r\n"
    b"m=audio 40002 RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\na=label:2\r\na=sendonly\r\n"
)
META = RecordingMetadata(
    session_id="s",
    group_id="g",
    sip_session_ids=("x",),
    start_time="2025-01-01T00:00:00Z",
    participants=(
        MetadataParticipant("p1", "sip:101@a", "Анна", ("1",), ("2",)),
        MetadataParticipant("p2", "sip:+7495@a", "B & <C>", ("2",), ("1",)),
    ),
    streams=(MetadataStream("1", "1", "s"), MetadataStream("2", "2", "s")),
)


def test_whole() -> None:
    value, body = build_multipart(
        (
            Part("application/sdp", "session", {}, OFFER),
            Part("application/rs-metadata+xml", "recording-session", {}, build_metadata(META)),
        ),
        "b",
    )
    raw = (
        "INVITE sip:srs@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1\r\nFrom: Иван П. <sip:a@b>;tag=1\r\n"
        f"To: <sip:srs@127.0.0.1>\r\nCall-ID: abc\r\nCSeq: 1 INVITE\r\nl: {len(body)}\r\nc: {value}\r\n\r\n"
    ).encode() + body
    stream = SipStream()
    got = [m for i in range(len(raw)) for m in stream.feed(raw[i : i + 1])]
    assert got == [raw]
    message = parse_message(raw)
    assert message.from_address.name == "Иван П."
    sdp, xml = parse_multipart(message.headers["Content-Type"], message.body)
    assert sdp.body == OFFER
    session = parse_sdp(sdp.body)
    assert parse_sdp(str(session)) == session
    assert parse_metadata(xml.body) == META
    assert parties(META) == (("p1", "calling"), ("p2", "called"))
    assert senders(META, "2") == ("p2",)


def test_rtpdump() -> None:
    packet = RtpPacket(8, 65535, 160, 7, b"x" * 160, True, (1, 2), (0xBEDE, b"abcd"), 4)
    assert RtpPacket.parse(packet.serialize()) == packet
    data = file_header(datetime.now(UTC), "127.0.0.1", 4000) + record(5, packet.serialize(), False)
    assert whole_length(data + b"abc") == len(data)
    table, malformed = read_table(
        data + record(1, b"\x80\xc8aaaaaa", True) + record(1, b"zzz", False) + b"\0\xff"
    )
    assert malformed == 1
    assert len(table) == 1
    at = int(table["payload_at"][0])
    assert data[at : at + int(table["payload_bytes"][0])] == b"x" * 160
    with pytest.raises(WireMalformed):
        read_table(b"nope")
