"""Stretches of time in ms, and what can be done with lists of them. Lists are sorted and do not overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """From `since_ms` until `until_ms`, which is not in it."""

    since_ms: int
    until_ms: int

    @property
    def length_ms(self) -> int:
        """How long it is."""
        return self.until_ms - self.since_ms


Spans = tuple[Span, ...]


def total_ms(spans: Iterable[Span]) -> int:
    """How long all of them are together."""
    return sum(one.length_ms for one in spans)


def joined(spans: Iterable[Span], gap_ms: int = 0) -> Spans:
    """In order, each two that overlap or are at most `gap_ms` apart as one; empty ones are left out."""
    found: list[Span] = []
    for one in sorted(spans):
        if one.length_ms <= 0:
            continue
        if found and one.since_ms - found[-1].until_ms <= gap_ms:
            found[-1] = Span(found[-1].since_ms, max(found[-1].until_ms, one.until_ms))
        else:
            found.append(one)
    return tuple(found)


def common(some: Sequence[Span], others: Sequence[Span]) -> Spans:
    """The time that lies in both."""
    found, at = [], 0
    for one in some:
        while at < len(others) and others[at].until_ms <= one.since_ms:
            at += 1
        for other in others[at:]:
            if other.since_ms >= one.until_ms:
                break
            found.append(Span(max(one.since_ms, other.since_ms), min(one.until_ms, other.until_ms)))
    return tuple(found)


def without(some: Sequence[Span], others: Sequence[Span]) -> Spans:
    """The time that lies in `some` and not in `others`."""
    found, at = [], 0
    for one in some:
        since = one.since_ms
        while at < len(others) and others[at].until_ms <= since:
            at += 1
        for other in others[at:]:
            if other.since_ms >= one.until_ms:
                break
            if other.since_ms > since:
                found.append(Span(since, other.since_ms))
            since = max(since, other.until_ms)
        if since < one.until_ms:
            found.append(Span(since, one.until_ms))
    return tuple(found)
