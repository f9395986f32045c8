"""Whose conversations count: of own numbers within reach, of the members of a group."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fonoteka.domain.access import Actor
from fonoteka.domain.people import Extension, Group, Tenant
from fonoteka.domain.query import NOBODY
from fonoteka.domain.report import Days
from fonoteka.store import Transaction


@dataclass(frozen=True, slots=True)
class Audience:
    """The people of a tenant as far as the actor may know of them. `numbers` None: any own number."""

    tenant_id: str
    zone: ZoneInfo
    numbers: frozenset[str] | None
    people: dict[str, Extension]
    groups: tuple[Group, ...]

    def instants(self, days: Days) -> tuple[datetime, datetime]:
        """From the beginning of the first day to the end of the last."""
        since, until = (
            datetime.combine(day, time(), self.zone).astimezone(UTC)
            for day in (days.first, days.last + timedelta(days=1))
        )
        return since, until

    def narrowed(self, numbers: Collection[str]) -> frozenset[str]:
        """Those of the numbers that count."""
        return frozenset(numbers) if self.numbers is None else self.numbers & frozenset(numbers)


def audience_of(tx: Transaction, actor: Actor, group_id: str) -> Audience:
    """Of a `group_id` its members' conversations, of `NOBODY` those of members of no group."""
    named = tx.tenants.get(actor.tenant_id) or Tenant(actor.tenant_id, "")
    reach, groups = actor.extensions, tx.groups.all(actor.tenant_id)
    people = {
        one.number: one for one in tx.extensions.all(actor.tenant_id) if reach is None or one.number in reach
    }
    numbers = reach
    if group_id:
        if group_id == NOBODY:
            chosen = frozenset(people).difference(*(one.members for one in groups))
        else:
            chosen = frozenset().union(*(one.members for one in groups if one.id == group_id))
        numbers = chosen if reach is None else chosen & reach
    known = tuple(one for one in groups if reach is None or not one.members.isdisjoint(reach))
    return Audience(actor.tenant_id, ZoneInfo(named.time_zone), numbers, people, known)


def ordinals(days: Days) -> tuple[int, int]:
    """Days as the store counts them: since, and until exclusive."""
    return days.first.toordinal(), days.last.toordinal() + 1
