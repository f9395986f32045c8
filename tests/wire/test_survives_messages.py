"""What recording clients were seen to get wrong in SIP messages, one test a fault."""

from __future__ import annotations

import pytest

from fonoteka.wire.sip import SipStream, parse_message
from tests.wire.examples import NAMES, datagram, file_bytes, opened


@pytest.mark.parametrize("name", NAMES)
def test_lf_only_lines(name: str) -> None:
    with_lf, with_crlf = opened(file_bytes(f"{name}.sip")), opened(datagram(name))
    assert (with_lf.sdp, with_lf.metadata) == (with_crlf.sdp, with_crlf.metadata)
    assert str(with_lf.message.headers) == str(with_crlf.message.headers)


def test_crlf_before_the_start_line() -> None:
    assert datagram("cube").startswith(b"\r\n")
    assert parse_message(datagram("cube")).call_id == "CUBE-CALL-1@192.0.2.70"


def test_keepalive_does_not_break_the_stream() -> None:
    stream = SipStream()
    assert stream.feed(b"\r\n\r\n") == []
    message = datagram("cisco_bib")
    assert stream.feed(b"\r\n\r\n" + message + b"\r\n\r\n") == [message]
    assert stream.keepalives == 6


def test_large_datagram() -> None:
    data = datagram("opensips")
    padding = b"X-Padding: " + b"x" * 4000 + b"\r\n"
    data = data.replace(b"Require: siprec\r\n", b"Require: siprec\r\n" + padding * 5)
    assert opened(data).metadata is not None


def test_folded_header() -> None:
    data = datagram("cisco_nbr").replace(b"Call-ID: nbr-1", b"Call-ID:\r\n \t nbr-1")
    assert parse_message(data).call_id == "nbr-1@192.0.2.74"


def test_broken_header_line_is_passed_over() -> None:
    data = datagram("cisco_nbr").replace(b"Max-Forwards", b"this is no header\r\n: nor this\r\nMax-Forwards")
    assert parse_message(data).max_forwards == 69


def test_header_that_is_not_utf8() -> None:
    data = datagram("cisco_nbr").replace(b"From: <", b'From: "Caf\xe9" <')
    assert parse_message(data).from_address.name == "Café"


def test_display_name_that_should_be_quoted() -> None:
    data = datagram("cisco_nbr").replace(b"From: <", "From: Иванов, Пётр (офис) <".encode())
    message = parse_message(data)
    assert message.from_address.name == "Иванов, Пётр (офис)"
    assert message.from_address.parameters["tag"] == "nbr-1"


def test_host_name_with_an_underscore() -> None:
    data = datagram("cisco_nbr").replace(b"sip:8501@192.0.2.10:5060 SIP", b"sip:8501@my_recorder:5070 SIP")
    message = parse_message(data)
    assert (message.uri.user, message.uri.host, message.uri.port) == ("8501", "my_recorder", 5070)


def test_unreadable_route_is_left_out() -> None:
    assert b"remote_port;lr" in datagram("webex")
    assert parse_message(datagram("webex")).route == []


def test_parameter_named_self() -> None:
    """`sipmessage` 0.7.1 raises TypeError for it; a required header is refused, an optional one left out."""
    data = datagram("cisco_nbr").replace(b"<sip:7008@192.0.2.74:5060>", b"<sip:7008@192.0.2.74:5060>;self=1")
    assert parse_message(data).contact == []


def test_contact_star_does_not_hinder_the_answer() -> None:
    data = datagram("cisco_nbr").replace(b"Contact: <sip:7008@192.0.2.74:5060>", b"Contact: *")
    assert parse_message(data).contact == []


def test_bare_cr_cannot_travel_into_our_responses() -> None:
    data = datagram("cisco_nbr").replace(b"Call-ID: nbr-1", b"Call-ID: nbr\rX-Evil: 1\x00")
    assert parse_message(data).call_id == "nbr X-Evil: 1 @192.0.2.74"
