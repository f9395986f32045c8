"""Rows of groups and their members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, delete, func, insert, select, update

from fonoteka.domain.people import Group
from fonoteka.store.matching import folded
from fonoteka.store.tables import group_members, groups


class Groups:
    """A tenant's groups. Members are numbers of the tenant's extensions; the database sees to that."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, tenant_id: str) -> tuple[Group, ...]:
        """The tenant's groups by name."""
        members: dict[str, set[str]] = defaultdict(set)
        found = select(group_members.c.group_id, group_members.c.number)
        for group_id, number in self._connection.execute(found.where(group_members.c.tenant_id == tenant_id)):
            members[group_id].add(number)
        rows = self._connection.execute(
            select(groups.c.id, groups.c.name)
            .where(groups.c.tenant_id == tenant_id)
            .order_by(groups.c.name_folded)
        )
        return tuple(Group(id_, tenant_id, name, frozenset(members[id_])) for id_, name in rows)

    def count(self, tenant_id: str) -> int:
        """How many the tenant has."""
        found = select(func.count()).where(groups.c.tenant_id == tenant_id)
        return int(self._connection.scalar(found) or 0)

    def get(self, tenant_id: str, group_id: str) -> Group | None:
        """The group, or None when this tenant has no such."""
        name = self._connection.scalar(
            select(groups.c.name).where(groups.c.tenant_id == tenant_id, groups.c.id == group_id)
        )
        if name is None:
            return None
        members = self._connection.scalars(
            select(group_members.c.number).where(
                group_members.c.tenant_id == tenant_id, group_members.c.group_id == group_id
            )
        )
        return Group(group_id, tenant_id, name, frozenset(members))

    def numbers_of(self, tenant_id: str, group_ids: Collection[str]) -> frozenset[str]:
        """The numbers of all members of these groups; unknown ones have none."""
        if not group_ids:
            return frozenset()
        found = select(group_members.c.number).where(
            group_members.c.tenant_id == tenant_id, group_members.c.group_id.in_(group_ids)
        )
        return frozenset(self._connection.scalars(found))

    def id_of_name(self, tenant_id: str, name: str) -> str | None:
        """The id of the tenant's group of that name, whatever its case."""
        found = select(groups.c.id).where(
            groups.c.tenant_id == tenant_id, groups.c.name_folded == folded(name)
        )
        return self._connection.scalar(found)

    def add(self, group: Group) -> None:
        """Insert the group and its members."""
        self._connection.execute(
            insert(groups).values(
                id=group.id, tenant_id=group.tenant_id, name=group.name, name_folded=folded(group.name)
            )
        )
        self._add_members(group)

    def replace(self, group: Group) -> None:
        """Write the group's name and members anew."""
        self._connection.execute(
            update(groups)
            .where(groups.c.tenant_id == group.tenant_id, groups.c.id == group.id)
            .values(name=group.name, name_folded=folded(group.name))
        )
        self._connection.execute(
            delete(group_members).where(
                group_members.c.tenant_id == group.tenant_id, group_members.c.group_id == group.id
            )
        )
        self._add_members(group)

    def delete(self, tenant_id: str, group_id: str) -> None:
        """Delete the group; its members' extensions stay."""
        self._connection.execute(
            delete(groups).where(groups.c.tenant_id == tenant_id, groups.c.id == group_id)
        )

    def _add_members(self, group: Group) -> None:
        if not group.members:
            return
        self._connection.execute(
            insert(group_members),
            [
                {"tenant_id": group.tenant_id, "group_id": group.id, "number": number}
                for number in sorted(group.members)
            ],
        )
