"""The book of calls by events that a real Asterisk 22 sent (trimmed to the fields that count)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.capture.policy_snapshot import SnapshotPolicy
from fonoteka.connectors.asterisk import AsteriskConfig
from fonoteka.connectors.asterisk.ami_events import AmiEvents
from fonoteka.connectors.asterisk.ari_events import read_event
from fonoteka.connectors.asterisk.call_book import CallBook
from fonoteka.connectors.asterisk.call_view import CallView
from fonoteka.connectors.asterisk.events import (
    Bridge,
    Channel,
    Created,
    Destroyed,
    Dialed,
    Entered,
    Event,
    Left,
    Transferred,
)
from fonoteka.domain.call import DEFAULT_TENANT_ID, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.people import Directory, Tenant, Trunk
from fonoteka.domain.policy_snapshot import PolicySnapshot, TenantPolicy
from fonoteka.domain.rules import Forwarding, RecordingRule, RuleConditions, RuleOutcome, RuleSet
from fonoteka.wire.ami import AmiParser

RECORDED = Path(__file__).parent / "recorded"
CONFIG = AsteriskConfig("http://pbx.example:8088", "fonoteka", "secret")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STEP_NS = 1_500_000_000
SCENARIOS = sorted(path.stem for path in RECORDED.glob("*.jsonl"))

MakePolicy = Callable[..., SnapshotPolicy]


@pytest.fixture
def make_policy(tmp_path: Path) -> MakePolicy:
    def make(*rules: RecordingRule, default: RuleOutcome = RuleOutcome.RECORD) -> SnapshotPolicy:
        tenant = TenantPolicy(
            Directory(Tenant(DEFAULT_TENANT_ID, "")), RuleSet(DEFAULT_TENANT_ID, 1, rules, default)
        )
        path = tmp_path / "policy.json"
        path.write_text(PolicySnapshot(1, (tenant,)).to_json())
        policy = SnapshotPolicy(path, 5)
        policy.look()
        return policy

    return make


def record_all() -> SnapshotPolicy:
    return SnapshotPolicy(Path("/nowhere"), 5)


def recorded(name: str, by: str = "ari") -> list[Event]:
    if by == "ari":
        lines = (RECORDED / f"{name}.jsonl").read_text("utf-8").splitlines()
        return [event for event in map(read_event, lines) if event is not None]
    parser, reader = AmiParser(), AmiEvents()
    parser.feed(b"Asterisk Call Manager/11.0.0\n")
    messages = parser.feed((RECORDED / "ami" / f"{name}.txt").read_bytes())
    return [event for event in map(reader.take, messages) if event is not None]


by_both = pytest.mark.parametrize("by", ["ari", "ami"])


def book_of(policy: SnapshotPolicy) -> CallBook:
    return CallBook(CONFIG, policy, lambda: NOON)


def play(book: CallBook, events: list[Event], first_ns: int = 0) -> list[list[CallView]]:
    return [book.take(event, first_ns + at * STEP_NS) for at, event in enumerate(events)]


def last_views(steps: list[list[CallView]]) -> list[CallView]:
    """The last word on each call, in order of age."""
    by_serial = {view.serial: view for views in steps for view in views}
    return [by_serial[one] for one in sorted(by_serial)]


def parties(view: CallView) -> list[tuple[Party, str]]:
    return [(one.party, one.number) for one in view.parties]


def was_tapped(steps: list[list[CallView]]) -> set[str]:
    return {one.number for views in steps for view in views for one in view.parties if one.is_tapped}


def kinds(view: CallView) -> list[str]:
    return [one.kind for one in view.stretches]


@by_both
def test_internal_call_with_hold(by: str) -> None:
    steps = play(book := book_of(record_all()), recorded("internal_with_hold", by))
    (view,) = last_views(steps)
    assert parties(view) == [(Party.CALLING, "101"), (Party.CALLED, "102")]
    assert [one.name for one in view.parties] == ["Anna", "Boris"]
    assert view.direction is Direction.INTERNAL
    assert view.is_over
    assert not view.is_lost
    assert was_tapped(steps) == {"101", "102"}
    held = [{one.number for one in view.parties if one.is_held} for views in steps for view in views]
    assert {"101"} in held
    assert {"102"} not in held
    assert len(book) == 0


@by_both
def test_outgoing_call_keeps_the_extension(by: str) -> None:
    (view,) = last_views(play(book_of(record_all()), recorded("outgoing", by)))
    assert parties(view) == [(Party.CALLING, "101"), (Party.CALLED, "79161112233")]
    assert view.direction is Direction.OUTGOING
    assert not view.forwarded_outside


@by_both
def test_blind_transfer_is_one_call_of_two_stretches(by: str) -> None:
    steps = play(book_of(record_all()), recorded("blind_transfer", by))
    (view,) = last_views(steps)
    assert parties(view) == [
        (Party.CALLING, "79161112233"),
        (Party.CALLED, "101"),
        (Party.CONNECTED, "103"),
    ]
    assert view.direction is Direction.INCOMING
    assert kinds(view) == ["talk", "transfer_blind"]
    assert was_tapped(steps) == {"79161112233", "101", "103"}
    first, second = view.stretches
    assert first.until_ns is not None
    assert first.until_ns < second.since_ns


@by_both
def test_attended_transfer_goes_on_in_the_older_call(by: str) -> None:
    book = book_of(record_all())
    steps = [book.take(event, at * 10_000_000) for at, event in enumerate(recorded("attended_transfer", by))]
    call, consultation = last_views(steps)
    assert parties(call) == [(Party.CALLING, "101"), (Party.CALLED, "102"), (Party.CONNECTED, "103")]
    assert kinds(call) == ["talk", "transfer_attended"]
    assert call.is_over
    assert consultation.is_over
    assert was_tapped(steps) == {"101", "102", "103"}
    assert_is_consultation_of(call, consultation)


def assert_is_consultation_of(call: CallView, consultation: CallView) -> None:
    """Of 101 with 103, during 101's call with 102: one call in the archive, with the same people in it."""
    assert consultation.linkedid == call.linkedid
    assert consultation.direction is call.direction
    assert kinds(consultation) == ["consultation"]
    assert people(consultation) == people(call)
    taps = {one.channel_id: one.participant_id for one in consultation.parties}
    (stretch,) = consultation.stretches
    talked = {one.participant_id: one.number for one in call.parties}
    assert [talked[taps[one]] for one in stretch.channel_ids] == ["101", "103"]


def people(view: CallView) -> set[tuple[str, Party, str]]:
    return {(one.participant_id, one.party, one.number) for one in view.parties}


def test_consultation_belongs_to_the_call_though_no_event_says_so() -> None:
    events = [one for one in recorded("attended_transfer") if not isinstance(one, Transferred)]
    call, consultation = last_views(play(book_of(record_all()), events))
    assert_is_consultation_of(call, consultation)


def test_bridges_that_a_transfer_joins_from_afar_are_one_call() -> None:
    events = recorded("attended_transfer")
    told = next(at for at, one in enumerate(events) if isinstance(one, Transferred))
    kept = [one for at, one in enumerate(events) if not (told - 6 < at < told and isinstance(one, Entered))]
    call, consultation = last_views(play(book_of(record_all()), kept))
    assert parties(call)[2] == (Party.CONNECTED, "103")
    assert_is_consultation_of(call, consultation)


def test_target_that_still_rings_when_the_transfer_is_made_is_no_missed_call() -> None:
    events = recorded("attended_transfer")
    answered = [at for at, one in enumerate(events) if isinstance(one, Entered)][2:4]
    steps = play(book_of(record_all()), [one for at, one in enumerate(events) if at not in answered])
    call, consultation = last_views(steps)
    assert consultation.linkedid == call.linkedid
    assert consultation.stretches == ()
    assert people(consultation) == people(call)


def test_consultation_of_a_transfer_that_is_given_up_stays_a_call() -> None:
    events = recorded("attended_transfer")
    at = next(at for at, one in enumerate(events) if isinstance(one, Left))
    clara, anna = "1795357061.3", "1795357061.2"
    book = book_of(record_all())
    steps = play(book, events[:at])
    gone = [Destroyed(Channel(clara, "PJSIP/103-00000003")), Destroyed(Channel(anna, "PJSIP/101-00000002"))]
    steps += play(book, gone, at * STEP_NS)
    call, consultation = last_views(steps)
    assert consultation.is_over
    assert not call.is_over
    assert consultation.linkedid == anna
    assert parties(consultation) == [(Party.CALLING, "101"), (Party.CALLED, "103")]
    assert kinds(consultation) == ["talk"]


@pytest.mark.parametrize("wanted", ["102", "103"])
def test_each_part_of_a_transferred_call_follows_its_own_rule(make_policy: MakePolicy, wanted: str) -> None:
    only = RuleConditions(extensions=frozenset({wanted}))
    policy = make_policy(RecordingRule("r", "only", RuleOutcome.RECORD, only), default=RuleOutcome.SKIP)
    events = recorded("attended_transfer")
    before = next(at for at, one in enumerate(events) if isinstance(one, Left))
    steps = play(book_of(policy), events)
    assert was_tapped(steps[:before]) == {"101", wanted}
    call, consultation = last_views(steps)
    assert consultation.linkedid == call.linkedid
    assert {one.decision.outcome for one in (call, consultation) if one.decision} == (
        {RuleOutcome.RECORD} if wanted == "103" else {RuleOutcome.RECORD, RuleOutcome.SKIP}
    )


def test_consultation_of_another_tenant_stays_apart(tmp_path: Path) -> None:
    def policy_of(name: str, number: str) -> TenantPolicy:
        return TenantPolicy(
            Directory(Tenant(name, name), trunks=(Trunk(name, name, name, numbers=(number,)),)), RuleSet(name)
        )

    path = tmp_path / "policy.json"
    tenants = policy_of("north", "+74950000101"), policy_of("south", "+74950000102")
    path.write_text(PolicySnapshot(1, tenants).to_json())
    policy = SnapshotPolicy(path, 5)
    policy.look()
    book = book_of(policy)
    steps = []
    for at, did in enumerate(("74950000101", "74950000102")):
        caller = Channel(f"1.{at}", f"PJSIP/provider-{at}", f"1.{at}", "79161112233", exten=did)
        peer = Channel(f"2.{at}", f"PJSIP/101-{at}", f"1.{at}", "101")
        steps += play(book, [Created(caller), Dialed(caller, peer, "101"), Entered("b", ("1.0",), caller)])
    call, other = last_views(steps)
    assert (call.tenant_id, other.tenant_id) == ("north", "south")
    assert call.linkedid != other.linkedid


@by_both
def test_queue_is_one_call_and_local_channels_are_nobody(by: str) -> None:
    steps = play(book_of(record_all()), recorded("queue", by))
    (view,) = last_views(steps)
    assert parties(view) == [(Party.CALLING, "79161112233"), (Party.CALLED, "102")]
    assert kinds(view)[0] == "queue"


@by_both
def test_moves_between_bridges_are_no_new_stretch(by: str) -> None:
    events = recorded("queue", by)
    book = book_of(record_all())
    steps = [book.take(event, at * 1_000_000) for at, event in enumerate(events)]
    (view,) = last_views(steps)
    assert kinds(view) == ["queue"]


@by_both
def test_forward_outside_names_who_forwarded(by: str) -> None:
    (view,) = last_views(play(book_of(record_all()), recorded("forward_outside", by)))
    assert parties(view) == [
        (Party.CALLING, "103"),
        (Party.CALLED, "79161112233"),
        (Party.REDIRECTING, "104"),
    ]
    assert view.forwarded_outside
    assert kinds(view) == ["forward"]


def test_forward_outside_is_skipped_by_rule(make_policy: MakePolicy) -> None:
    only = RuleConditions(forwarded_outside=Forwarding.ONLY)
    steps = play(
        book_of(make_policy(RecordingRule("r", "mobiles", RuleOutcome.SKIP, only))),
        recorded("forward_outside"),
    )
    (view,) = last_views(steps)
    assert was_tapped(steps) == set()
    assert view.decision is not None
    assert view.decision.rule_name == "mobiles"


def test_transfer_to_somebody_recorded_starts_taps(make_policy: MakePolicy) -> None:
    clara = RuleConditions(extensions=frozenset({"103"}))
    policy = make_policy(RecordingRule("r", "Clara", RuleOutcome.RECORD, clara), default=RuleOutcome.SKIP)
    steps = play(book_of(policy), recorded("blind_transfer"))
    (view,) = last_views(steps)
    assert was_tapped(steps) == {"79161112233", "103"}
    assert view.decision is not None
    assert view.decision.outcome is RuleOutcome.RECORD


def test_transfer_to_somebody_skipped_ends_taps_and_keeps_the_first_decision(
    make_policy: MakePolicy,
) -> None:
    clara = RuleConditions(extensions=frozenset({"103"}))
    steps = play(
        book_of(make_policy(RecordingRule("r", "not Clara", RuleOutcome.SKIP, clara))),
        recorded("blind_transfer"),
    )
    (view,) = last_views(steps)
    assert was_tapped(steps) == {"79161112233", "101"}
    assert view.decision is not None
    assert view.decision.outcome is RuleOutcome.RECORD
    assert "not Clara" in view.reason


def test_whose_a_call_is_by_the_number_that_was_called(tmp_path: Path) -> None:
    def policy_of(name: str, number: str) -> TenantPolicy:
        trunk = Trunk(name, name, name, numbers=(number,))
        return TenantPolicy(Directory(Tenant(name, name), trunks=(trunk,)), RuleSet(name))

    path = tmp_path / "policy.json"
    tenants = policy_of("north", "+74950000101"), policy_of("south", "+79161112233")
    path.write_text(PolicySnapshot(1, tenants).to_json())
    policy = SnapshotPolicy(path, 5)
    policy.look()
    (view,) = last_views(play(book_of(policy), recorded("blind_transfer")))
    assert view.tenant_id == "north", "the caller's number is another tenant's, and does not count"


def test_a_tenant_that_is_set_is_not_asked_for() -> None:
    book = CallBook(replace(CONFIG, tenant="north"), record_all(), lambda: NOON)
    (view,) = last_views(play(book, recorded("outgoing")))
    assert view.tenant_id == "north"


def test_caller_from_outside_who_reaches_nobody_is_a_call() -> None:
    book = book_of(record_all())
    caller = Channel("1.1", "PJSIP/provider-00000001", "1.1", "79161112233", exten="74950000101")
    assert book.take(Created(caller), 0) == []
    (view,) = last_views([book.resync([], [], 1)])
    assert view.is_over
    assert view.stretches == ()


def test_extension_that_listens_to_a_menu_is_no_call() -> None:
    book = book_of(record_all())
    assert book.take(Created(Channel("1.1", "PJSIP/101-00000001", "1.1", "101", exten="*97")), 0) == []
    assert book.resync([], [], 1) == []
    assert len(book) == 0


def test_queue_that_rings_for_an_hour_keeps_few_parties() -> None:
    book = book_of(record_all())
    caller = Channel("1.0", "PJSIP/provider-0", "1.0", "79161112233", exten="600")
    book.take(Created(caller), 0)
    for at in range(1, 2000):
        agent = Channel(f"1.{at}", f"PJSIP/102-{at}", "1.0", "102")
        book.take(Dialed(caller, agent, "102"), at)
        book.resync([caller], [], at)
    answering = Channel("1.5000", "PJSIP/103-5000", "1.0", "103")
    book.take(Entered("b", ("1.5000",), answering), 5000)
    (view,) = book.take(Entered("b", ("1.5000", "1.0"), caller), 5001)
    assert parties(view) == [(Party.CALLING, "79161112233"), (Party.CALLED, "103")]


def test_without_linkedid_calls_follow_who_dials_whom() -> None:
    def bare(channel: Channel) -> Channel:
        return replace(channel, linkedid="", redirecting_from="")

    events: list[Event] = []
    for event in recorded("outgoing"):
        if isinstance(event, Dialed):
            event = Dialed(bare(event.caller) if event.caller else None, bare(event.peer), event.number)
        elif hasattr(event, "channel"):
            event = replace(event, channel=bare(event.channel))
        events.append(event)
    (view,) = last_views(play(book_of(record_all()), events))
    assert parties(view) == [(Party.CALLING, "101"), (Party.CALLED, "79161112233")]


def test_resync_finds_calls_in_progress() -> None:
    book = book_of(record_all())
    channels = [
        Channel("1.1", "PJSIP/101-00000001", "1.1", "101"),
        Channel("1.2", "PJSIP/102-00000002", "1.1", "102"),
        Channel("1.3", "PJSIP/103-00000003", "1.3", "103"),
    ]
    views = book.resync(
        channels, [Bridge("b", "mixing", ("1.1", "1.2")), Bridge("p", "holding", ("1.3",))], 1
    )
    (view,) = [one for one in views if one.stretches]
    assert parties(view) == [(Party.CALLING, "101"), (Party.CALLED, "102")]
    assert all(one.is_tapped for one in view.parties)
    (over,) = last_views([book.resync([channels[2]], [], 2)])
    assert over.is_over
    assert over.is_lost


@given(st.sampled_from(SCENARIOS), st.sampled_from(["ari", "ami"]), st.data())
def test_lost_and_late_events_end_in_nothing_left(name: str, by: str, data: st.DataObject) -> None:
    events = recorded(name, by)
    kept = data.draw(st.lists(st.sampled_from(range(len(events))), max_size=2 * len(events)))
    book = book_of(record_all())
    steps = play(book, [events[one] for one in kept])
    steps.append(book.resync([], [], 10**12))
    assert len(book) == 0
    for view in last_views(steps):
        assert view.is_over
        assert not any(one.is_tapped for one in view.parties)
        assert all(one.until_ns is not None and one.until_ns >= one.since_ns for one in view.stretches)


@given(st.sampled_from(SCENARIOS), st.data())
def test_whoever_talks_after_an_interruption_is_in_a_call(name: str, data: st.DataObject) -> None:
    events = recorded(name)
    lost = data.draw(st.integers(0, len(events)))
    back = data.draw(st.integers(lost, len(events)))
    book = book_of(record_all())
    steps = play(book, events[:lost])
    channels, bridges = state_of(events[:back])
    steps.append(book.resync(channels, bridges, back * STEP_NS))
    steps += play(book, events[back:], back * STEP_NS)
    joined = {one.channel_id for view in last_views(steps) for one in view.parties if one.has_joined}
    heard = [one.channel for one in [*events[:lost], *events[back:]] if isinstance(one, Entered)]
    here = {one.id: one for one in channels}
    heard += [here[member] for bridge in bridges for member in bridge.members]
    assert {one.id for one in heard if one.is_party} <= joined
    assert all(view.is_over for view in last_views(steps))
    assert len(book) == 0


def state_of(events: list[Event]) -> tuple[list[Channel], list[Bridge]]:
    """What the PBX has after these events."""
    channels: dict[str, Channel] = {}
    bridges: dict[str, tuple[str, ...]] = {}
    for event in events:
        match event:
            case Created(channel):
                channels[channel.id] = channel
            case Entered(bridge_id, members, channel):
                channels[channel.id], bridges[bridge_id] = channel, members
            case Left(bridge_id, channel):
                bridges[bridge_id] = tuple(one for one in bridges[bridge_id] if one != channel.id)
            case Destroyed(channel):
                channels.pop(channel.id, None)
    return list(channels.values()), [Bridge(key, "mixing", members) for key, members in bridges.items()]
