"""Session descriptions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.domain.errors import SdpMalformed
from fonoteka.domain.sealed import MediaFormat
from fonoteka.wire.sdp import (
    MEDIA_MAX,
    SDP_BYTES_MAX,
    STATIC_FORMATS,
    Direction,
    MediaDescription,
    Origin,
    SessionDescription,
    parse_sdp,
)

TOKENS = st.from_regex(r"[0-9A-Za-z.+-]{1,12}", fullmatch=True)
TEXTS = st.from_regex(r"[!-~а-я]([ -~а-я]{0,20}[!-~а-я])?", fullmatch=True)
ADDRESSES = st.one_of(st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(str), st.just("sbc.example"))
ATTRIBUTE_NAMES = TOKENS.filter(lambda name: name not in {"rtpmap", "fmtp", "label", *Direction})
ATTRIBUTES = st.lists(st.tuples(ATTRIBUTE_NAMES, st.none() | TEXTS), max_size=3).map(tuple)
FORMATS = st.builds(
    MediaFormat,
    encoding=TOKENS.map(str.upper),
    clock_hz=st.integers(1, 192_000),
    channels=st.integers(1, 8),
    fmtp=st.just("") | TEXTS,
)


@st.composite
def media_descriptions(draw: st.DrawFn) -> MediaDescription:
    payload_types = draw(st.lists(st.integers(0, 127), max_size=4, unique=True))
    formats = {
        number: draw(FORMATS) for number in payload_types if number in STATIC_FORMATS or draw(st.booleans())
    }
    return MediaDescription(
        kind=draw(st.sampled_from(["audio", "video", "image"])),
        port=draw(st.integers(0, 65535)),
        protocol=draw(st.sampled_from(["RTP/AVP", "RTP/SAVP", "udptl"])),
        payload_types=tuple(payload_types),
        formats=formats,
        address=draw(st.none() | ADDRESSES),
        direction=draw(st.none() | st.sampled_from(Direction)),
        label=draw(st.none() | TEXTS),
        attributes=draw(ATTRIBUTES),
        other_formats=draw(st.sampled_from([(), ("t38",), ("128", "x-y")])),
    )


SESSIONS = st.builds(
    SessionDescription,
    origin=st.builds(
        Origin,
        username=TOKENS,
        session_id=st.integers(0, 2**64 - 1),
        version=st.integers(0, 2**64 - 1),
        address=ADDRESSES,
    ),
    name=TEXTS,
    address=st.none() | ADDRESSES,
    media=st.lists(media_descriptions(), max_size=4).map(tuple),
    attributes=ATTRIBUTES,
)


@given(SESSIONS)
def test_round_trip(session: SessionDescription) -> None:
    assert parse_sdp(str(session)) == session
    assert parse_sdp(str(session).replace("\r\n", "\n").encode()) == session


def test_written_form() -> None:
    media = MediaDescription(
        "audio",
        40_000,
        "RTP/AVP",
        (8, 101),
        {8: MediaFormat("PCMA", 8000), 101: MediaFormat("TELEPHONE-EVENT", 8000, 1, "0-15")},
        direction=Direction.RECVONLY,
        label="1",
    )
    session = SessionDescription(Origin("-", 7, 2, "192.0.2.1"), "Fonoteka", "2001:db8::1", (media,))
    assert str(session).split("\r\n") == [
        "v=0",
        "o=- 7 2 IN IP4 192.0.2.1",
        "s=Fonoteka",
        "c=IN IP6 2001:db8::1",
        "t=0 0",
        "m=audio 40000 RTP/AVP 8 101",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        "a=label:1",
        "a=recvonly",
        "",
    ]


def test_origin_that_is_odd() -> None:
    assert parse_sdp("v=0\no=me x1 0099 IN IP4 h\nm=audio 1 a 0\n").origin == Origin("me", 0, 99, "h")
    assert parse_sdp("v=0\no=too few\n").origin == Origin()
    huge = "9" * 5000
    assert parse_sdp(f"v=0\no=- {huge} 1 IN IP4 h\n").origin.session_id == 0


def test_multicast_suffix_is_cut_off() -> None:
    assert parse_sdp("v=0\nc=IN IP4 233.252.0.1/127/3\n").address == "233.252.0.1"


def test_hold_of_a_session_wins_over_sendonly() -> None:
    session = parse_sdp(
        "v=0\nc=IN IP4 0.0.0.0\nm=audio 4 RTP/AVP 0\na=sendonly\nm=audio 6 RTP/AVP 0\nc=IN IP4 192.0.2.1\n"
    )
    first, second = session.media
    assert first.effective_direction(session) is Direction.INACTIVE
    assert second.effective_direction(session) is Direction.SENDRECV


@pytest.mark.parametrize(
    "data",
    [
        "",
        "hello",
        "<?xml version='1.0'?><recording/>",
        "s=only a name",
        "v=0\nm=audio",
        "v=0\nm=audio x RTP/AVP 0",
        "v=0\nm=audio 65536 RTP/AVP 0",
        "v=0\n" + "m=audio 0 RTP/AVP 0\n" * (MEDIA_MAX + 1),
        "v=0\n" + "a=x\n" * 10_000,
        "v=0\na=" + "x" * SDP_BYTES_MAX,
    ],
)
def test_what_is_no_session_description(data: str) -> None:
    for form in (data, data.encode()):
        with pytest.raises(SdpMalformed):
            parse_sdp(form)
