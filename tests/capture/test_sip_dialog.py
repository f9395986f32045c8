"""Dialogs, session timers and header reading, without sockets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.capture.session_timer import SessionTimer, negotiate
from fonoteka.capture.sip_dialog import Dialog
from fonoteka.capture.sip_headers import NameAddress, SipUri, Via, host_and_port, split_outside_quotes
from fonoteka.capture.sip_message import Flow, IncomingRequest, read_request, render, respond
from fonoteka.domain.errors import SignallingRefused, WireMalformed
from fonoteka.wire.sip import parse_message

UDP = Flow("UDP", "192.0.2.9", 5070)
TCP = Flow("TCP", "192.0.2.9", 40000, connection=7)


def request(*headers: str, method: str = "INVITE", flow: Flow = UDP, cseq: int = 5) -> IncomingRequest:
    lines = (
        f"{method} sip:srs@192.0.2.1 SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK-1",
        "From: <sip:a@b>;tag=theirs",
        "To: <sip:srs@192.0.2.1>",
        "Call-ID: c1",
        f"CSeq: {cseq} {method}",
        *headers,
        "Content-Length: 0",
    )
    raw = "\r\n".join((*lines, "", "")).encode()
    return read_request(parse_message(raw), raw, flow)  # type: ignore[arg-type]


def sent(dialog: Dialog) -> tuple[list[str], Flow]:
    data, there = dialog.request("BYE", "z9hG4bK-b", "192.0.2.1:5060")
    return data.decode().split("\r\n"), there


def test_our_request_in_a_dialog() -> None:
    dialog = Dialog.open(request("Contact: <sip:src@192.0.2.9:5099>"))
    lines, there = sent(dialog)
    assert lines[0] == "BYE sip:src@192.0.2.9:5099 SIP/2.0"
    assert lines[1] == "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-b;rport"
    assert f"From: <sip:srs@192.0.2.1>;tag={dialog.local_tag}" in lines
    assert "To: <sip:a@b>;tag=theirs" in lines
    assert "CSeq: 1 BYE" in lines
    assert there == Flow("UDP", "192.0.2.9", 5099)
    assert "CSeq: 2 BYE" in sent(dialog)[0]


@pytest.mark.parametrize(
    ("contact", "there"),
    [
        ("<sip:src@192.0.2.9>", Flow("UDP", "192.0.2.9", 5060)),
        ("<sip:src@[2001:db8::9]:5071>", Flow("UDP", "2001:db8::9", 5071)),
        ("<sip:src@192.0.2.9:5099;transport=tcp>", Flow("TCP", "192.0.2.9", 5099)),
        ("<sip:src@pbx.example.test>", UDP),
        ("sip:src@192.0.2.9:5099;src", Flow("UDP", "192.0.2.9", 5099)),
        ("<tel:+123>", UDP),
    ],
)
def test_where_our_requests_go(contact: str, there: Flow) -> None:
    assert sent(Dialog.open(request(f"Contact: {contact}")))[1] == there


def test_over_tcp_the_open_connection_is_used() -> None:
    dialog = Dialog.open(request("Contact: <sip:src@192.0.2.9:5099>", flow=TCP))
    assert sent(dialog)[1] == Flow("TCP", "192.0.2.9", 5099, connection=7)


def test_route_set_in_order_by_the_loose_router() -> None:
    dialog = Dialog.open(
        request(
            "Record-Route: <sip:10.0.0.1:5081;lr>, <sip:10.0.0.2;lr>",
            "Record-Route: <sip:10.0.0.3;lr>",
            "Contact: <sip:src@192.0.2.9>",
        )
    )
    lines, there = sent(dialog)
    assert [line for line in lines if line.startswith("Route")] == [
        "Route: <sip:10.0.0.1:5081;lr>",
        "Route: <sip:10.0.0.2;lr>",
        "Route: <sip:10.0.0.3;lr>",
    ]
    assert lines[0].startswith("BYE sip:src@192.0.2.9 ")
    assert there == Flow("UDP", "10.0.0.1", 5081)


def test_strict_router_stands_in_the_request_line() -> None:
    dialog = Dialog.open(
        request("Record-Route: <sip:10.0.0.1>, <sip:10.0.0.2;lr>", "Contact: <sip:src@192.0.2.9>")
    )
    lines, there = sent(dialog)
    assert lines[0].startswith("BYE sip:10.0.0.1 ")
    assert [line for line in lines if line.startswith("Route")] == [
        "Route: <sip:10.0.0.2;lr>",
        "Route: <sip:src@192.0.2.9>",
    ]
    assert there == Flow("UDP", "10.0.0.1", 5060)


def test_target_is_refreshed_and_order_is_kept() -> None:
    dialog = Dialog.open(request("Contact: <sip:src@192.0.2.9>"))
    moved = Flow("UDP", "192.0.2.10", 5070)
    dialog.receive(request("Contact: <sip:src@192.0.2.10>", method="UPDATE", cseq=6, flow=moved))
    assert sent(dialog)[1].host == "192.0.2.10"
    assert dialog.flow == moved
    with pytest.raises(SignallingRefused) as refused:
        dialog.receive(request(method="UPDATE", cseq=6))
    assert refused.value.status == 500
    dialog.receive(request(method="BYE", cseq=1))


def test_without_contact_the_from_is_the_target() -> None:
    assert sent(Dialog.open(request()))[0][0] == "BYE sip:a@b SIP/2.0"


def test_record_route_is_echoed_in_2xx_only() -> None:
    asked = request("Record-Route: <sip:10.0.0.1;lr>", "Timestamp: 54")
    assert b"Record-Route: <sip:10.0.0.1;lr>\r\n" in respond(asked, 200, tag="t")
    assert b"Record-Route" not in respond(asked, 488, tag="t")
    assert b"Timestamp: 54\r\n" in respond(asked, 100)


def test_an_echo_cannot_add_lines() -> None:
    data = render("SIP/2.0 200 OK", [("From", "<sip:a@b>\r\nEvil: 1"), ("To", "x\ry\nz")], "", b"")
    assert data.split(b"\r\n")[1] == b"From: <sip:a@b>  Evil: 1"
    assert b"\r" not in data.split(b"\r\n")[2]
    assert b"\n" not in data.split(b"\r\n")[2]


@pytest.mark.parametrize(
    ("headers", "timer"),
    [
        ((), SessionTimer(1800, "uas", announced=False, required=False)),
        (("Supported: timer",), SessionTimer(1800, "uac", announced=True, required=True)),
        (("Supported: timer", "Session-Expires: 600"), SessionTimer(600, "uac", True, True)),
        (("k: timer", "x: 600;refresher=uas"), SessionTimer(600, "uas", True, False)),
        (("Supported: timer", "Session-Expires: 7200"), SessionTimer(1800, "uac", True, True)),
        (
            ("Supported: timer", "Session-Expires: 7200", "Min-SE: 3600"),
            SessionTimer(3600, "uac", True, True),
        ),
        (
            ("Supported: timer", "Session-Expires: 1800", "Min-SE: 1800"),
            SessionTimer(1800, "uac", True, True),
        ),
        (("Session-Expires: 600",), SessionTimer(600, "uas", True, False)),
        (("Session-Expires: 30",), SessionTimer(90, "uas", True, False)),
        (("Supported: timer", "Session-Expires: 600;refresher=cat"), SessionTimer(600, "uac", True, True)),
    ],
)
def test_session_timer(headers: tuple[str, ...], timer: SessionTimer) -> None:
    assert negotiate(request(*headers), 1800) == timer


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (("Supported: timer", "Session-Expires: 60"), 422),
        (("Session-Expires: soon",), 400),
        (("Session-Expires: -1",), 400),
        (("Session-Expires: 99999999999999999999",), 400),
    ],
)
def test_session_timer_refused(headers: tuple[str, ...], status: int) -> None:
    with pytest.raises(SignallingRefused) as refused:
        negotiate(request(*headers), 1800)
    assert refused.value.status == status


def test_session_ends_before_its_interval_does() -> None:
    assert SessionTimer(1800, "uac", True, True).expires_after_s == 1768
    assert SessionTimer(90, "uac", True, True).expires_after_s == 60
    assert SessionTimer(90, "uas", True, True).refresh_after_s == 45


@pytest.mark.parametrize(
    ("value", "name", "uri", "tag"),
    [
        ('"A, \\"B\\" <x>" <sip:a@b;lr>;tag=1', 'A, "B" <x>', "sip:a@b;lr", "1"),
        ("sip:a@b;tag=1", "", "sip:a@b", "1"),
        ("Anna Ivanova <sip:a@b>", "Anna Ivanova", "sip:a@b", ""),
        ("<sip:a@b>;TAG=x;other", "", "sip:a@b", "x"),
        ('"unclosed <sip:a@b>', '"unclosed', "sip:a@b", ""),
        ("", "", "", ""),
    ],
)
def test_name_address(value: str, name: str, uri: str, tag: str) -> None:
    address = NameAddress.parse(value)
    assert (address.name, address.uri, address.tag) == (name, uri, tag)


def test_lists_are_split_outside_quotes() -> None:
    assert split_outside_quotes('"a,b" <sip:x,y>, c ,"d\\",e"', ",") == ['"a,b" <sip:x,y>', "c", '"d\\",e"']


@given(st.text())
def test_header_readers_never_raise_but_malformed(text: str) -> None:
    NameAddress.parse(text)
    split_outside_quotes(text, ",")
    for read in (Via.parse, SipUri.parse):
        try:
            read(text)
        except WireMalformed:
            continue


@pytest.mark.parametrize("value", ["", "5060", "host", "host:", "host:x", "host:70000", "host:٥"])
def test_listening_address_refused(value: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        host_and_port(value)


def test_listening_address() -> None:
    assert host_and_port("[::1]:5060") == ("::1", 5060)
