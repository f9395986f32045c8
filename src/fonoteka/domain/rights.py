"""What a user or a token has been given: how far a role reaches, and what it has more or less of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fonoteka.domain.access import OF_CALLS, ROLE_PERMISSIONS, Permission, Role


class Reach(StrEnum):
    """Whose calls a user has to do with."""

    TENANT = "tenant"
    GROUPS = "groups"
    """Those of the members of some groups, and the own ones."""
    OWN = "own"


DEFAULT_REACH: dict[Role, Reach] = {
    Role.OWNER: Reach.TENANT,
    Role.ADMINISTRATOR: Reach.TENANT,
    Role.AUDITOR: Reach.TENANT,
    Role.SUPERVISOR: Reach.GROUPS,
    Role.QUALITY: Reach.GROUPS,
    Role.AGENT: Reach.OWN,
}


@dataclass(frozen=True, slots=True)
class Rights:
    """`group_ids` count for the reach `groups`, the own `extensions` (numbers) for `groups` and `own`.

    `added` and `removed` are permissions beside those of the role; what is removed is so whatever is added.
    """

    reach: Reach = Reach.TENANT
    group_ids: frozenset[str] = frozenset()
    extensions: frozenset[str] = frozenset()
    added: frozenset[Permission] = frozenset()
    removed: frozenset[Permission] = frozenset()

    def permissions(self, role: Role) -> frozenset[Permission]:
        """What a role with these rights may do."""
        given = (ROLE_PERMISSIONS[role] | self.added) - self.removed
        return given if self.reach is Reach.TENANT else given & OF_CALLS

    def to_value(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "reach": self.reach.value,
            "group_ids": sorted(self.group_ids),
            "extensions": sorted(self.extensions),
            "added": sorted(self.added),
            "removed": sorted(self.removed),
        }

    @classmethod
    def of_value(cls, value: Mapping[str, Any]) -> Rights:
        """The inverse of `to_value`; permissions that this version does not know are left out."""
        return cls(
            Reach(value["reach"]),
            frozenset(value["group_ids"]),
            frozenset(value["extensions"]),
            _known(value["added"]),
            _known(value["removed"]),
        )


def _known(names: list[str]) -> frozenset[Permission]:
    return frozenset(one for one in Permission if one.value in names)


WHOLE_TENANT = Rights()
"""What the role has, over the whole tenant."""
