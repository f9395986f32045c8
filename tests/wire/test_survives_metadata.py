"""What recording clients were seen to get wrong in recording metadata, one test a fault."""

from __future__ import annotations

import pytest

from fonoteka.domain.call import Party
from fonoteka.wire.metadata import (
    MetadataParticipant,
    MetadataStream,
    RecordingMetadata,
    merge,
    number_of,
    parse_metadata,
)
from fonoteka.wire.parties import parties
from tests.wire.examples import datagram, file_bytes, opened

XML = b'<recording><session session_id="s"/></recording>'


def metadata_of(inner: str) -> RecordingMetadata:
    return parse_metadata(
        f'<recording xmlns="urn:ietf:params:xml:ns:recording:1">{inner}</recording>'.encode()
    )


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
