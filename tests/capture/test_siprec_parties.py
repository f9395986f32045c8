"""Who speaks on which stream."""

from __future__ import annotations

import pytest

from fonoteka.capture.siprec_parties import roster_of
from fonoteka.domain.call import Party
from fonoteka.wire.metadata import MetadataParticipant, MetadataStream, RecordingMetadata
from tests.wire.examples import datagram, opened

ANNA = MetadataParticipant("a", aor="sip:101@pbx.test", name="Anna", send=("s1",))
BORIS = MetadataParticipant("b", aor="tel:+74951234567", send=("s2",))
NUMBERS = {
    "broadworks": [(Party.CALLED, "8105"), (Party.CALLING, "7202")],
    "webex": [(Party.CALLING, "+12105550145"), (Party.CALLED, "7733")],
}
STREAMS = (MetadataStream("s1", "1"), MetadataStream("s2", "2"))


def test_streams_are_resolved_through_send_whatever_the_labels_order() -> None:
    metadata = RecordingMetadata(session_id="cs", participants=(ANNA, BORIS), streams=STREAMS)
    roster = roster_of(metadata, {0: "2", 1: "1"})
    assert roster.communication_session_id == "cs"
    assert roster.senders == {0: (Party.CALLED, ("b",)), 1: (Party.CALLING, ("a",))}
    assert [one.number for one in roster.participants] == ["101", "+74951234567"]


@pytest.mark.parametrize("name", ["broadworks", "webex"])
def test_accounts_of_the_platform_are_no_numbers(name: str) -> None:
    metadata = opened(datagram(name)).metadata
    assert metadata is not None
    participants = roster_of(metadata, {}).participants
    assert [(one.party, one.number) for one in participants] == NUMBERS[name]
    assert [one.aor for one in participants] == [one.aor for one in metadata.participants]


def test_one_line_carrying_both_parties() -> None:
    both = tuple(MetadataParticipant(key, send=("s1",), recv=("s1",)) for key in "ab")
    metadata = RecordingMetadata(participants=both, streams=STREAMS[:1])
    assert roster_of(metadata, {0: "1"}).senders == {0: (None, ("a", "b"))}


def test_one_line_without_associations_is_everybody() -> None:
    metadata = RecordingMetadata(participants=(MetadataParticipant("a"), MetadataParticipant("b")))
    assert roster_of(metadata, {0: ""}).senders == {0: (None, ("a", "b"))}


def test_without_associations_the_order_decides() -> None:
    metadata = RecordingMetadata(participants=(MetadataParticipant("a"), MetadataParticipant("b")))
    assert roster_of(metadata, {0: "x", 1: "y"}).senders == {
        0: (Party.CALLING, ("a",)),
        1: (Party.CALLED, ("b",)),
    }


def test_the_one_left_over_speaks_on_the_one_left_over() -> None:
    metadata = RecordingMetadata(participants=(MetadataParticipant("a"), BORIS), streams=STREAMS)
    assert roster_of(metadata, {0: "1", 1: "2"}).senders[0] == (Party.CALLING, ("a",))


def test_what_stays_ambiguous_is_not_guessed() -> None:
    three = tuple(MetadataParticipant(key) for key in "abc")
    senders = roster_of(RecordingMetadata(participants=three), {0: "1", 1: "2"}).senders
    assert senders == {0: (None, ()), 1: (None, ())}


def test_who_has_left_does_not_speak() -> None:
    left = MetadataParticipant("a", send=(), disassociated_at="2026-01-01T00:00:00Z")
    metadata = RecordingMetadata(participants=(left, BORIS), streams=STREAMS)
    roster = roster_of(metadata, {0: "1", 1: "2"})
    assert roster.senders[0] == (None, ())
    assert len(roster.participants) == 2


def test_metadata_stream_without_m_line_and_m_line_without_stream() -> None:
    metadata = RecordingMetadata(participants=(ANNA, BORIS), streams=STREAMS)
    assert set(roster_of(metadata, {0: "1"}).senders) == {0}
