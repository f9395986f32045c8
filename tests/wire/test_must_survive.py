"""What recording clients were seen to get wrong, one test a fault, as far as it concerns parsing.

What concerns dialogs and media is tested where they live.
"""

from __future__ import annotations

import pytest

from fonoteka.domain.call import Party
from fonoteka.domain.errors import SdpMalformed
from fonoteka.domain.sealed import MediaFormat
from fonoteka.wire.metadata import (
    MetadataParticipant,
    MetadataStream,
    RecordingMetadata,
    instant_of,
    merge,
    number_of,
    parse_metadata,
)
from fonoteka.wire.multipart import metadata_part, parse_multipart, sdp_part
from fonoteka.wire.parties import parties, senders
from fonoteka.wire.sdp import Direction, parse_sdp
from fonoteka.wire.sip import SipStream, parse_message
from tests.wire.examples import NAMES, datagram, file_bytes, opened

SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"
XML = b'<recording><session session_id="s"/></recording>'


def body(*parts: bytes, end: bytes = b"--b--\r\n") -> bytes:
    return b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + end


def metadata_of(inner: str) -> RecordingMetadata:
    return parse_metadata(
        f'<recording xmlns="urn:ietf:params:xml:ns:recording:1">{inner}</recording>'.encode()
    )


# -- bodies


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


# -- messages


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


# -- session descriptions


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


# -- metadata

PEOPLE = '<participant participant_id="p"><nameID aor="sip:1@a"/></participant>'


@pytest.mark.parametrize(
    "root",
    [
        '<recording xmlns="urn:ietf:params:xml:ns:recording:1">{}</recording>',
        "<recording xmlns='urn:ietf:params:xml:ns:recording'>{}</recording>",
        '<recording_metadata xmlns="urn:ietf:params:xml:ns:siprec">{}</recording_metadata>',
        "<recording>{}</recording>",
        '<r:recording xmlns:r="whatever">{}</r:recording>',
    ],
)
def test_any_namespace(root: str) -> None:
    assert [one.aor for one in parse_metadata(root.format(PEOPLE).encode()).participants] == ["sip:1@a"]


def test_prefix_without_a_namespace() -> None:
    xml = (
        b'<recording xsi:type="x"><p:participant p:id="p"><p:aor>sip:1@a</p:aor></p:participant></recording>'
    )
    assert parse_metadata(xml).participants == (MetadataParticipant("p", "sip:1@a"),)


@pytest.mark.parametrize(
    ("xml", "datamode"),
    [
        (b"<recording><datamode>partial</datamode></recording>", "partial"),
        (b"<recording><dataMode> Partial </dataMode></recording>", "partial"),
        (b'<recording dataMode="partial"/>', "partial"),
        (b"<recording/>", "complete"),
        (b"<recording><datamode>complete</datamode></recording>", "complete"),
    ],
)
def test_datamode(xml: bytes, datamode: str) -> None:
    assert parse_metadata(xml).datamode == datamode


def test_hold_of_sems_is_partial_and_keeps_what_was_known() -> None:
    before = opened(datagram("sems")).metadata
    assert before is not None
    update = parse_metadata(file_bytes("sems_hold.xml"))
    assert update.datamode == "partial"
    assert merge(before, update) == before


def test_partial_without_streams_and_party_without_send() -> None:
    before = metadata_of(
        PEOPLE + '<stream stream_id="1"><label>1</label></stream>'
        '<participantstreamassoc participant_id="p"><send>1</send></participantstreamassoc>'
    )
    update = metadata_of(
        '<datamode>partial</datamode><participant participant_id="q"><nameID aor="sip:2@a"/></participant>'
    )
    after = merge(before, update)
    assert [(one.id, one.send) for one in after.participants] == [("p", ("1",)), ("q", ())]
    assert after.streams == (MetadataStream("1", "1", ""),)


def test_disassociated_party_has_left_but_stays_known() -> None:
    before = opened(datagram("opensips")).metadata
    assert before is not None
    leaver = before.participants[1]
    update = metadata_of(
        f'<datamode>partial</datamode><participantsessionassoc participant_id="{leaver.id}">'
        "<disassociate-time>2025-10-22T12:20:00+0300</disassociate-time></participantsessionassoc>"
    )
    after = merge(before, update)
    gone = after.participants[1]
    assert gone.disassociated_at == "2025-10-22T12:20:00+0300"
    assert (gone.aor, gone.send) == (leaver.aor, leaver.send)


def test_party_that_replaces_one_who_left_is_the_called_one() -> None:
    people = tuple(MetadataParticipant(one, f"sip:{one}@a") for one in "abc")
    left = MetadataParticipant("b", "sip:b@a", disassociated_at="2025-01-01T00:00:00Z")
    metadata = RecordingMetadata(participants=(people[0], left, people[2]))
    assert parties(metadata) == (("a", Party.CALLING), ("b", None), ("c", Party.CALLED))


@pytest.mark.parametrize("name", ["R&D", "&nbsp;", "a & b", "&#0;", "&#x110000;", "&"])
def test_unescaped_ampersand(name: str) -> None:
    inner = f'<nameID aor="sip:1@a?x=1&y=2"><name>{name} &amp; &#33;</name></nameID>'
    (one,) = metadata_of(f'<participant id="p">{inner}</participant>').participants
    assert (one.aor, one.name) == ("sip:1@a?x=1&y=2", f"{name} & !")


def test_xml_that_is_not_utf8() -> None:
    head = b'<?xml version="1.0" encoding="UTF-8"?>'
    xml = head + b'<recording><participant id="p"><name>Caf\xe9</name></participant></recording>'
    assert parse_metadata(xml).participants[0].name == "Café"


def test_blank_lines_and_zeros_around_the_document() -> None:
    assert parse_metadata(b"\r\n\r\n<?xml version='1.0'?>" + XML + b"\r\n\x00").session_id == "s"


@pytest.mark.parametrize(
    ("aor", "number"),
    [
        ("sip:101@pbx.example", "101"),
        ("sips:+74951234567@h:5061;transport=tls", "+74951234567"),
        ("101@pbx.example", "101"),
        ("+74951234567", "+74951234567"),
        ("7605550110 ", "7605550110"),
        ("tel:+7-495-123-45-67;phone-context=x", "+74951234567"),
        ("sip:+1234567;noa=4@192.0.2.1", "+1234567"),
        ("sip:%2B7495@h", "+7495"),
        ("sip:anna.petrova@h", "anna.petrova"),
        ("Extension-0161@h", "Extension-0161"),
        ('"Anna" <sip:102@h>;tag=1', "102"),
        ("sip:user:secret@h", "user"),
        ("sip:*98@h", "*98"),
        ("sip:pbx.example", ""),
        ("192.0.2.1", ""),
        ("sip:192.0.2.1:5060", ""),
        ("sip:[2001:db8::1]:5060", ""),
        ("sip:1001", "1001"),
        ("", ""),
        ("sip:", ""),
        ("@", ""),
    ],
)
def test_aor_without_scheme_or_user(aor: str, number: str) -> None:
    assert number_of(aor) == number


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2025-10-22T12:16:48+0300", "2025-10-22T09:16:48+00:00"),
        ("2025-06-23T12:16:06.040Z", "2025-06-23T12:16:06.040000+00:00"),
        (" 2025-04-27T14:49:38+00:00 ", "2025-04-27T14:49:38+00:00"),
        ("2025-04-28T10:40:29", None),
        ("1970-05-13T03:29:05Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_time_without_zone_or_of_1970_is_not_trusted(text: str | None, iso: str | None) -> None:
    instant = instant_of(text)
    assert (instant.isoformat() if instant else None) == iso


def test_new_session_ids_inside_one_dialog() -> None:
    first = metadata_of('<session session_id="one"><sipSessionID>a</sipSessionID></session>')
    second = metadata_of(
        '<datamode>partial</datamode><session session_id="two"><sipSessionID>b</sipSessionID></session>'
    )
    after = merge(first, second)
    assert (after.session_id, after.sip_session_ids) == ("two", ("a", "b"))


def test_complete_snapshot_replaces_the_dummy_party() -> None:
    before = opened(datagram("avaya_sbce")).metadata
    update = opened(datagram("avaya_sbce_update")).metadata
    assert before is not None
    assert update is not None
    assert [number_of(one.aor) for one in merge(before, update).participants] == [
        "13035550101",
        "72045550102",
    ]
