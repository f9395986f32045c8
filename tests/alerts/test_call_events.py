"""Call events: written with the change, queued once, signed, filtered, and never lost."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fonoteka.alerts import (
    delete_subscription,
    deliver_due,
    find_deliveries,
    list_subscriptions,
    queue_call_events,
    renew_subscription_secret,
    replay_delivery,
    save_subscription,
    try_subscription,
)
from fonoteka.archive import (
    Archive,
    bin_recording,
    empty_bin,
    fail_recording,
    register_call,
    report_missing,
    restore_recording,
    shelve_recording,
)
from fonoteka.domain.access import Permission, Role
from fonoteka.domain.call import Call, CallOutcome
from fonoteka.domain.call_events import CallEventKind, EventSubscription
from fonoteka.domain.delivery import DeliveryState, Outcome
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import AccessDenied, AddressInvalid, ChannelInvalid, ChannelNotFound
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Extension, Group
from fonoteka.domain.recording import RemovalCause
from fonoteka.objects import ObjectStore
from tests.alerts.conftest import House
from tests.alerts.receivers import Receiver
from tests.archive.test_shelving import PEAKS, assembled
from tests.examples import NOON, actor, call

DOCS = Path(__file__).parents[2] / "docs" / "operate" / "webhooks.md"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.stop()


@pytest.fixture
def archive(house: House, tmp_path: Path) -> Archive:
    return Archive(house.room.store, ObjectStore.open(tmp_path / "objects"), tmp_path / "cache", 5)


def subscribe(house: House, url: str, **fields: Any) -> EventSubscription:
    given = EventSubscription("", "", fields.pop("name", "CRM"), url, NOON, **fields)
    return save_subscription(house.room, house.admin, given)


def told(house: House, receiver: Receiver) -> list[dict[str, Any]]:
    """What the receiver was told since the last time, in order."""
    before = len(receiver.requests)
    queue_call_events(house.room)
    deliver_due(house.room)
    bodies: list[dict[str, Any]] = [json.loads(one.body) for one in receiver.requests[before:]]
    return sorted(bodies, key=lambda one: str(one["at"]))


def shelved(archive: Archive, tmp_path: Path, **fields: Any) -> Call:
    one = call(**fields)
    register_call(archive, one)
    audio = tmp_path / "audio.opus"
    audio.write_bytes(b"OggS" * 100)
    shelve_recording(archive, assembled(one), audio, PEAKS)
    return one


def test_the_life_of_a_recording_is_told(
    house: House, archive: Archive, receiver: Receiver, tmp_path: Path
) -> None:
    house.room = replace(house.room, public_url="https://calls.example.com/")
    made = subscribe(house, receiver.url)
    one = shelved(archive, tmp_path)
    bodies = told(house, receiver)
    assert [body["event"] for body in bodies] == ["call.recorded", "recording.ready"]
    ready = bodies[1]
    assert ready["call"]["page_url"] == f"https://calls.example.com/calls/{one.id}"
    assert [each["number"] for each in ready["call"]["participants"]] == ["101", "+74951234567"]
    assert ready["recording"]["state"] == "ready"
    assert ready["recording"]["audio_url"].endswith(f"/api/v1/recordings/{one.recordings[0].id}/audio")
    assert ready["tenant_id"] == "default"
    request = receiver.requests[-1]
    assert request.headers["Fonoteka-Delivery"] == json.loads(request.body)["id"]
    signed = request.headers["Fonoteka-Timestamp"].encode() + b"." + request.body
    expected = hmac.new(made.secret.encode(), signed, hashlib.sha256).hexdigest()
    assert request.headers["Fonoteka-Signature"] == f"v1={expected}"

    bin_recording(archive, actor(), one.recordings[0].id)
    restore_recording(archive, actor(), one.recordings[0].id)
    bin_recording(archive, actor(), one.recordings[0].id)
    empty_bin(archive, actor(), [one.recordings[0].id])
    assert [body["event"] for body in told(house, receiver)] == [
        "recording.binned",
        "recording.restored",
        "recording.binned",
        "recording.deleted",
    ]
    other = shelved(archive, tmp_path)
    with archive.store.transaction() as tx:
        known = tx.recordings.get_locked(other.recordings[0].id)
        assert known
        tx.recordings.mark_deleted(known, NOON, RemovalCause.PLAN)
    third = call()
    register_call(archive, third)
    fail_recording(archive, third.recordings[0].id, "codec.unknown")
    events = [body["event"] for body in told(house, receiver)]
    assert events[-3:] == ["recording.overwritten", "call.recorded", "recording.failed"]


def test_calls_without_a_recording_are_told(house: House, archive: Archive, receiver: Receiver) -> None:
    subscribe(house, receiver.url)
    waiting = call(outcome=CallOutcome.EXPECTED, recordings=())
    register_call(archive, waiting)
    register_call(archive, call(outcome=CallOutcome.MISSED, recordings=()))
    register_call(archive, call(outcome=CallOutcome.SKIPPED, recordings=()))
    assert [body["event"] for body in told(house, receiver)] == ["call.missed"]
    archive = replace(archive, now=lambda: NOON + timedelta(hours=1))
    assert [one.id for one in report_missing(archive)] == [waiting.id]
    (body,) = told(house, receiver)
    assert (body["event"], body["call"]["outcome"], body["recording"]) == ("call.missing", "missing", None)


def test_only_what_was_asked_for_is_told(house: House, archive: Archive, receiver: Receiver) -> None:
    with archive.store.transaction() as tx:
        tx.extensions.add([Extension(new_id(), "default", one) for one in ("101", "102")])
        tx.groups.add(Group("g", "default", "Sales", frozenset({"102"})))
    subscribe(house, receiver.url, kinds=frozenset({CallEventKind.CALL_MISSED}))
    assert told(house, receiver) == []
    for fields in (
        {"kinds": frozenset({CallEventKind.RECORDING_READY})},
        {"group_id": "g"},
        {"direction": Direction.INCOMING},
        {"is_enabled": False},
    ):
        subscribe(house, receiver.url, name="none", **fields)
    register_call(archive, call(outcome=CallOutcome.MISSED, recordings=()))
    register_call(archive, call(outcome=CallOutcome.MISSED, recordings=(), tenant_id="other"))
    assert len(told(house, receiver)) == 1
    subscribe(house, receiver.url, kinds=frozenset(CallEventKind), direction=Direction.OUTGOING)
    register_call(archive, call(outcome=CallOutcome.MISSED, recordings=()))
    assert len(told(house, receiver)) == 2


def test_a_change_that_is_rolled_back_is_not_told(house: House, receiver: Receiver) -> None:
    subscribe(house, receiver.url)

    def broken_off() -> None:
        with house.room.store.transaction() as tx:
            tx.calls.add(call(outcome=CallOutcome.MISSED, recordings=()))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()
    assert told(house, receiver) == []


def test_kill_9_while_queueing_loses_nothing_and_doubles_nothing(
    house: House, archive: Archive, receiver: Receiver, database_url: str
) -> None:
    subscribe(house, receiver.url)
    for _ in range(3):
        register_call(archive, call(outcome=CallOutcome.MISSED, recordings=()))
    victim = subprocess.Popen(
        [sys.executable, "-m", "tests.alerts.stalling_queue", database_url], stdout=subprocess.PIPE
    )
    assert victim.stdout
    assert victim.stdout.readline() == b"queued\n"
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    victim.stdout.close()
    bodies = told(house, receiver)
    assert len(bodies) == len({body["call"]["id"] for body in bodies}) == 3


def test_what_was_given_up_can_be_sent_again(house: House, archive: Archive, receiver: Receiver) -> None:
    made = subscribe(house, receiver.url)
    receiver.status = 410
    register_call(archive, call(outcome=CallOutcome.MISSED, recordings=()))
    queue_call_events(house.room)
    (dead,) = deliver_due(house.room)
    assert (dead.state, dead.outcome) == (DeliveryState.DEAD, Outcome.GONE)
    receiver.status = 204
    secret = renew_subscription_secret(house.room, house.admin, made.id)
    assert secret != made.secret
    again = replay_delivery(house.room, house.admin, dead.id)
    (done,) = deliver_due(house.room)
    assert (again.id, done.id, done.state) == (dead.id, dead.id, DeliveryState.SENT)
    tested = try_subscription(house.room, house.admin, made.id)
    deliver_due(house.room)
    page = find_deliveries(house.room, house.admin, channel_id=made.id)
    assert [one.id for one in page.items] == [tested.id, dead.id]
    assert find_deliveries(house.room, house.admin, channel_id="x").items == ()
    delete_subscription(house.room, house.admin, made.id)
    assert list_subscriptions(house.room, house.admin) == ()
    with pytest.raises(ChannelNotFound):
        try_subscription(house.room, house.admin, made.id)


def test_bad_subscriptions_are_refused(house: House) -> None:
    for wrong in ("ftp://example.com", "https://user:x@example.com/", "", "x" * 3000):
        with pytest.raises(AddressInvalid):
            subscribe(house, wrong)
    with pytest.raises(ChannelInvalid) as raised:
        subscribe(house, "https://example.com", name=" ")
    assert raised.value.context["field"] == "name"
    with pytest.raises(ChannelInvalid):
        subscribe(house, "https://example.com", group_id="g")
    made = subscribe(house, "https://example.com")
    assert made.secret
    assert list_subscriptions(house.room, house.admin)[0].secret == ""
    changed = save_subscription(house.room, house.admin, replace(made, name="Other", secret=""))
    assert (changed.name, changed.secret) == ("Other", "")
    with house.room.store.reading() as tx:
        kept = tx.event_subscriptions.get("default", made.id)
    assert kept is not None
    assert kept.secret == made.secret
    for n in range(19):
        subscribe(house, "https://example.com", name=str(n))
    with pytest.raises(ChannelInvalid):
        subscribe(house, "https://example.com")
    theirs = replace(house.admin, tenant_id="other")
    with pytest.raises(ChannelNotFound):
        delete_subscription(house.room, theirs, made.id)
    blind = replace(house.admin, permissions=frozenset(Permission) - {Permission.NUMBER_SEE})
    for who in (blind, replace(house.admin, role=Role.SUPERVISOR)):
        with pytest.raises(AccessDenied):
            save_subscription(house.room, who, made)


def test_every_event_is_documented() -> None:
    documented = re.findall(r"^\| `([a-z.]+)` \|", DOCS.read_text(), re.MULTILINE)
    assert sorted(documented) == sorted(CallEventKind)
