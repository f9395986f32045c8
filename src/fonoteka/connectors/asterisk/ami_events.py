"""AMI's events as values. They name one channel each: who else is in a bridge is kept here. Sans I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fonoteka.connectors.asterisk.events import (
    Bridge,
    Channel,
    Created,
    Destroyed,
    Dialed,
    Entered,
    Event,
    HoldChanged,
    Left,
    TapStarted,
    Transferred,
    age_of,
    dialled_number,
)
from fonoteka.connectors.asterisk.followed_call import QUEUE_APP
from fonoteka.domain.errors import WireMalformed
from fonoteka.wire.ami import AmiMessage

CLASSES = "call,agent"
"""Of events, as in `read` of manager.conf; the queue's are of class agent."""
WANTED = frozenset(
    {
        *("Newchannel", "Hangup", "DialBegin", "Hold", "Unhold", "BlindTransfer", "AttendedTransfer"),
        *("BridgeEnter", "BridgeLeave", "BridgeDestroy", "QueueCallerJoin", "ChanSpyStart"),
    }
)
HOLDING = "holding_bridge"
_NOTHING = "<unknown>"
_REDIRECTING = "REDIRECTING(from-num)="


class AmiEvents:
    """Reads the events of one connection, in their order."""

    def __init__(self) -> None:
        self._members: dict[str, list[str]] = {}
        self._queued: set[str] = set()

    def begin(self, bridges: Iterable[Bridge]) -> None:
        """Which channels are in which bridge now."""
        self._members = {one.id: list(one.members) for one in bridges if one.members}

    def take(self, message: AmiMessage) -> Event | None:
        """What the message says; None for what we have no use for. Raises `WireMalformed`."""
        match message.event:
            case "Newchannel":
                return Created(self._channel(message))
            case "DialBegin":
                caller = self._channel(message) if message.get("Uniqueid") else None
                peer = self._channel(message, "Dest")
                return Dialed(caller, peer, dialled_number(message.get("DialString")))
            case "BridgeEnter" | "BridgeLeave" | "BridgeDestroy":
                return self._bridge(message)
            case "Hold" | "Unhold":
                return HoldChanged(self._channel(message), held=message.event == "Hold")
            case "BlindTransfer" | "AttendedTransfer":
                return _transfer(message)
            case "QueueCallerJoin":
                self._queued.add(message.get("Uniqueid"))
            case "ChanSpyStart":
                return TapStarted(self._channel(message, "Spyer"))
            case "Hangup":
                self._queued.discard(message.get("Uniqueid"))
                return Destroyed(self._channel(message))
        return None

    def _bridge(self, message: AmiMessage) -> Event | None:
        id_ = _needed(message, "BridgeUniqueid")
        if message.event == "BridgeDestroy":
            self._members.pop(id_, None)
            return None
        channel = self._channel(message)
        members = self._members.setdefault(id_, [])
        if channel.id in members:
            members.remove(channel.id)
        if message.event == "BridgeLeave":
            return Left(id_, channel)
        members.append(channel.id)
        is_holding = message.get("BridgeTechnology") == HOLDING
        return None if is_holding else Entered(id_, tuple(members), channel)

    def _channel(self, message: AmiMessage, prefix: str = "") -> Channel:
        channel = read_channel(message, prefix)
        if channel.id in self._queued:
            return replace(channel, app_name=QUEUE_APP)
        return channel


def read_channel(message: AmiMessage, prefix: str = "") -> Channel:
    """The channel that a message's fields of that prefix describe. Raises `WireMalformed`."""
    redirecting = [one for one in message.all(f"{prefix}ChanVariable") if one.startswith(_REDIRECTING)]

    def value_of(name: str) -> str:
        value = message.get(prefix + name)
        return "" if value == _NOTHING else value

    return Channel(
        id=_needed(message, f"{prefix}Uniqueid"),
        name=_needed(message, f"{prefix}Channel"),
        linkedid=value_of("Linkedid"),
        number=value_of("CallerIDNum"),
        caller_name=value_of("CallerIDName"),
        exten=value_of("Exten"),
        app_name=value_of("Application"),
        redirecting_from=redirecting[0].removeprefix(_REDIRECTING) if redirecting else "",
    )


def read_state(
    channels: Iterable[AmiMessage], bridges: Iterable[AmiMessage]
) -> tuple[list[Channel], list[Bridge]]:
    """From the answers to `CoreShowChannels` and `BridgeList`. Raises `WireMalformed`."""
    listed = sorted(
        (one for one in channels if one.event == "CoreShowChannel"),
        key=lambda one: age_of(one.get("Uniqueid")),
    )
    members: dict[str, list[str]] = {}
    for one in listed:
        if bridge_id := one.get("BridgeId"):
            members.setdefault(bridge_id, []).append(_needed(one, "Uniqueid"))
    kinds = {
        one.get("BridgeUniqueid"): "holding" if one.get("BridgeTechnology") == HOLDING else "mixing"
        for one in bridges
        if one.event == "BridgeListItem"
    }
    found = [Bridge(id_, kinds.get(id_, "mixing"), tuple(ids)) for id_, ids in members.items()]
    return [read_channel(one) for one in listed], found


def _transfer(message: AmiMessage) -> Transferred | None:
    if message.get("Result") != "Success":
        return None
    is_blind = message.event == "BlindTransfer"
    leaving = ["Transferer"] if is_blind else ["OrigTransferer", "SecondTransferer"]
    staying = ["Transferee"] if is_blind else ["Transferee", "TransferTarget"]
    leaving_ids = filter(None, (message.get(f"{one}Uniqueid") for one in leaving))
    staying_ids = filter(None, (message.get(f"{one}Uniqueid") for one in staying))
    return Transferred(
        "transfer_blind" if is_blind else "transfer_attended", tuple(leaving_ids), tuple(staying_ids)
    )


def _needed(message: AmiMessage, name: str) -> str:
    value = message.get(name)
    if not value:
        raise WireMalformed(f"AMI {message.event}: no {name}")
    return value
