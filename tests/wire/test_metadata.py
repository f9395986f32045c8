"""Recording metadata: round trip, limits, merging."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.domain.errors import MetadataMalformed
from fonoteka.wire.metadata import (
    MetadataParticipant,
    MetadataStream,
    RecordingMetadata,
    build_metadata,
    merge,
    parse_metadata,
)
from fonoteka.wire.xml_tree import DEPTH_MAX, DOCUMENT_BYTES_MAX, ELEMENTS_MAX

IDS = st.from_regex(r"[!-~а-я]{1,12}", fullmatch=True)
# What a document can carry: no control characters, single spaces, nothing at the ends.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=20).map(
    lambda text: " ".join(text.split())
)
NAMES = TEXTS.map(lambda text: text.replace('"', "").replace(";", "").strip())
AORS = TEXTS.map(lambda text: text.replace("<", "").replace(">", "").strip())
TIMES = st.none() | st.datetimes().map(lambda at: at.isoformat())


@st.composite
def recordings(draw: st.DrawFn) -> RecordingMetadata:
    participants = [
        MetadataParticipant(
            id=one,
            aor=draw(AORS),
            name=draw(NAMES),
            send=tuple(draw(st.lists(IDS, max_size=3, unique=True))),
            recv=tuple(draw(st.lists(IDS, max_size=3, unique=True))),
            associated_at=draw(TIMES),
            disassociated_at=draw(TIMES),
        )
        for one in draw(st.lists(IDS, max_size=4, unique=True))
    ]
    streams = [MetadataStream(draw(IDS), draw(TEXTS), draw(IDS)) for _ in range(draw(st.integers(0, 3)))]
    return RecordingMetadata(
        datamode=draw(st.sampled_from(["complete", "partial"])),
        session_id=draw(IDS),
        group_id=draw(st.just("") | IDS),
        sip_session_ids=tuple(draw(st.lists(IDS, max_size=2, unique=True))),
        start_time=draw(TIMES),
        participants=tuple(participants),
        streams=tuple(streams),
    )


@given(recordings())
def test_round_trip(metadata: RecordingMetadata) -> None:
    assert parse_metadata(build_metadata(metadata)) == metadata


@given(recordings(), recordings())
def test_merge(old: RecordingMetadata, new: RecordingMetadata) -> None:
    after = merge(old, new)
    assert after.datamode == "complete"
    ids = {one.id for one in after.participants}
    if new.datamode == "complete":
        assert after == new
    else:
        assert ids == {one.id for one in (*old.participants, *new.participants)}
        assert merge(after, new) == after


def test_written_markup_is_escaped() -> None:
    hostile = MetadataParticipant('"><x a="', "sip:<a>&@h", "</name>\x00'")
    (one,) = parse_metadata(build_metadata(RecordingMetadata(participants=(hostile,)))).participants
    assert one.id == '"><x a="'
    assert one.name == "</name>'"


def test_participants_without_ids_are_kept_apart() -> None:
    xml = b"<recording><participant><aor>sip:1@a</aor></participant><participant name='Bo'/></recording>"
    assert [(one.id, one.aor, one.name) for one in parse_metadata(xml).participants] == [
        ("participant-1", "sip:1@a", ""),
        ("participant-2", "", "Bo"),
    ]


def test_reassociated_participant_is_back() -> None:
    association = "<participantsessionassoc participant_id='p'>{}</participantsessionassoc>"
    left = association.format("<disassociate-time>1</disassociate-time>")
    back = association.format("<associate-time>2</associate-time>")
    xml = f"<recording><participant id='p'/>{left}{back}</recording>"
    (one,) = parse_metadata(xml.encode()).participants
    assert (one.associated_at, one.disassociated_at) == ("2", None)


def test_stream_that_a_participant_no_longer_sends() -> None:
    xml = (
        b"<recording><participant id='p'/><participantstreamassoc participant_id='p'><send>1</send>"
        b"<disassociate-time>x</disassociate-time></participantstreamassoc>"
        b"<participantstreamassoc participant_id='p'><send>2</send></participantstreamassoc></recording>"
    )
    assert parse_metadata(xml).participants[0].send == ("2",)


def test_what_a_vendor_nests_is_not_read_as_participants() -> None:
    xml = b"<recording><participant id='p'/><x:ext xmlns:x='u'><participant id='q'/></x:ext></recording>"
    metadata = parse_metadata(xml)
    assert [one.id for one in metadata.participants] == ["p"]
    assert metadata.vendor["ext.participant.id"] == "q"


# -- hostile documents

ENTITY = b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">]><recording>&a;</recording>'
BOMB = b'<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]><recording>&c;</recording>'
EXTERNAL = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><recording>&x;</recording>'
DTD = b'<!DOCTYPE r SYSTEM "http://192.0.2.1/x.dtd"><recording/>'


@pytest.mark.parametrize(
    "xml",
    [
        ENTITY,
        BOMB,
        EXTERNAL,
        DTD,
        b"",
        b"not xml",
        b"<recording>",
        b"<recording></recordin>",
        b"<recording/><recording/>",
        b"<html><body/></html>",
        b'<?xml version="1.0" encoding="utf-7"?><recording/>x',
        b'<?xml version="1.0" encoding="no-such"?><recording>',
        b"\xff\xfe<\x00a\x00",
        b"<a " + b" ".join(b"a%d=''" % number for number in range(100)) + b"/>",
        b"<recording>" + b"<participant/>" * 257 + b"</recording>",
        b"<recording>" + b"<stream/>" * 257 + b"</recording>",
    ],
)
def test_refused_documents(xml: bytes) -> None:
    with pytest.raises(MetadataMalformed):
        parse_metadata(xml)


@pytest.mark.parametrize(
    "xml",
    [
        b"<r>" + b"<a/>" * 1_000_000 + b"</r>",
        b"<r>" + b"<a/>" * (ELEMENTS_MAX + 1) + b"</r>",
        b"<r>" * 100_000,
        b"<r>" * (DEPTH_MAX + 1),
        b"<r>" + b"x" * DOCUMENT_BYTES_MAX + b"</r>",
        b"<" + b"a" * DOCUMENT_BYTES_MAX,
    ],
    ids=["million", "elements", "deep", "depth", "text", "name"],
)
def test_oversized_documents_are_refused_cheaply(xml: bytes) -> None:
    tracemalloc.start()
    try:
        started = time.process_time()
        with pytest.raises(MetadataMalformed):
            parse_metadata(xml)
        assert time.process_time() - started < 5
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "inner",
    [
        b"<participantstreamassoc participant_id='p'><send>%d</send></participantstreamassoc>",
        b"<session session_id='s%d'><sipSessionID>%d</sipSessionID></session>",
        b"<x%d>&amp;<y/>&amp;</x%d>",
        b"<" + b"n" * 20 + b">%d</" + b"n" * 20 + b">",
    ],
)
def test_documents_within_the_limits_take_bounded_time(inner: bytes) -> None:
    elements = inner.count(b"<") - inner.count(b"</")
    count = min((ELEMENTS_MAX - 1) // elements, (DOCUMENT_BYTES_MAX - 100) // (len(inner) + 10))
    fill = inner.count(b"%d")
    xml = b"<recording>" + b"".join(inner % ((number,) * fill) for number in range(count)) + b"</recording>"
    started = time.process_time()
    metadata = parse_metadata(xml)
    assert time.process_time() - started < 5
    assert all(len(one.send) <= 256 for one in metadata.participants)
    assert len(metadata.vendor) <= 128
