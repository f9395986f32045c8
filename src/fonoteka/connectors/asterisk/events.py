"""ARI's events (JSON, one a message) as values; what we have no use for is None.

https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/ names the fields.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from fonoteka.domain.errors import WireMalformed

# What Asterisk and we make to connect parties; nobody speaks in them.
_NOT_PARTIES = re.compile(
    r"(Local|Snoop|UnicastRTP|MulticastRTP|WebSocket|AudioSocket|Recorder|Announcer|CBAnn|CBRec"
    r"|ConfBridgeRecorder|Surrogate|Message|OutgoingSpoof|Bridge)/.*|.*<ZOMBIE>.*"
)
_DIALLED = re.compile(r"\+?[0-9*#]+")
TRANSFERS = {"BridgeBlindTransfer": "transfer_blind", "BridgeAttendedTransfer": "transfer_attended"}


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as an event shows it. `linkedid` and `redirecting_*` are empty without `channelvars`."""

    id: str
    name: str
    linkedid: str = ""
    number: str = ""
    caller_name: str = ""
    exten: str = ""
    app_name: str = ""
    redirecting_from: str = ""

    @property
    def is_party(self) -> bool:
        """Whether a person may be at its end."""
        return not _NOT_PARTIES.fullmatch(self.name)

    @property
    def endpoint(self) -> str:
        """`101` of `PJSIP/101-0000000b`."""
        return self.name.partition("/")[2].rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class Created:
    """A channel is there."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class Dialed:
    """`caller` dials `peer`; `number` is what was dialled there, if the dial string says."""

    caller: Channel | None
    peer: Channel
    number: str


@dataclass(frozen=True, slots=True)
class Entered:
    """A channel came into a bridge, where `members` are now."""

    bridge_id: str
    members: tuple[str, ...]
    channel: Channel


@dataclass(frozen=True, slots=True)
class Left:
    """A channel left a bridge."""

    bridge_id: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class Transferred:
    """A transfer succeeded; `channel_ids` are those who stay, `kind` is a `Segment`'s."""

    kind: str
    transferer_ids: tuple[str, ...]
    channel_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HoldChanged:
    """The party at this channel put the other on hold, or took it back."""

    channel: Channel
    held: bool


@dataclass(frozen=True, slots=True)
class Destroyed:
    """A channel is gone."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class StasisStarted:
    """A channel is in an application's hands."""

    channel: Channel


Event = Created | Dialed | Entered | Left | Transferred | HoldChanged | Destroyed | StasisStarted


@dataclass(frozen=True, slots=True)
class Bridge:
    """A bridge as `GET /bridges` shows it."""

    id: str
    kind: str
    members: tuple[str, ...]


def read_event(text: str | bytes) -> Event | None:
    """The event of a message. Raises `WireMalformed` for what is no event."""
    try:
        return _event(json.loads(text))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise WireMalformed(f"ARI event: {type(error).__name__}: {error}") from error


def read_channels(value: object) -> list[Channel]:
    """What `GET /channels` answers, the oldest first. Raises `WireMalformed`."""
    try:
        found = sorted(_list(value), key=lambda one: str(one["creationtime"]))
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
        number = _dialled(str(value.get("dialstring") or ""))
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
            return StasisStarted(channel)
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


def _dialled(dial_string: str) -> str:
    """`79161112233` of `79161112233@provider`, `provider/79161112233`, `provider/sip:79161112233@host`."""
    for part in dial_string.split("/")[::-1]:
        number = part.removeprefix("sip:").partition("@")[0]
        if _DIALLED.fullmatch(number):
            return number
    return ""
