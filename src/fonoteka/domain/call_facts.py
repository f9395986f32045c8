"""From the raw numbers of a call to what recording rules look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from fonoteka.domain.call import is_extension
from fonoteka.domain.direction import Direction
from fonoteka.domain.people import Directory
from fonoteka.domain.rules import CallFacts

ToE164 = Callable[[str, str], str | None]
"""A raw number and a region to E.164, or None: `wire.e164.to_e164`."""

_WITHHELD = frozenset({"anonymous", "unavailable", "restricted", "private", "unknown", "withheld"})


@dataclass(frozen=True, slots=True)
class NumberReader:
    """Reads the numbers of one tenant's calls. Numbers of up to `extension_digits_max` digits are its own."""

    directory: Directory
    to_e164: ToE164
    extension_digits_max: int
    _own_numbers: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        own = (number for trunk in self.directory.trunks for number in trunk.numbers)
        object.__setattr__(self, "_own_numbers", frozenset(own))

    def facts_of(
        self,
        key: str,
        at: datetime,
        numbers: Sequence[str],
        *,
        calling: str = "",
        forwarded_outside: bool = False,
    ) -> CallFacts:
        """As `ports.Policy.facts_of`. `numbers` in the order in which they took part; `calling` among them.

        Where the call went is told by the calling number and the first other one.
        """
        read = {number: self._read(number) for number in (calling, *numbers) if number}
        others = [side for number, (side, _) in read.items() if number != calling]
        return CallFacts(
            key=key,
            at=at,
            direction=_direction(read[calling][0] if calling else _Side.UNKNOWN, others),
            extensions=frozenset(number for side, number in read.values() if side is _Side.OWN and number),
            outside_numbers=frozenset(
                number for side, number in read.values() if side is _Side.OUTSIDE and number
            ),
            forwarded_outside=forwarded_outside,
        )

    def _read(self, number: str) -> tuple[_Side, str]:
        """The side, and the own extension or the E.164 number; empty when there is none."""
        number = number.strip()
        if self.directory.extension(number) is not None:
            return _Side.OWN, number
        e164 = self.to_e164(number, self.directory.tenant.region)
        if e164 is None:
            return self._read_unreadable(number)
        if self.directory.extension(e164) is not None:
            return _Side.OWN, e164
        if e164 in self._own_numbers:
            return _Side.OWN, ""
        return _Side.OUTSIDE, e164

    def _read_unreadable(self, number: str) -> tuple[_Side, str]:
        if is_extension(number, self.extension_digits_max):
            return _Side.OWN, number
        if number.lower() in _WITHHELD or number.lstrip("+").isdecimal():
            return _Side.OUTSIDE, ""
        return _Side.UNKNOWN, ""


class _Side(Enum):
    OWN = auto()
    OUTSIDE = auto()
    UNKNOWN = auto()


def _direction(calling: _Side, others: Sequence[_Side]) -> Direction:
    known = [side for side in others if side is not _Side.UNKNOWN]
    if calling is _Side.UNKNOWN or not known:
        return Direction.UNKNOWN
    if calling is _Side.OWN:
        return Direction.INTERNAL if known[0] is _Side.OWN else Direction.OUTGOING
    return Direction.INCOMING if _Side.OWN in known else Direction.UNKNOWN
