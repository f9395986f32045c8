"""A bad network on purpose: loss, jitter and duplicates, the same each time for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from fonoteka.domain.errors import RequestInvalid

MAX_JITTER_MS = 2000


@dataclass(frozen=True, slots=True)
class Impairment:
    """How bad the network is. `loss` and `duplicates` are shares of packets, 0 to 1.

    Each packet is late by an even share of 0 to `jitter_ms`; past 20 ms packets overtake each other.
    Raises `RequestInvalid` for a share or a delay out of bounds.
    """

    loss: float = 0.0
    jitter_ms: int = 0
    duplicates: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        for field, share in (("loss", self.loss), ("duplicates", self.duplicates)):
            if not 0.0 <= share <= 1.0:
                raise RequestInvalid(field, f"{field} is a share between 0 % and 100 %, not {share:.0%}.")
        if not 0 <= self.jitter_ms <= MAX_JITTER_MS:
            raise RequestInvalid("jitter", f"Jitter is between 0 and {MAX_JITTER_MS} ms.")

    @property
    def clean(self) -> bool:
        """Whether every packet arrives once and in time."""
        return not (self.loss or self.jitter_ms or self.duplicates)

    def fates(self, stream: str) -> Fates:
        """The fates of one stream's packets; each stream name has a sequence of its own."""
        return Fates(self, random.Random(f"{self.seed}/{stream}"))  # noqa: S311 - reproducible, not secret


class Fates:
    """Deals out what happens to each packet of a stream, in order."""

    def __init__(self, impairment: Impairment, generator: random.Random) -> None:
        self._impairment = impairment
        self._generator = generator

    def deal(self) -> tuple[int, ...]:
        """The delays (ns) of the next packet's copies: none when it is lost, two when it is doubled."""
        chance = self._generator.random
        lost = chance() < self._impairment.loss
        copies = 2 if chance() < self._impairment.duplicates else 1
        # Drawn for lost packets too: another loss then leaves the other fates as they were.
        delays = tuple(int(chance() * self._impairment.jitter_ms * 1e6) for _ in range(copies))
        return () if lost else delays
