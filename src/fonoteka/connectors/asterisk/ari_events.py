"""ARI's events (JSON, one a message) as values; what we have no use for is None.

https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/ names the fields.
"""

from __future__ import annotations

import json
from typing import Any

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
from fonoteka.domain.errors import WireMalformed

READ_TYPES = (
    *("ChannelCreated", "ChannelDestroyed", "ChannelHold", "ChannelUnhold", "Dial", "StasisStart"),
    *("ChannelEnteredBridge", "ChannelLeftBridge", "BridgeBlindTransfer", "BridgeAttendedTransfer"),
)
"""The types of events that are read here; the PBX is asked for no others."""
TRANSFERS = {"BridgeBlindTransfer": "transfer_blind", "BridgeAttendedTransfer": "transfer_attended"}


def read_event(text: str | bytes) -> Event | None:
    """The event of a message. Raises `WireMalformed` for what is no event."""
    try:
        return _event(json.loads(text))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise WireMalformed(f"ARI event: {type(error).__name__}: {error}") from error


def read_channels(value: object) -> list[Channel]:
    """What `GET /channels` answers, the oldest first. Raises `WireMalformed`."""
    try:
        # A phone is often called within the millisecond in which its caller came: the ids tell who was first.
        found = sorted(_list(value), key=lambda one: (str(one["creationtime"]), age_of(str(one["id"]))))
        return [_channel(one) for one in found]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WireMalformed(f"ARI channels: {type(error).__name__}: {error}") from error


def read_bridges(value: object) -> list[Bridge]:
    """What `GET /bridges` answers. Raises `WireMalformed`."""
    try:
        return [Bridge(str(one["id"]), str(one["bridge_type"]), _members(one)) for one in _list(value)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WireMalformed(f"ARI bridges: {type(error).__name__}: {error}") from error


def _event(value: dict[str, Any]) -> Event | None:
    kind = value["type"]
    if kind in TRANSFERS:
        return _transfer(TRANSFERS[kind], value) if value.get("result") == "Success" else None
    if kind == "Dial":
        caller = value.get("caller")
        number = dialled_number(str(value.get("dialstring") or ""))
        return Dialed(_channel(caller) if caller else None, _channel(value["peer"]), number)
    if "channel" not in value:
        return None
    channel = _channel(value["channel"])
    match kind:
        case "ChannelCreated":
            return Created(channel)
        case "ChannelEnteredBridge" if value["bridge"]["bridge_type"] != "holding":
            return Entered(str(value["bridge"]["id"]), _members(value["bridge"]), channel)
        case "ChannelLeftBridge":
            return Left(str(value["bridge"]["id"]), channel)
        case "ChannelHold" | "ChannelUnhold":
            return HoldChanged(channel, held=kind == "ChannelHold")
        case "ChannelDestroyed":
            return Destroyed(channel)
        case "StasisStart":
            return TapStarted(channel)
    return None


def _transfer(kind: str, value: dict[str, Any]) -> Transferred:
    channels = {name: one["id"] for name, one in value.items() if isinstance(one, dict) and "dialplan" in one}
    # A blind transfer names the one who transfers `channel`.
    leaving = [id_ for name, id_ in channels.items() if name == "channel" or name.startswith("transferer_")]
    return Transferred(kind, tuple(leaving), tuple(one for one in channels.values() if one not in leaving))


def _channel(value: dict[str, Any]) -> Channel:
    variables = value.get("channelvars") or {}
    caller, dialplan = value.get("caller") or {}, value.get("dialplan") or {}
    return Channel(
        id=str(value["id"]),
        name=str(value["name"]),
        linkedid=str(variables.get("CHANNEL(linkedid)") or ""),
        number=str(caller.get("number") or ""),
        caller_name=str(caller.get("name") or ""),
        exten=str(dialplan.get("exten") or ""),
        app_name=str(dialplan.get("app_name") or ""),
        redirecting_from=str(variables.get("REDIRECTING(from-num)") or ""),
    )


def _members(bridge: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(one) for one in bridge["channels"])


def _list(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value
