"""One call under several names: which row is meant, and which rows may be of one call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Connection, Select, and_, delete, exists, or_, select, text
from sqlalchemy import type_coerce as read_as

from fonoteka.domain.announced import ANNOUNCING_SOURCES
from fonoteka.domain.same_call import number_key
from fonoteka.store.columns import to_microseconds
from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import call_aliases, calls, participants, tenants

FORMER_ID = "call"
SESSION_ID = "session"
"""Names a call by its communication session (RFC 7865 §6.1). Clients may use one again."""
_NEAR_MAX = 200
_NUMBERS_MAX = 20


class CallIdentities:
    """Ids of calls; the rows themselves are `Calls`'."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take_turns(self, tenant_id: str) -> None:
        """Whoever else looks whether a call of the tenant is known waits until we commit."""
        found = select(tenants.c.tenant_id).where(tenants.c.tenant_id == tenant_id)
        self._connection.execute(found.with_for_update(key_share=True))

    def add_alias(self, tenant_id: str, source: str, external_id: str, call_id: str) -> None:
        """From now on the call is known by this name too; one that is taken stays as it is."""
        values = {
            "tenant_id": tenant_id,
            "source": source,
            "external_id": external_id,
            "call_id": call_id,
        }
        insert_missing(self._connection, call_aliases, values)

    def move_alias(self, tenant_id: str, source: str, external_id: str, call_id: str) -> None:
        """From now on this further name is that of this call, whichever had it before."""
        self._connection.execute(
            delete(call_aliases).where(
                call_aliases.c.tenant_id == tenant_id,
                call_aliases.c.source == source,
                call_aliases.c.external_id == external_id,
            )
        )
        self.add_alias(tenant_id, source, external_id, call_id)

    def of_alias(self, tenant_id: str, source: str, external_id: str) -> str | None:
        """The id of the call that has this further name."""
        found = select(call_aliases.c.call_id).where(
            call_aliases.c.tenant_id == tenant_id,
            call_aliases.c.source == source,
            call_aliases.c.external_id == external_id,
        )
        return self._connection.scalar(found)

    def of_ids(self, tenant_id: str, external_ids: Sequence[str]) -> str | None:
        """The id of a call that some source knows by one of these ids of its own."""
        wanted = [one for one in external_ids if one]
        if not wanted:
            return None
        # Named one by one: the index of external ids begins with the source.
        known = select(calls.c.id).where(calls.c.tenant_id == tenant_id, calls.c.external_id.in_(wanted))
        sources = ("asterisk", *sorted(ANNOUNCING_SOURCES))
        return self._connection.scalar(known.where(calls.c.source.in_(sources)).limit(1))

    def announced_in(self, tenant_id: str, since: datetime, until: datetime) -> tuple[str, ...]:
        """The ids of calls that were announced, took place then, and have no recorder's account yet."""
        # Word for word what the index says: SQLite proves no other form.
        found = self._in_span(tenant_id, since, until).where(text("source IN ('announced', 'cdr')"))
        return tuple(self._connection.scalars(found))

    def unannounced_in(
        self, tenant_id: str, since: datetime, until: datetime, numbers: Sequence[str], source: str
    ) -> tuple[str, ...]:
        """The ids of calls with one of the numbers that took place then and that `source` has not told of."""
        ways = []
        for key in sorted({number_key(one) for one in numbers[:_NUMBERS_MAX]} - {""}):
            # The stored digits hold both notations of a Russian number, the last ten are in each.
            ways.append(
                participants.c.number_digits.contains(key, autoescape=True)
                if key.isdecimal() and len(key) > 5
                else participants.c.number == key
            )
        if not ways:
            return ()
        told = exists().where(and_(call_aliases.c.call_id == calls.c.id, call_aliases.c.source == source))
        speaks = exists().where(and_(participants.c.call_id == calls.c.id, or_(*ways)))
        found = self._in_span(tenant_id, since, until).where(calls.c.source != source, ~told, speaks)
        return tuple(self._connection.scalars(found))

    @staticmethod
    def _in_span(tenant_id: str, since: datetime, until: datetime) -> Select[tuple[str]]:
        """Calls of which some part lies between the instants; none is taken to last more than a day."""
        ended_us = read_as(calls.c.started_at, BigInteger) + calls.c.duration_ms * 1000
        return (
            select(calls.c.id)
            .where(
                calls.c.tenant_id == tenant_id,
                calls.c.started_at <= until,
                calls.c.started_at >= since - timedelta(days=1),
                ended_us >= to_microseconds(since),
            )
            .order_by(calls.c.started_at.desc())
            .limit(_NEAR_MAX)
        )
