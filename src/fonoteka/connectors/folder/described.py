"""What the name of a file, or something beside it, tells of the call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fonoteka.domain.call import Party
from fonoteka.domain.direction import Direction

TEXT_CHARACTERS_MAX = 256


@dataclass(frozen=True, slots=True)
class Described:
    """A call as a source describes it; what it does not tell is empty.

    `at` is as written: naive local time of the source, or aware. `uniqueid` is the PBX's own id of the
    channel, `side` whose voice alone the file holds, `channels` who is heard on which channel of it.
    """

    at: datetime | None = None
    calling: str = ""
    called: str = ""
    calling_name: str = ""
    called_name: str = ""
    direction: Direction = Direction.UNKNOWN
    uniqueid: str = ""
    side: Party | None = None
    channels: tuple[Party, ...] = ()

    @property
    def has_numbers(self) -> bool:
        """Whether anybody who took part is known."""
        return bool(self.calling or self.called or self.calling_name or self.called_name)

    def or_else(self, other: Described) -> Described:
        """This, and where it tells nothing what `other` tells."""
        told = {name: getattr(self, name) or getattr(other, name) for name in _TEXTS}
        unknown = self.direction is Direction.UNKNOWN
        return Described(
            at=self.at or other.at,
            direction=other.direction if unknown else self.direction,
            side=self.side or other.side,
            channels=self.channels or other.channels,
            **told,
        )

    def bounded(self) -> Described:
        """With texts of sensible length and without control characters."""
        texts: dict[str, Any] = {name: _plain(getattr(self, name)) for name in _TEXTS}
        return replace(self, **texts)


_TEXTS = ("calling", "called", "calling_name", "called_name", "uniqueid")


def _plain(text: str) -> str:
    kept = "".join(" " if ord(one) < 32 or ord(one) == 127 else one for one in text[:TEXT_CHARACTERS_MAX])
    return kept.strip()
