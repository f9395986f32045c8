"""A call of the ledger as rules look at it."""

from __future__ import annotations

from fonoteka.domain.call import Party
from fonoteka.domain.call_facts import NumberReader
from fonoteka.domain.direction import Direction
from fonoteka.domain.rules import CallFacts
from fonoteka.store import PastCall


def facts_of_past(reader: NumberReader, call: PastCall) -> CallFacts:
    """Its facts by today's lists of extensions and trunks."""
    calling = next((number for party, number, _ in call.parties if party == Party.CALLING), "")
    numbers = [number for _, number, _ in call.parties]
    facts = reader.facts_of(
        call.key, call.started_at, numbers, calling=calling, forwarded_outside=call.forwarded_outside
    )
    if facts.direction is not Direction.UNKNOWN or call.direction is Direction.UNKNOWN:
        return facts
    return CallFacts(
        facts.key,
        facts.at,
        call.direction,
        facts.extensions,
        facts.outside_numbers,
        facts.forwarded_outside,
    )
