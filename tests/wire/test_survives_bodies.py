"""What recording clients were seen to get wrong in bodies, one test a fault."""

from __future__ import annotations

import pytest

from fonoteka.domain.errors import SdpMalformed
from fonoteka.wire.multipart import parse_multipart
from fonoteka.wire.sdp import parse_sdp
from fonoteka.wire.sip import parse_message
from tests.wire.examples import datagram, metadata_part, opened, sdp_part

SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"
XML = b'<recording><session session_id="s"/></recording>'


def body(*parts: bytes, end: bytes = b"--b--\r\n") -> bytes:
    return b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + end


@pytest.mark.parametrize(
    "written",
    [
        "application/rs-metadata",
        "application/rs-metadata+xml",
        "application/xml",
        "Application/RS-Metadata+XML",
    ],
)
def test_metadata_part_of_any_type(written: str) -> None:
    parts = parse_multipart(
        "multipart/mixed;boundary=b",
        body(
            b"Content-Type: application/sdp\r\n\r\n" + SDP, f"Content-Type: {written}\r\n\r\n".encode() + XML
        ),
    )
    found = metadata_part(parts)
    assert found is not None
    assert found.body == XML


def test_parameters_after_the_part_type() -> None:
    head = (
        b"Content-Type: application/rs-metadata+xml;charset=UTF-8\r\n"
        b"Content-Disposition: recording-session;handling=required\r\n\r\n"
    )
    (found,) = parse_multipart("multipart/mixed;boundary=b", body(head + XML))
    assert (found.content_type, found.disposition) == ("application/rs-metadata+xml", "recording-session")
    assert found.headers["content-type"].endswith("charset=UTF-8")


def test_metadata_before_sdp() -> None:
    found = opened(datagram("webex"))
    assert found.sdp is not None
    assert found.metadata is not None


def test_third_part_that_is_optional() -> None:
    message = parse_message(datagram("cube"))
    parts = parse_multipart(message.headers["Content-Type"], message.body)
    assert [part.content_type for part in parts] == [
        "application/sdp",
        "application/rs-metadata+xml",
        "application/gtd",
    ]
    assert parts[2].headers["content-disposition"] == "signal;handling=optional"


def test_header_without_a_space_after_its_colon() -> None:
    found = opened(datagram("broadworks"))
    assert found.message.call_id == "BW-1@192.0.2.100"
    assert found.message.headers.get("Supported") == ""
    assert found.metadata is not None


def test_space_after_boundary_parameter_and_delimiters() -> None:
    assert b"boundary=unique-boundary-1 \r\n" in datagram("oracle")
    assert b"--unique-boundary-1-- \r\n" in datagram("oracle")
    found = opened(datagram("oracle"))
    assert found.sdp is not None
    assert found.metadata is not None


@pytest.mark.parametrize("name", ["procomm", "drachtio_client", "cube"])
def test_closing_delimiter_missing(name: str) -> None:
    assert not datagram(name).rstrip().endswith(b"--")
    assert opened(datagram(name)).metadata is not None


def test_blank_lines_before_the_first_boundary() -> None:
    assert opened(datagram("broadworks")).message.body.startswith(b"\r\n--UniqueBroadWorksBoundary")
    parts = parse_multipart(
        "multipart/mixed;boundary=b", b"\r\n\r\n\r\n" + body(b"Content-Type: a/b\r\n\r\nx")
    )
    assert [part.body for part in parts] == [b"x"]


def test_disposition_missing() -> None:
    message = parse_message(datagram("drachtio_client"))
    found = metadata_part(parse_multipart(message.headers["Content-Type"], message.body))
    assert found is not None
    assert found.disposition == ""


def test_bare_xml_body_is_not_sdp() -> None:
    message = parse_message(datagram("avaya_sbce_update"))
    parts = parse_multipart(message.headers["Content-Type"], message.body)
    assert sdp_part(parts) is None
    assert metadata_part(parts) is not None
    with pytest.raises(SdpMalformed):
        parse_sdp(message.body)


def test_metadata_in_bye() -> None:
    data = datagram("avaya_sbce_update").replace(b"UPDATE", b"BYE")
    found = opened(data)
    assert found.message.cseq.method == "BYE"
    assert found.metadata is not None


def test_invite_without_metadata_or_body() -> None:
    assert opened(datagram("cisco_nbr")).metadata is None
    assert parse_multipart("", parse_message(datagram("cisco_bib")).body) == ()


def test_boundary_parameter_that_does_not_fit_the_body() -> None:
    part = b"Content-Type: application/sdp\r\n\r\n" + SDP
    for content_type in ("multipart/mixed", "multipart/mixed;boundary=other", 'multipart/mixed;boundary=""'):
        assert len(parse_multipart(content_type, body(part, part))) == 2
