"""Call events on their way out: what triggers wrote down becomes deliveries to those who subscribed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime

from fonoteka.alerts.alert_room import AlertRoom
from fonoteka.domain.call import Call
from fonoteka.domain.call_events import CallEvent, EventSubscription
from fonoteka.domain.delivery import Delivery, Message, Transport
from fonoteka.domain.ids import new_id
from fonoteka.store import Transaction

CALL_EVENT_KIND = "call_event"
_AT_ONCE = 200
_ROUNDS_MAX = 20


def queue_call_events(room: AlertRoom) -> int:
    """Queue what happened for every subscription that wants it: how many events. To be called often.

    Events go and deliveries come in one transaction; several processes may do it at once.
    """
    queued = 0
    for _ in range(_ROUNDS_MAX):
        with room.store.reading() as tx:
            if not tx.call_events.any():
                break
        with room.store.transaction() as tx:
            events = tx.call_events.take(_AT_ONCE)
            _queue(room, tx, events)
        queued += len(events)
    return queued


def _queue(room: AlertRoom, tx: Transaction, events: tuple[CallEvent, ...]) -> None:
    by_tenant: defaultdict[str, list[CallEvent]] = defaultdict(list)
    for event in events:
        by_tenant[event.tenant_id].append(event)
    for tenant_id, some in by_tenant.items():
        subscriptions = [one for one in tx.event_subscriptions.all(tenant_id) if one.is_enabled]
        members = {
            one.group_id: tx.groups.numbers_of(tenant_id, {one.group_id})
            for one in subscriptions
            if one.group_id
        }
        for event in some:
            call = tx.calls.get(tenant_id, event.call_id)
            if call is None:
                continue
            for one in subscriptions:
                if _wants(one, event, call, members):
                    tx.deliveries.add(_delivery(room, one, event, call))


def _wants(
    one: EventSubscription, event: CallEvent, call: Call, members: Mapping[str, frozenset[str]]
) -> bool:
    if one.kinds and event.kind not in one.kinds:
        return False
    if one.direction is not None and call.direction is not one.direction:
        return False
    numbers = {each.number for each in call.participants}
    return not one.group_id or not numbers.isdisjoint(members[one.group_id])


def _delivery(room: AlertRoom, one: EventSubscription, event: CallEvent, call: Call) -> Delivery:
    delivery_id, now = new_id(), room.now()
    body = {
        "id": delivery_id,
        "event": event.kind.value,
        "at": _instant(event.at),
        "tenant_id": event.tenant_id,
        "call": _call(call, room.public_url.rstrip("/")),
        "recording": _recording(event, call, room.public_url.rstrip("/")),
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    message = Message(Transport.WEBHOOK, one.address, event.kind.value, text)
    return Delivery(delivery_id, event.tenant_id, one.id, CALL_EVENT_KIND, message, now, now)


def _call(call: Call, root: str) -> dict[str, object]:
    return {
        "id": call.id,
        "direction": call.direction.value,
        "started_at": _instant(call.started_at),
        "duration_ms": call.duration_ms,
        "outcome": call.outcome.value,
        "source": call.source,
        "external_id": call.external_id,
        "participants": [
            {"party": None if one.party is None else one.party.value, "number": one.number, "name": one.name}
            for one in call.participants
        ],
        "page_url": f"{root}/calls/{call.id}",
        "api_url": f"{root}/api/v1/calls/{call.id}",
    }


def _recording(event: CallEvent, call: Call, root: str) -> dict[str, object] | None:
    found = next((one for one in call.recordings if one.id == event.recording_id), None)
    if found is None:
        return None
    return {
        "id": found.id,
        "state": found.state.value,
        "started_at": _instant(found.started_at),
        "duration_ms": found.duration_ms,
        "size_bytes": found.size_bytes,
        "sha256": found.sha256,
        "removal_cause": None if found.removal_cause is None else found.removal_cause.value,
        "audio_url": f"{root}/api/v1/recordings/{found.id}/audio",
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
