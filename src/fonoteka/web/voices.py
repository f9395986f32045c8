"""Whose voice is where: the other side first, ours second, in rows, lanes and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fonoteka.domain.call import Call, Participant, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.recording import ActivityStrip, Recording

_LEVEL_MAX = 15
_HALF_HEIGHT = 9.5
_COLUMN_PITCH = 3
_WITHHELD = frozenset({"anonymous", "sip:anonymous@anonymous.invalid", "unknown", "restricted"})


class Voice(StrEnum):
    """The colour of a voice: ochre for the other side, blue for ours, grey for a colleague who calls."""

    THEM = "them"
    US = "us"
    COLLEAGUE = "colleague"


@dataclass(frozen=True, slots=True)
class Side:
    """The people on one side of a call and the parts they play."""

    voice: Voice
    people: tuple[Participant, ...]

    @property
    def label(self) -> str:
        """All of them in one line; empty when nobody is known."""
        return ", ".join(filter(None, map(label_of, self.people)))

    @property
    def number(self) -> str:
        """The number to show beside the label: of the only one, and only if the label is a name."""
        if len(self.people) != 1 or not self.people[0].name:
            return ""
        return self.people[0].number


def label_of(participant: Participant) -> str:
    """What to call a participant; empty for one who withheld the number (RFC 3323 §4.1.1.3)."""
    if participant.label.lower() in _WITHHELD:
        return ""
    return participant.label


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane of the player: a voice and the channel of the file that holds it."""

    voice: Voice
    channel: int
    people: str


def sides_of(call: Call) -> tuple[Side, Side]:
    """The other side and ours. Where no side is foreign, the one who calls comes first."""
    caller = call.participant(Party.CALLING) or (call.participants[0] if call.participants else None)
    calling = (caller,) if caller else ()
    others = tuple(one for one in call.participants if one is not caller)
    if call.direction is Direction.OUTGOING:
        return Side(Voice.THEM, others), Side(Voice.US, calling)
    first = Voice.COLLEAGUE if call.direction is Direction.INTERNAL else Voice.THEM
    return Side(first, calling), Side(Voice.US, others)


def lanes_of(call: Call, recording: Recording) -> tuple[Lane, ...]:
    """The lanes of a recording, the other side above. A lone track keeps the voice of its party."""
    lanes = []
    for place, track in enumerate(recording.tracks[:2]):
        side = sides_of(call)[_side_index(call, track.party, place)]
        lanes.append(Lane(side.voice, track.index, side.label or track.label))
    return tuple(sorted(lanes, key=lambda lane: lane.voice is Voice.US))


def _side_index(call: Call, party: str | None, place: int) -> int:
    is_calling = party == Party.CALLING or (party is None and place == 0)
    return int(is_calling == (call.direction is Direction.OUTGOING))


@dataclass(frozen=True, slots=True)
class StripPath:
    """One voice's bars as an SVG path, and the share of the columns in which it sounds."""

    voice: Voice
    path: str
    share: float


@dataclass(frozen=True, slots=True)
class StripPicture:
    """A list's small picture of a call: the other side up, ours down, from a middle line at y = 10."""

    width: int
    paths: tuple[StripPath, ...]


def strip_picture(strip: ActivityStrip, lanes: tuple[Lane, ...]) -> StripPicture | None:
    """Draw a strip; None when there is nothing to draw."""
    if not lanes or not strip.tracks:
        return None
    paths = []
    for lane in lanes:
        if lane.channel >= len(strip.tracks):
            continue
        levels = strip.tracks[lane.channel]
        down = lane.voice is Voice.US
        share = sum(level > 0 for level in levels) / len(levels)
        paths.append(StripPath(lane.voice, _bars(levels, down), share))
    return StripPicture(len(strip.tracks[0]) * _COLUMN_PITCH - 1, tuple(paths))


def _bars(levels: tuple[int, ...], down: bool) -> str:
    start, sign = (10.5, 1) if down else (9.5, -1)
    return "".join(
        f"M{place * _COLUMN_PITCH + 1} {start}v{sign * max(level / _LEVEL_MAX * _HALF_HEIGHT, 1):.1f}"
        for place, level in enumerate(levels)
        if level
    )
