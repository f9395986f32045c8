"""What a PBX tells us, however it is told: channels, bridges and what happens to them."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What Asterisk and we make to connect parties; nobody speaks in them.
_NOT_PARTIES = re.compile(
    r"(Local|Snoop|UnicastRTP|MulticastRTP|WebSocket|AudioSocket|Recorder|Announcer|CBAnn|CBRec"
    r"|ConfBridgeRecorder|Surrogate|Message|OutgoingSpoof|Bridge)/.*|.*<ZOMBIE>.*"
)
_DIALLED = re.compile(r"\+?[0-9*#]+")
_MADE = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})$")


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as an event shows it. What the PBX is not set up to tell is empty."""

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
class TapStarted:
    """A channel of ours is ready for its work."""

    channel: Channel


Event = Created | Dialed | Entered | Left | Transferred | HoldChanged | Destroyed | TapStarted


@dataclass(frozen=True, slots=True)
class Bridge:
    """A bridge. In one of kind `holding` channels wait, and hear nobody."""

    id: str
    kind: str
    members: tuple[str, ...]


def age_of(channel_id: str) -> tuple[int, int]:
    """`SYSTEM-SECONDS.NUMBER`: in the order in which they were made; ours, which are named, come first."""
    found = _MADE.search(channel_id)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def dialled_number(dial_string: str) -> str:
    """`79161112233` of `79161112233@provider`, `provider/79161112233`, `provider/sip:79161112233@host`."""
    for part in dial_string.split("/")[::-1]:
        number = part.removeprefix("sip:").partition("@")[0]
        if _DIALLED.fullmatch(number):
            return number
    return ""
