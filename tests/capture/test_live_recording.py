"""What is said of a call while it goes on is in the manifest, sealed or recovered alike."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fonoteka.capture.journal import read_journal
from fonoteka.capture.manifest import manifest_of
from fonoteka.capture.recovery import recover
from fonoteka.capture.spool import JOURNAL_BYTES_MAX, OpenRecording, Spool
from fonoteka.capture.spool_events import SEGMENTS_MAX
from fonoteka.domain.call import CallOutcome, Segment
from fonoteka.domain.direction import Direction
from fonoteka.domain.ports import LiveRecording, SpoolWriter
from fonoteka.domain.recording import EndReason
from fonoteka.domain.rules import Decision, RuleOutcome
from fonoteka.domain.sealed import JOURNAL_NAME, MANIFEST_NAME, SealedParticipant, SealedRecording
from fonoteka.settings import DataFolder

RECORD = Decision(RuleOutcome.RECORD, "r1", "Продажи", 0, 7, "standard", 90)
SKIP = Decision(RuleOutcome.SKIP, None, "", None, 7, "standard", None)
ON_DEMAND = Decision(RuleOutcome.ON_DEMAND, "r2", "Совещания", 1, 7, "standard", None, 60)
TALK = Segment(0, 4_000, ("p1", "p2"))
TRANSFER = Segment(4_000, None, ("p1", "p3"), "transfer_blind")


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path)
    folder.make()
    return folder


def begin(data: DataFolder) -> OpenRecording:
    writer: SpoolWriter = Spool(data)
    one: LiveRecording = writer.begin("asterisk", "192.0.2.1:5060", "Asterisk", "abc", "default")
    assert isinstance(one, OpenRecording)
    return one


def sealed(one: OpenRecording) -> SealedRecording:
    return SealedRecording.from_json((one.seal(EndReason.BYE) / MANIFEST_NAME).read_text("utf-8"))


def test_what_is_known_of_the_call_is_sealed(data: DataFolder) -> None:
    one = begin(data)
    one.set_call(tenant_id="acme", external_id="1700000000.42")
    one.set_call(direction=Direction.OUTGOING, segments=[TALK])
    one.set_call(forwarded_outside=True, segments=[TALK, TRANSFER])
    one.set_decision(SKIP)
    one.set_decision(ON_DEMAND)
    one.set_kept(True)
    found = sealed(one)
    assert (found.tenant_id, found.external_id) == ("acme", "1700000000.42")
    assert (found.direction, found.forwarded_outside) == (Direction.OUTGOING, True)
    assert found.segments == (TALK, TRANSFER)
    assert (found.decision, found.kept) == (ON_DEMAND, True)
    assert (found.outcome, found.reason) == (CallOutcome.RECORDED, "")


def test_a_call_of_which_nothing_is_said_is_recorded(data: DataFolder) -> None:
    found = sealed(begin(data))
    assert (found.tenant_id, found.direction, found.segments) == ("default", Direction.UNKNOWN, ())
    assert (found.outcome, found.decision, found.kept) == (CallOutcome.RECORDED, None, None)


def test_an_outcome_is_taken_as_said(data: DataFolder) -> None:
    one = begin(data)
    one.set_decision(RECORD)
    one.set_outcome(CallOutcome.MISSED, "nobody answered")
    one.set_outcome(CallOutcome.REFUSED, "the disk is full")
    found = sealed(one)
    assert (found.outcome, found.reason) == (CallOutcome.REFUSED, "the disk is full")


@pytest.mark.parametrize(
    ("decisions", "outcome"),
    [
        ([SKIP], CallOutcome.SKIPPED),
        ([SKIP, replace(SKIP, rule_version=8)], CallOutcome.SKIPPED),
        ([RECORD, SKIP], CallOutcome.RECORDED),
        ([SKIP, RECORD], CallOutcome.RECORDED),
    ],
)
def test_killed_before_the_outcome_was_said(
    data: DataFolder, decisions: list[Decision], outcome: CallOutcome
) -> None:
    one = begin(data)
    for decision in decisions:
        one.set_decision(decision)
    one._journal.close()  # as the end of the process does
    assert recover(data) == [one.recording_id]
    text = (data.spool_sealed / one.recording_id / MANIFEST_NAME).read_text("utf-8")
    assert SealedRecording.from_json(text).outcome is outcome


def test_saying_the_same_again_writes_nothing(data: DataFolder) -> None:
    one = begin(data)
    for _ in range(3):
        one.set_call(tenant_id="acme", direction=Direction.INTERNAL, segments=[TALK])
        one.set_call(direction=Direction.INTERNAL)
        one.set_call()
        one.set_decision(RECORD)
        one.set_kept(True)
        one.set_outcome(CallOutcome.RECORDED)
    kinds = [event["event"] for event in read_journal(one.folder / JOURNAL_NAME)]
    assert kinds == ["opened", "call", "decision", "kept", "outcome"]


def test_a_pause_is_marked_with_its_reason_also_inside_a_hold(data: DataFolder) -> None:
    one = begin(data)
    one.add_stream(0, "1", "stream-0.rtpdump")
    one.hold(0)
    one.hold(0, "pause")
    one.resume(0, "hold")
    one.resume(0, "hold")
    one.hold(0)
    one.resume(0)
    one.resume(0, "pause")
    one.hold(0, "pause")
    spans = sealed(one).streams[0].hold_spans
    assert [(span.reason, span.until_ms is None) for span in spans] == [
        *(("hold", False), ("pause", False), ("hold", False), ("pause", True)),
    ]


def test_what_comes_from_outside_is_bounded(data: DataFolder) -> None:
    one = begin(data)
    crowd = tuple("p" * 5_000 for _ in range(500))
    one.set_call(
        tenant_id="t" * 5_000,
        external_id="\ud800",
        segments=[Segment(at, None, crowd) for at in range(1_000)],
    )
    one.set_outcome(CallOutcome.FAILED, "r" * 5_000)
    found = sealed(one)
    assert len(found.segments) == SEGMENTS_MAX
    assert len(found.segments[0].participant_ids) == 64
    assert {len(each) for each in found.segments[0].participant_ids} == {1024}
    assert (len(found.tenant_id), found.external_id, len(found.reason)) == (1024, "?", 1024)


def test_a_full_journal_still_takes_what_decides_over_the_recording(data: DataFolder) -> None:
    one = begin(data)
    crowd = [SealedParticipant(f"p{n}", None, "", "n" * 1000, "") for n in range(2000)]
    turn = 0
    while (one.folder / JOURNAL_NAME).stat().st_size <= JOURNAL_BYTES_MAX:
        one.set_participants(f"cs-{turn}", crowd, {})
        turn += 1
    one.set_decision(RECORD)
    one.set_kept(True)
    one.set_outcome(CallOutcome.SKIPPED, "why")
    found = sealed(one)
    assert (found.decision, found.kept, found.outcome) == (None, True, CallOutcome.SKIPPED)


STEPS = st.one_of(
    st.tuples(
        st.just("set_call"),
        st.fixed_dictionaries(
            {},
            optional={
                "tenant_id": st.text(max_size=8),
                "direction": st.sampled_from(Direction),
                "forwarded_outside": st.booleans(),
                "external_id": st.text(max_size=8),
                "segments": st.lists(
                    st.builds(
                        Segment,
                        st.integers(0, 9),
                        st.none() | st.integers(0, 9),
                        st.lists(st.text(max_size=3)).map(tuple),
                    ),
                    max_size=3,
                ),
            },
        ),
    ),
    st.tuples(
        st.just("set_decision"),
        st.fixed_dictionaries({"decision": st.sampled_from([RECORD, SKIP, ON_DEMAND])}),
    ),
    st.tuples(st.just("set_kept"), st.fixed_dictionaries({"kept": st.booleans()})),
    st.tuples(
        st.just("set_outcome"),
        st.fixed_dictionaries({"outcome": st.sampled_from(CallOutcome), "reason": st.text(max_size=8)}),
    ),
    st.tuples(
        st.just("resume"),
        st.fixed_dictionaries(
            {"index": st.integers(0, 2), "reason": st.sampled_from(["hold", "pause", None])}
        ),
    ),
    st.tuples(
        st.just("hold"),
        st.fixed_dictionaries({"index": st.integers(0, 2), "reason": st.sampled_from(["hold", "pause"])}),
    ),
)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEPS, max_size=12))
def test_a_recovered_recording_tells_what_a_sealed_one_tells(
    steps: list[tuple[str, dict[str, object]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = DataFolder(Path(folder))
        data.make()
        one = begin(data)
        one.add_stream(0, "1", "stream-0.rtpdump")
        one.add_stream(1, "2", "stream-1.rtpdump")
        for method, arguments in steps:
            getattr(one, method)(**arguments)
        journal = read_journal(one.folder / JOURNAL_NAME)
        found = sealed(one)
        crashed = manifest_of(journal, sealed_at=found.sealed_at)
        assert replace(crashed, end_reason=EndReason.BYE) == found
