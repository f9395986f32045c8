"""What the recorder decides by: every tenant's people and rules, in one file that needs no database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from fonoteka.domain.errors import PolicySnapshotCorrupt
from fonoteka.domain.people import Directory, Extension, Group, Tenant, Trunk
from fonoteka.domain.rule_json import rule_set_of_value, rule_set_to_value
from fonoteka.domain.rules import RuleSet

SNAPSHOT_FORMAT = 1


@dataclass(frozen=True, slots=True)
class TenantPolicy:
    """One tenant's people and the rules in force."""

    directory: Directory
    rule_set: RuleSet


@dataclass(frozen=True, slots=True)
class PolicySnapshot:
    """All tenants. `version` grows with every change of any of them; 0 is an empty installation."""

    version: int
    tenants: tuple[TenantPolicy, ...]

    def to_json(self) -> str:
        """The snapshot as one JSON object; `from_json` reads it back unchanged."""
        value = {
            "format": SNAPSHOT_FORMAT,
            "version": self.version,
            "tenants": [_tenant_to_value(one) for one in self.tenants],
        }
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> PolicySnapshot:
        """Read a snapshot. Raises `PolicySnapshotCorrupt` for anything that is not one."""
        try:
            value = json.loads(text)
            if value["format"] != SNAPSHOT_FORMAT:
                raise ValueError(f"format {value['format']!r} is not known")
            return cls(int(value["version"]), tuple(_tenant_of_value(one) for one in value["tenants"]))
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise PolicySnapshotCorrupt(f"policy snapshot: {type(error).__name__}: {error}") from error


def _tenant_to_value(policy: TenantPolicy) -> dict[str, Any]:
    directory = policy.directory
    tenant = directory.tenant
    return {
        "id": tenant.id,
        "name": tenant.name,
        "time_zone": tenant.time_zone,
        "region": tenant.region,
        "extensions": [
            {
                "id": one.id,
                "number": one.number,
                "name": one.name,
                "person": one.person,
                "newcomer_until": None if one.newcomer_until is None else one.newcomer_until.isoformat(),
            }
            for one in directory.extensions
        ],
        "groups": [
            {"id": one.id, "name": one.name, "members": sorted(one.members)} for one in directory.groups
        ],
        "trunks": [
            {
                "id": one.id,
                "name": one.name,
                "networks": list(one.networks),
                "domains": list(one.domains),
                "numbers": list(one.numbers),
            }
            for one in directory.trunks
        ],
        "rule_set": rule_set_to_value(policy.rule_set),
    }


def _tenant_of_value(value: dict[str, Any]) -> TenantPolicy:
    tenant = Tenant(value["id"], value["name"], value["time_zone"], value["region"])
    rule_set = rule_set_of_value(value["rule_set"])
    if rule_set.tenant_id != tenant.id:
        raise ValueError("a rule set of another tenant")
    directory = Directory(
        tenant,
        extensions=tuple(_extension(tenant.id, one) for one in value["extensions"]),
        groups=tuple(
            Group(one["id"], tenant.id, one["name"], frozenset(one["members"])) for one in value["groups"]
        ),
        trunks=tuple(
            Trunk(
                one["id"],
                tenant.id,
                one["name"],
                tuple(one["networks"]),
                tuple(one["domains"]),
                tuple(one["numbers"]),
            )
            for one in value["trunks"]
        ),
    )
    return TenantPolicy(directory, rule_set)


def _extension(tenant_id: str, value: dict[str, Any]) -> Extension:
    until = value["newcomer_until"]
    return Extension(
        id=value["id"],
        tenant_id=tenant_id,
        number=value["number"],
        name=value["name"],
        person=value["person"],
        newcomer_until=None if until is None else date.fromisoformat(until),
    )
