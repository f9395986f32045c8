"""Who called, who was called, who is heard."""

from __future__ import annotations

from hypothesis import given

from fonoteka.domain.call import Party
from fonoteka.wire.metadata import MetadataParticipant, MetadataStream, RecordingMetadata
from fonoteka.wire.parties import numbers, parties, senders
from tests.wire.test_metadata import recordings

CALLING, CALLED = Party.CALLING, Party.CALLED


def people(*aors: str) -> tuple[MetadataParticipant, ...]:
    return tuple(MetadataParticipant(str(index), aor) for index, aor in enumerate(aors))


def parts(metadata: RecordingMetadata) -> list[Party | None]:
    return [party for _, party in parties(metadata)]


def test_first_participant_is_calling() -> None:
    assert parts(RecordingMetadata(participants=people("sip:1@a", "sip:2@a", "sip:3@a"))) == [
        CALLING,
        CALLED,
        None,
    ]
    assert parts(RecordingMetadata(participants=people("sip:1@a"))) == [CALLING]
    assert parts(RecordingMetadata()) == []


def test_vendor_flag_comes_first() -> None:
    flags = ("false", None, "TRUE")
    participants = tuple(
        MetadataParticipant(str(index), vendor={} if flag is None else {"x.callingParty": flag})
        for index, flag in enumerate(flags)
    )
    assert parts(RecordingMetadata(participants=participants)) == [CALLED, None, CALLING]


def test_only_the_called_one_is_flagged() -> None:
    participants = (MetadataParticipant("a", vendor={"callingParty": "false"}), MetadataParticipant("b"))
    assert parts(RecordingMetadata(participants=participants)) == [CALLED, CALLING]


def test_numbers_of_the_vendor_with_and_without_country_code() -> None:
    metadata = RecordingMetadata(
        participants=people("sip:101@a", "sip:4951234567@a"),
        vendor={"x.callingPartyNumber": "sip:+74951234567@b"},
    )
    assert parts(metadata) == [CALLED, CALLING]


def test_short_numbers_must_be_equal() -> None:
    metadata = RecordingMetadata(
        participants=people("sip:1@a", "sip:01@a"), vendor={"callingPartyNumber": "sip:101@a"}
    )
    assert parts(metadata) == [CALLING, CALLED]


def test_unknown_vendor_numbers_change_nothing() -> None:
    metadata = RecordingMetadata(
        participants=people("sip:1@a", "sip:2@a"),
        vendor={"callingPartyNumber": "sip:999@a", "callType": "originating", "recordedParty": ""},
    )
    assert parts(metadata) == [CALLING, CALLED]


def test_one_number_for_both_parts_is_no_contradiction() -> None:
    metadata = RecordingMetadata(
        participants=people("sip:5@a", "sip:6@a"),
        vendor={"callingPartyNumber": "sip:5@a", "calledPartyNumber": "sip:5@a"},
    )
    assert sorted(str(part) for part in parts(metadata)) == ["called", "calling"]


def test_streams_by_order_when_nothing_associates_them() -> None:
    streams = (MetadataStream("x", "1"), MetadataStream("y", "2"))
    metadata = RecordingMetadata(participants=people("sip:1@a", "sip:2@a"), streams=streams)
    assert [senders(metadata, label) for label in ("1", "2", "3")] == [("0",), ("1",), ()]
    uneven = RecordingMetadata(participants=people("sip:1@a"), streams=streams)
    assert senders(uneven, "1") == ()


@given(recordings())
def test_at_most_one_of_each_part(metadata: RecordingMetadata) -> None:
    found = parties(metadata)
    assert [one for one, _ in found] == [one.id for one in metadata.participants]
    for part in (CALLING, CALLED):
        assert [party for _, party in found].count(part) == (len(found) > (part is CALLED))
    assert set(numbers(metadata)) == {one.id for one in metadata.participants}
