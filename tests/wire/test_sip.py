"""SIP messages and their framing in a stream."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sipmessage.address import ADDRESS_EXCEPTION
from sipmessage.mediatype import MEDIATYPE_EXCEPTION
from sipmessage.via import VIA_EXCEPTION

from fonoteka.domain.errors import WireMalformed
from fonoteka.wire.sip import BODY_BYTES_MAX, HEADER_BYTES_MAX, SipStream, parse_message, parse_uri, vias
from tests.wire.examples import datagram

HEAD = (
    b"OPTIONS sip:srs@192.0.2.10 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\n"
    b"From: <sip:a@192.0.2.1>;tag=1\r\n"
    b"To: <sip:srs@192.0.2.10>\r\n"
    b"Call-ID: c\r\n"
    b"CSeq: 1 OPTIONS\r\n"
)


def message(*headers: bytes, body: bytes = b"") -> bytes:
    return HEAD + b"".join(header + b"\r\n" for header in headers) + b"\r\n" + body


def test_compact_forms() -> None:
    parsed = parse_message(
        message(b"m: <sip:a@192.0.2.1:5070>", b"l: 2", b"c: text/plain", b"k: timer", body=b"okay")
    )
    assert parsed.contact[0].uri.port == 5070
    assert parsed.content_type is not None
    assert parsed.content_type.mime_type == "text/plain"
    assert parsed.supported == ["timer"]
    assert parsed.body == b"ok"


@pytest.mark.parametrize(
    ("header", "body"),
    [(b"Content-Length: 3", b"abc"), (b"Content-Length: 99", b"abcdef"), (b"Content-Length: x", b"abcdef")],
    ids=["cut", "too long", "unreadable"],
)
def test_content_length_of_a_datagram(header: bytes, body: bytes) -> None:
    assert parse_message(message(header, body=b"abcdef")).body == body


def test_response_without_a_phrase() -> None:
    headers = message().partition(b"\r\n")[2]
    parsed = parse_message(b"sip/2.0 200\r\n" + headers)
    assert getattr(parsed, "code", None) == 200


def test_repeated_headers_keep_their_order() -> None:
    parsed = parse_message(
        message(b"Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2", b"Record-Route: <sip:p;lr>")
    )
    assert [via.host for via in vias(parsed)] == ["192.0.2.1", "192.0.2.2"]
    assert parsed.record_route[0].uri.host == "p"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b";received=::1;rport=5070;branch=z9hG4bK1", "[::1]"),
        (b";rport=5070;branch=z9hG4bK1;received=2001:db8::9:255", "[2001:db8::9:255]"),
        (b";branch=z9hG4bK1 ; Received = 2001:DB8::1", "[2001:DB8::1]"),
        (
            b";branch=z9hG4bK1;received=::ffff:192.0.2.1, SIP/2.0/TCP [::2];branch=z9hG4bK2",
            "[::ffff:192.0.2.1]",
        ),
        (b";received=[::1];branch=z9hG4bK1", "[::1]"),
        (b";received=192.0.2.7;branch=z9hG4bK1", "192.0.2.7"),
    ],
)
def test_received_as_rfc_3261_and_as_others_write_ipv6(written: bytes, read: str) -> None:
    via = b"SIP/2.0/UDP [2001:db8::1]:5060" + written
    parsed = parse_message(message().replace(b"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1", via))
    found = vias(parsed)[0]
    assert found.parameters["branch"] == "z9hG4bK1"
    named = {name.lower(): value for name, value in found.parameters.items()}
    assert named["received"] == read
    assert parsed.headers["Via"] == via.decode(), "a response echoes what came"


@pytest.mark.parametrize("name", [b"Via", b"From", b"To", b"Call-ID", b"CSeq"])
def test_header_that_every_message_must_have(name: bytes) -> None:
    lines = [line for line in message().split(b"\r\n") if not line.startswith(name + b":")]
    with pytest.raises(WireMalformed):
        parse_message(b"\r\n".join(lines))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"\x00" * 20,
        b"hello\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        message().replace(b"sip:srs@192.0.2.10 SIP", b"http://x SIP"),
        message().replace(b"CSeq: 1 ", b"CSeq: one "),
        message().replace(b"CSeq: 1 ", b"CSeq: 4294967296 "),
        message().replace(b"CSeq: 1 ", b"CSeq: " + b"1" * 5000 + b" "),
        message().replace(b"Call-ID: c", b"Call-ID:"),
        message().replace(b"192.0.2.1:5060;", b"192.0.2.1:66666;"),
        message().replace(b"192.0.2.1:5060;", b"192.0.2.1:5060;self=1;"),
        message().replace(b"sip:srs@192.0.2.10 SIP", b"sip:srs@192.0.2.10:66666 SIP"),
        message(b"Record-Route: <<"),
        HEAD,
        message(*[b"X-%d: 1" % number for number in range(300)]),
        message(*[b"X-Long: " + b"x" * 4000] * 17),
    ],
)
def test_what_is_no_sip_message(data: bytes) -> None:
    with pytest.raises(WireMalformed):
        parse_message(data)


def test_65507_bytes_of_anything() -> None:
    for filler in (b"\r\n", b"a", b"a: b\r\n", b":\r\n", b'"<', b"\x00"):
        with pytest.raises(WireMalformed):
            parse_message((filler * 65507)[:65507])


@pytest.mark.parametrize(
    "value",
    [
        b"tel:+" + b"1" * 8000,
        b"<tel:" + b"1." * 4000 + b">",
        b'"<' * 4000,
        b"<sip:a@b>" + b';a="' * 2000,
        b"<sip:a@b>," * 800,
    ],
    ids=["tel", "tel in brackets", "quotes", "parameters", "list"],
)
@pytest.mark.parametrize("name", [b"Contact", b"Route", b"X-Unknown"])
def test_values_that_would_make_patterns_backtrack(name: bytes, value: bytes) -> None:
    started = time.process_time()
    parsed = parse_message(message(*[name + b": " + value] * 7))
    assert parsed.contact == []
    assert parsed.route == []
    with pytest.raises(WireMalformed):
        parse_message(message().replace(b"To: ", b"To: " + value))
    with pytest.raises(WireMalformed):
        parse_uri(value.decode())
    assert time.process_time() - started < 3


def test_refused_headers_leave_nothing_behind() -> None:
    """`sipmessage` raises shared instances: each raise would add frames, and with them whole messages."""
    for _ in range(3):
        parse_message(message(b"Contact: ???", b"Content-Type: ???"))
        with pytest.raises(WireMalformed):
            parse_message(message(b"Via: ???"))
    for shared in (ADDRESS_EXCEPTION, MEDIATYPE_EXCEPTION, VIA_EXCEPTION):
        assert shared.__traceback__ is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"multipart/mixed;boundary=x;", "multipart/mixed"),
        (b"multipart/mixed; boundary=a b", "multipart/mixed"),
        (b")xed;boundary=x", None),
        (b"", None),
    ],
)
def test_content_type_that_cannot_be_read(written: bytes, read: str) -> None:
    content_type = parse_message(message(b"Content-Type: " + written)).content_type
    assert (content_type.mime_type if content_type else None) == read


def test_uri_with_a_bad_port() -> None:
    with pytest.raises(WireMalformed):
        parse_uri("sip:h_h:99999")
    assert parse_uri("SIP:u_1@h_h:5060;transport=tcp").host == "h_h"
    assert parse_uri("tel:+1234").user == "+1234"


# -- the stream


def test_messages_in_one_read_and_a_message_in_many() -> None:
    one, two = message(b"Content-Length: 3", body=b"abc"), message(b"l : 0")
    assert SipStream().feed(one + two) == [one, two]
    stream = SipStream()
    got = [whole for at in range(len(one)) for whole in stream.feed(one[at : at + 1])]
    assert got == [one]


@given(
    st.lists(
        st.binary(max_size=40).map(lambda body: message(b"Content-Length: %d" % len(body), body=body)),
        max_size=5,
    ),
    st.data(),
)
def test_framing_does_not_depend_on_reads(messages: list[bytes], data: st.DataObject) -> None:
    whole = b"\r\n\r\n".join(messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    stream = SipStream()
    got: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        got += stream.feed(whole[start:end])
    assert got == messages


@pytest.mark.parametrize(
    "bad",
    [
        message(b"Content-Length: x"),
        message(b"Content-Length: -1"),
        message(b"Content-Length: 1", b"Content-Length: 2"),
        message(b"Content-Length: %d" % (BODY_BYTES_MAX + 1)),
        message(b"Content-Length: " + b"9" * 5000),
        b"X" * (HEADER_BYTES_MAX + 1),
        b"X: y\r\n" * (HEADER_BYTES_MAX // 6 + 1),
    ],
)
def test_stream_that_cannot_be_framed(bad: bytes) -> None:
    good = message()
    stream = SipStream()
    assert stream.feed(good + bad) == [good]
    with pytest.raises(WireMalformed):
        stream.feed(b"")
    with pytest.raises(WireMalformed):
        SipStream().feed(bad)


def test_stream_takes_long_bodies_in_small_pieces() -> None:
    body = b"x" * BODY_BYTES_MAX
    whole = message(b"Content-Length: %d" % len(body), body=body)
    stream = SipStream()
    got = [one for at in range(0, len(whole), 64) for one in stream.feed(whole[at : at + 64])]
    assert [len(one) for one in got] == [len(whole)]


def test_every_example_goes_through_a_stream() -> None:
    data = datagram("opensips")
    head, _, body = data.partition(b"\r\n\r\n")
    whole = head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    assert SipStream().feed(whole + whole) == [whole, whole]
