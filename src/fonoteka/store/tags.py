"""Rows of tags and of the calls that have them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Row, delete, exists, func, insert, select, update

from fonoteka.domain.annotations import CallTag, Tag, TagColour
from fonoteka.domain.call import Call
from fonoteka.store.insertion import insert_missing
from fonoteka.store.matching import folded
from fonoteka.store.tables import call_tags, calls, tags


class Tags:
    """A tenant's tags. Whoever puts one on a call holds the call's row."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, tenant_id: str) -> tuple[Tag, ...]:
        """The tenant's tags by name."""
        found = select(tags).where(tags.c.tenant_id == tenant_id).order_by(tags.c.name_folded)
        return tuple(tag_of(row) for row in self._connection.execute(found))

    def count(self, tenant_id: str) -> int:
        """How many the tenant has."""
        found = select(func.count()).where(tags.c.tenant_id == tenant_id)
        return int(self._connection.scalar(found) or 0)

    def get(self, tenant_id: str, tag_id: str) -> Tag | None:
        """The tag, or None when this tenant has no such."""
        found = select(tags).where(tags.c.id == tag_id, tags.c.tenant_id == tenant_id)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else tag_of(row)

    def get_locked(self, tenant_id: str, tag_id: str) -> Tag | None:
        """As `get`, kept from others until the transaction ends."""
        found = select(tags).where(tags.c.id == tag_id, tags.c.tenant_id == tenant_id)
        row = self._connection.execute(found.with_for_update()).one_or_none()
        return None if row is None else tag_of(row)

    def of_name(self, tenant_id: str, name: str) -> Tag | None:
        """The tenant's tag of that name, whatever its case."""
        found = select(tags).where(tags.c.tenant_id == tenant_id, tags.c.name_folded == folded(name))
        row = self._connection.execute(found).one_or_none()
        return None if row is None else tag_of(row)

    def add(self, tag: Tag) -> bool:
        """Insert the tag unless its name is taken; whether it was inserted."""
        values = {"id": tag.id, "tenant_id": tag.tenant_id, **_values(tag)}
        return insert_missing(self._connection, tags, values)

    def change(self, tag: Tag) -> None:
        """Write name and colour; the name is not another tag's."""
        self._connection.execute(update(tags).where(tags.c.id == tag.id).values(_values(tag)))

    def delete(self, tag_id: str) -> None:
        """Delete the tag and take it off every call."""
        self._connection.execute(delete(tags).where(tags.c.id == tag_id))

    def merge(self, source: Tag, target: Tag) -> None:
        """Every call with the source has the target instead; the source is no more."""
        c = call_tags.c
        names = [column.name for column in call_tags.columns]
        there = call_tags.alias()
        has_both = exists(select(1).where(there.c.call_id == c.call_id, there.c.tag_id == target.id))
        moved = select(*(tags.c.id.label("tag_id") if name == "tag_id" else c[name] for name in names))
        moved = moved.join_from(call_tags, tags, tags.c.id == target.id)
        moved = moved.where(c.tenant_id == source.tenant_id, c.tag_id == source.id, ~has_both)
        self._connection.execute(insert(call_tags).from_select(names, moved))
        self.delete(source.id)

    def calls_of(self, tag: Tag) -> int:
        """On how many calls it is."""
        c = call_tags.c
        found = select(func.count()).where(c.tenant_id == tag.tenant_id, c.tag_id == tag.id)
        return int(self._connection.scalar(found) or 0)

    def uses(self, tenant_id: str) -> dict[str, int]:
        """On how many calls each tag is, by its id; those on none are left out."""
        c = call_tags.c
        found = select(c.tag_id, func.count()).where(c.tenant_id == tenant_id).group_by(c.tag_id)
        return {tag_id: int(number) for tag_id, number in self._connection.execute(found)}

    def put(self, call: Call, tag: CallTag) -> bool:
        """Put the tag on the call unless it is there; whether it was put."""
        values = {
            "tenant_id": call.tenant_id,
            "tag_id": tag.tag.id,
            "started_at": call.started_at,
            "call_id": call.id,
            "at": tag.at,
            "author_id": tag.author_id,
            "author_name": tag.author_name,
        }
        return insert_missing(self._connection, call_tags, values)

    def put_on(self, given: Mapping[str, CallTag]) -> None:
        """Put tags on calls, by the calls' ids; none of them has it, which holding the tag's row ensures."""
        c = calls.c
        found = select(c.id, c.started_at).where(c.id.in_(sorted(given)))
        begun = {row.id: row.started_at for row in self._connection.execute(found)}
        rows = [
            {
                "tenant_id": tag.tag.tenant_id,
                "tag_id": tag.tag.id,
                "started_at": begun[call_id],
                "call_id": call_id,
                "at": tag.at,
                "author_id": tag.author_id,
                "author_name": tag.author_name,
            }
            for call_id, tag in sorted(given.items())
            if call_id in begun
        ]
        if rows:
            self._connection.execute(insert(call_tags), rows)

    def take(self, call_id: str, tag_id: str) -> None:
        """Take the tag off the call."""
        self.take_off([call_id], tag_id)

    def take_off(self, call_ids: Collection[str], tag_id: str) -> None:
        """Take the tag off some calls."""
        c = call_tags.c
        self._connection.execute(delete(call_tags).where(c.call_id.in_(sorted(call_ids)), c.tag_id == tag_id))

    def of_calls(self, call_ids: Sequence[str]) -> dict[str, tuple[CallTag, ...]]:
        """The tags of some calls by name; calls without any are left out."""
        if not call_ids:
            return {}
        c = call_tags.c
        found = select(
            c.call_id,
            c.at,
            c.author_id,
            c.author_name,
            tags.c.id,
            tags.c.tenant_id,
            tags.c.name,
            tags.c.colour,
        )
        found = found.join_from(call_tags, tags, tags.c.id == c.tag_id).where(c.call_id.in_(call_ids))
        kept: dict[str, list[CallTag]] = defaultdict(list)
        for row in self._connection.execute(found.order_by(tags.c.name_folded)):
            kept[row.call_id].append(
                CallTag(tag_of(cast("Row[Any]", row)), row.at, row.author_id, row.author_name)
            )
        return {call_id: tuple(some) for call_id, some in kept.items()}


def tag_of(row: Row[Any]) -> Tag:
    """The tag that a row tells of."""
    return Tag(row.id, row.tenant_id, row.name, TagColour(row.colour))


def _values(tag: Tag) -> dict[str, Any]:
    return {"name": tag.name, "name_folded": folded(tag.name), "colour": tag.colour.value}
