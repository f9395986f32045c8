"""What recording clients were seen to get wrong in session descriptions, one test a fault."""

from __future__ import annotations

import pytest

from fonoteka.domain.call import Party
from fonoteka.domain.sealed import MediaFormat
from fonoteka.wire.parties import parties, senders
from fonoteka.wire.sdp import Direction, parse_sdp
from tests.wire.examples import datagram, opened

SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"


def test_mid_call_offer_without_direction() -> None:
    session = parse_sdp(SDP)
    assert session.media[0].direction is None
    assert session.media[0].effective_direction(session) is Direction.SENDRECV


@pytest.mark.parametrize("where", ["session", "media"])
def test_hold_as_an_address_of_zeros(where: str) -> None:
    zeros = b"c=IN IP4 0.0.0.0\r\n"
    data = SDP.replace(b"c=IN IP4 192.0.2.1\r\n", zeros) if where == "session" else SDP + zeros
    session = parse_sdp(data)
    assert session.media[0].effective_direction(session) is Direction.INACTIVE


def test_direction_of_the_session_counts_for_its_media() -> None:
    session = parse_sdp(
        SDP.replace(b"t=0 0\r\n", b"t=0 0\r\na=inactive\r\n") + b"m=audio 4002 RTP/AVP 8\r\na=sendonly\r\n"
    )
    directions = [one.effective_direction(session) for one in session.media]
    assert directions == [Direction.INACTIVE, Direction.SENDONLY]


def test_starts_inactive() -> None:
    found = opened(datagram("cube"))
    assert found.sdp is not None
    assert [one.direction for one in found.sdp.media] == [Direction.INACTIVE] * 2


def test_labels_verbatim() -> None:
    for label in ("0", "553654187", "a_leg", "Метка 1"):
        session = parse_sdp(SDP + f"a=label:{label}\r\n".encode())
        assert session.media[0].label == label
        assert f"a=label:{label}\r\n" in str(session)


def test_labels_duplicate_or_absent() -> None:
    data = SDP + b"a=label:1\r\nm=audio 2 RTP/AVP 8\r\na=label:1\r\nm=audio 4 RTP/AVP 8\r\n"
    assert [one.label for one in parse_sdp(data).media] == ["1", "1", None]


def test_label_1_may_be_the_callee() -> None:
    metadata = opened(datagram("ribbon")).metadata
    assert metadata is not None
    (heard,) = senders(metadata, "1")
    assert dict(parties(metadata))[heard] is Party.CALLED


def test_one_line_carrying_both_parties() -> None:
    metadata = opened(datagram("mod_siprec")).metadata
    assert metadata is not None
    assert len(senders(metadata, "1")) == 2


def test_metadata_stream_without_an_m_line() -> None:
    found = opened(datagram("avaya_sbce"))
    assert found.metadata is not None
    assert found.sdp is not None
    assert [one.label for one in found.metadata.streams] == ["10", "20"]
    assert len(found.sdp.media) == 1
    assert senders(found.metadata, "20") == ()


def test_more_lines_video_and_port_zero() -> None:
    more = (
        b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        b"m=image 5000 udptl t38\r\nm=audio 7000/2 RTP/SAVP 0\r\n"
    )
    session = parse_sdp(SDP + more)
    assert [(one.kind, one.port, one.protocol) for one in session.media] == [
        ("audio", 4000, "RTP/AVP"),
        ("video", 0, "RTP/AVP"),
        ("image", 5000, "udptl"),
        ("audio", 7000, "RTP/SAVP"),
    ]
    assert session.media[2].other_formats == ("t38",)
    assert "m=image 5000 udptl t38\r\n" in str(session)


def test_connection_and_time_missing() -> None:
    found = opened(datagram("connectel"))
    assert found.sdp is not None
    assert found.sdp.media[0].effective_address(found.sdp) is None
    assert found.sdp.media[0].effective_direction(found.sdp) is Direction.SENDONLY


def test_invalid_attribute() -> None:
    session = parse_sdp(SDP + b"a=3gOoBTC\r\na=rtpmap:x y/z\r\na=rtpmap:96 zero/0\r\nnonsense\r\na=\r\n")
    assert ("3gOoBTC", None) in session.media[0].attributes
    assert set(session.media[0].formats) == {8}


def test_static_payload_types_without_rtpmap() -> None:
    formats = parse_sdp(SDP.replace(b"RTP/AVP 8", b"RTP/AVP 9 0 8 2 18 3")).media[0].formats
    assert {number: one.encoding for number, one in formats.items()} == {
        9: "G722",
        0: "PCMU",
        8: "PCMA",
        2: "G726-32",
        18: "G729",
        3: "GSM",
    }
    assert all(one.clock_hz == 8000 for one in formats.values())


def test_codec_differs_per_line_and_telephone_event_at_48_khz() -> None:
    found = opened(datagram("webex"))
    assert found.sdp is not None
    first, second = found.sdp.media
    assert first.formats[107] == MediaFormat("TELEPHONE-EVENT", 48000, 1, "0-15")
    assert second.formats[second.payload_types[0]] == MediaFormat("G722", 8000)


def test_comfort_noise_as_payload_type_19() -> None:
    assert parse_sdp(SDP.replace(b"RTP/AVP 8", b"RTP/AVP 8 19")).media[0].formats[19].encoding == "CN"


def test_opus_in_upper_case() -> None:
    found = opened(datagram("webex"))
    assert found.sdp is not None
    assert found.sdp.media[0].formats[111] == MediaFormat("OPUS", 48000, 2, "useinbandfec=1")
    assert "a=rtpmap:111 opus/48000/2\r\n" in str(found.sdp)
