"""Every rule of the answer recipe (RFC 3264, RFC 7866), without sockets."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.capture.sip_answer import (
    STREAMS_MAX,
    Line,
    build_answer,
    build_offer,
    next_origin,
    read_offer,
    sends_audio,
)
from fonoteka.domain.errors import SignallingRefused
from fonoteka.wire.sdp import Origin, SessionDescription, parse_sdp

ORIGIN = Origin("-", 42, 1, "192.0.2.1")
HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"


def answer(offer: str) -> SessionDescription:
    """Our answer to an offer, with the ports 30000, 30002, … by line; read back from its text."""
    lines = read_offer(parse_sdp(offer))
    ports = {index: 30000 + 2 * index for index in range(len(lines))}
    return parse_sdp(str(build_answer(lines, ports, ORIGIN)))


def refusal(offer: str) -> int:
    with pytest.raises(SignallingRefused) as refused:
        read_offer(parse_sdp(offer))
    return refused.value.status


@pytest.mark.parametrize(
    ("offered", "answered"),
    [("sendonly", "recvonly"), ("sendrecv", "recvonly"), ("recvonly", "inactive"), ("inactive", "inactive")],
)
def test_direction(offered: str, answered: str) -> None:
    (line,) = answer(HEAD + f"m=audio 4000 RTP/AVP 0\r\na={offered}\r\n").media
    assert line.direction == answered
    assert line.port == 30000, "a held line keeps its real port"


def test_no_direction_is_sendrecv() -> None:
    assert answer(HEAD + "m=audio 4000 RTP/AVP 0\r\n").media[0].direction == "recvonly"


def test_direction_of_the_session_counts_for_lines_without() -> None:
    offer = HEAD + "a=inactive\r\nm=audio 4000 RTP/AVP 0\r\nm=audio 4002 RTP/AVP 0\r\na=sendonly\r\n"
    assert [line.direction for line in answer(offer).media] == ["inactive", "recvonly"]


@pytest.mark.parametrize("where", ["session", "line"])
def test_hold_by_address_of_zeros(where: str) -> None:
    zeros = "c=IN IP4 0.0.0.0\r\n"
    head = HEAD.replace("c=IN IP4 192.0.2.9\r\n", zeros) if where == "session" else HEAD
    offer = head + "m=audio 4000 RTP/AVP 0\r\n" + (zeros if where == "line" else "")
    lines = read_offer(parse_sdp(offer))
    assert lines[0].held
    assert answer(offer).media[0].direction == "inactive"


def test_as_many_lines_in_the_same_order() -> None:
    offer = HEAD + (
        "m=video 4000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        "m=audio 4002 RTP/AVP 8\r\na=label:a\r\n"
        "m=audio 0 RTP/AVP 8\r\na=label:gone\r\n"
        "m=application 4004 UDP/BFCP *\r\n"
        "m=image 4006 udptl t38\r\n"
        "m=audio 4008 RTP/AVP 0\r\na=label:b\r\n"
    )
    media = answer(offer).media
    assert [(line.kind, line.port) for line in media] == [
        ("video", 0),
        ("audio", 30002),
        ("audio", 0),
        ("application", 0),
        ("image", 0),
        ("audio", 30010),
    ]
    assert [line.protocol for line in media][3:5] == ["UDP/BFCP", "udptl"]


@pytest.mark.parametrize("label", ["0", "1", "a_leg", "2147483647", "rec:1/ü"])
def test_label_is_copied_verbatim(label: str) -> None:
    assert answer(HEAD + f"m=audio 4000 RTP/AVP 0\r\na=label:{label}\r\n").media[0].label == label


def test_labels_duplicate_or_absent() -> None:
    offer = HEAD + "m=audio 4000 RTP/AVP 0\r\na=label:1\r\n" * 2 + "m=audio 4004 RTP/AVP 0\r\n"
    assert [line.label for line in answer(offer).media] == ["1", "1", None]


def test_first_known_codec_and_telephone_event() -> None:
    offer = HEAD + (
        "m=audio 4000 RTP/AVP 18 9 8 0 13 101\r\na=rtpmap:18 G729/8000\r\n"
        "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
    )
    (line,) = answer(offer).media
    assert line.payload_types == (9, 101)
    assert line.formats[101].fmtp == "0-16"


def test_telephone_event_of_the_codecs_clock() -> None:
    offer = HEAD + (
        "m=audio 4000 RTP/AVP 97 111 98\r\na=rtpmap:97 telephone-event/8000\r\n"
        "a=rtpmap:111 OPUS/48000/2\r\na=fmtp:111 useinbandfec=1;stereo=1\r\n"
        "a=rtpmap:98 telephone-event/48000\r\n"
    )
    (line,) = answer(offer).media
    assert line.payload_types == (111, 98)
    assert line.formats[111].channels == 2
    assert not line.formats[111].fmtp, "its writer's wishes are not ours"


def test_codec_differs_per_line() -> None:
    offer = HEAD + "m=audio 4000 RTP/AVP 0\r\nm=audio 4002 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n"
    assert [line.payload_types for line in answer(offer).media] == [(0,), (96,)]


def test_everything_offered_is_known_later() -> None:
    offer = HEAD + "m=audio 4000 RTP/AVP 8 96 19\r\na=rtpmap:96 opus/48000/2\r\n"
    (line,) = read_offer(parse_sdp(offer))
    assert line.known[96].encoding == "OPUS"
    assert line.known[19].encoding == "CN"
    assert line.known[0].encoding == "PCMU", "static payload types need no offer"


def test_an_offer_may_redefine_static_payload_types() -> None:
    offer = HEAD + "m=audio 4000 RTP/AVP 9\r\na=rtpmap:9 PCMA/8000\r\n"
    assert read_offer(parse_sdp(offer))[0].known[9].encoding == "PCMA"


@pytest.mark.parametrize("protocol", ["RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVPF"])
def test_encrypted_lines_are_rejected_beside_plain_ones(protocol: str) -> None:
    mixed = HEAD + f"m=audio 4000 {protocol} 0\r\na=label:s\r\nm=audio 4002 RTP/AVP 0\r\n"
    assert [(line.port, line.protocol) for line in answer(mixed).media] == [(0, protocol), (30002, "RTP/AVP")]
    assert refusal(HEAD + f"m=audio 4000 {protocol} 0\r\n") == 488


@pytest.mark.parametrize(
    "media",
    [
        "",
        "m=video 4000 RTP/AVP 0\r\n",
        "m=audio 0 RTP/AVP 0\r\n",
        "m=audio 4000 RTP/AVP 18\r\n",
        "m=audio 4000 RTP/AVP 2\r\n",
        "m=audio 4000 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n",
        "m=audio 4000 RTP/AVP 13\r\n",
        "m=audio 4000 RTP/AVP 96\r\n",
    ],
)
def test_nothing_usable_is_refused(media: str) -> None:
    assert refusal(HEAD + media) == 488


def test_a_later_offer_may_end_every_stream() -> None:
    offer = parse_sdp(HEAD + "m=audio 0 RTP/AVP 0\r\nm=audio 0 RTP/AVP 0\r\n")
    assert [line.accepted for line in read_offer(offer, first=False)] == [False, False]


def test_lines_past_the_limit_are_rejected() -> None:
    media = answer(HEAD + "m=audio 4000 RTP/AVP 0\r\n" * (STREAMS_MAX + 3)).media
    assert [bool(line.port) for line in media] == [True] * STREAMS_MAX + [False] * 3


def test_a_line_without_a_port_of_ours_is_rejected() -> None:
    lines = read_offer(parse_sdp(HEAD + "m=audio 4000 RTP/AVP 0\r\nm=audio 4002 RTP/AVP 0\r\n"))
    assert [line.port for line in build_answer(lines, {1: 30000}, ORIGIN).media] == [0, 30000]


def test_rtcp_mux_is_granted_only_where_asked() -> None:
    offer = (
        HEAD + "m=audio 4000 RTP/AVP 0\r\na=rtcp-mux\r\na=ptime:20\r\na=3gOoBTC\r\nm=audio 4002 RTP/AVP 0\r\n"
    )
    assert [line.attributes for line in answer(offer).media] == [(("rtcp-mux", None),), ()]


def test_missing_c_and_t_lines() -> None:
    offer = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nm=audio 4000 RTP/AVP 0\r\n"
    assert answer(offer).media[0].port == 30000


def test_address_is_ours_in_both_families() -> None:
    lines = read_offer(parse_sdp(HEAD + "m=audio 4000 RTP/AVP 0\r\n"))
    assert "c=IN IP4 192.0.2.1\r\n" in str(build_answer(lines, {0: 30000}, ORIGIN))
    assert "c=IN IP6 2001:db8::1\r\n" in str(
        build_answer(lines, {0: 30000}, Origin("-", 1, 1, "2001:db8::1"))
    )


def test_version_rises_only_with_a_change() -> None:
    lines = read_offer(parse_sdp(HEAD + "m=audio 4000 RTP/AVP 0\r\n"))
    first = next_origin(None, build_answer(lines, {0: 30000}, ORIGIN))
    same = next_origin(first, build_answer(lines, {0: 30000}, ORIGIN))
    other = next_origin(same, build_answer(lines, {0: 30002}, ORIGIN))
    assert [one.origin.version for one in (first, same, other)] == [1, 1, 2]
    assert {one.origin.session_id for one in (first, same, other)} == {42}


def test_our_offer() -> None:
    offer = parse_sdp(str(build_offer(["10", ""], {0: 30000, 1: 30002}, ORIGIN)))
    assert [(line.port, line.label, line.direction) for line in offer.media] == [
        (30000, "10", "recvonly"),
        (30002, None, "recvonly"),
    ]
    encodings = {one.encoding for one in offer.media[0].formats.values()}
    assert encodings == {"PCMU", "PCMA", "G722", "OPUS", "TELEPHONE-EVENT"}


@pytest.mark.parametrize(
    ("direction", "port", "sends"),
    [("sendonly", 4000, True), ("sendrecv", 4000, True), ("recvonly", 4000, False), ("sendonly", 0, False)],
)
def test_sends_audio(direction: str, port: int, sends: bool) -> None:
    assert sends_audio(parse_sdp(HEAD + f"m=audio {port} RTP/AVP 0\r\na={direction}\r\n")) is sends


KINDS = st.sampled_from(["audio", "video", "text", "application"])
PROTOCOLS = st.sampled_from(["RTP/AVP", "RTP/AVPF", "RTP/SAVP", "UDP/BFCP"])
LINES = st.tuples(
    KINDS, st.integers(0, 65535), PROTOCOLS, st.lists(st.integers(0, 127), min_size=1, max_size=6)
)


@given(st.lists(LINES, max_size=8))
def test_any_offer_is_refused_or_answered_line_by_line(
    described: list[tuple[str, int, str, list[int]]],
) -> None:
    offer = parse_sdp(
        HEAD + "".join(f"m={k} {port} {p} {' '.join(map(str, types))}\r\n" for k, port, p, types in described)
    )
    with suppress(SignallingRefused):
        lines = read_offer(offer)
        check(lines, described)


def check(lines: Sequence[Line], described: list[tuple[str, int, str, list[int]]]) -> None:
    media = parse_sdp(str(build_answer(lines, dict.fromkeys(range(8), 30000), ORIGIN))).media
    assert [(line.kind, line.protocol) for line in media] == [(k, p) for k, _, p, _ in described]
    for line, (kind, port, protocol, types) in zip(media, described, strict=True):
        if line.port:
            assert kind == "audio"
            assert port
            assert protocol in ("RTP/AVP", "RTP/AVPF")
            assert set(line.payload_types) <= set(types)
