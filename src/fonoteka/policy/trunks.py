"""Saving and deleting trunks: how a tenant is recognised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_network

from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import PeopleInvalid, PeopleNotFound
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Trunk
from fonoteka.policy.checks import TRUNKS_MAX, clean_trunk
from fonoteka.policy.policy_room import PolicyRoom, changing
from fonoteka.store import Transaction


def save_trunk(room: PolicyRoom, actor: Actor, trunk: Trunk) -> Trunk:
    """Make a trunk (its id is empty then) or change one.

    What marks another tenant's calls marks no calls of this one: networks that overlap with another
    tenant's, its domains and its numbers are refused. Tenants behind one address are told apart by domains
    and numbers alone. Raises `PeopleInvalid`, `PeopleNotFound`, `AccessDenied`.
    """
    require(actor, Permission.PEOPLE_CHANGE, trunk.tenant_id)
    with changing(room, actor, Permission.PEOPLE_CHANGE, beside_all=True) as tx:
        trunk = clean_trunk(trunk, region_of(tx, actor.tenant_id))
        ForeignMarks(actor.tenant_id, tx.trunks.of_all_tenants()).refuse(trunk)
        if trunk.id:
            if tx.trunks.get(actor.tenant_id, trunk.id) is None:
                raise PeopleNotFound("There is no such trunk.")
            tx.trunks.replace(trunk)
        else:
            if len(tx.trunks.all(actor.tenant_id)) >= TRUNKS_MAX:
                raise PeopleInvalid(f"There are {TRUNKS_MAX} trunks already.", field="name")
            trunk = replace(trunk, id=new_id())
            tx.trunks.add(trunk)
        detail = f"trunk {trunk.name} saved"
        tx.audit.append(actor, AuditAction.PEOPLE_CHANGED, trunk.id, detail, room.now())
    return trunk


def delete_trunk(room: PolicyRoom, actor: Actor, trunk_id: str) -> None:
    """Delete a trunk. Raises `PeopleNotFound`, `AccessDenied`."""
    with changing(room, actor, Permission.PEOPLE_CHANGE) as tx:
        trunk = tx.trunks.get(actor.tenant_id, trunk_id)
        if trunk is None:
            raise PeopleNotFound("There is no such trunk.")
        tx.trunks.delete(actor.tenant_id, trunk_id)
        detail = f"trunk {trunk.name} deleted"
        tx.audit.append(actor, AuditAction.PEOPLE_CHANGED, trunk_id, detail, room.now())


def region_of(tx: Transaction, tenant_id: str) -> str:
    """By which region the tenant's numbers are read. Raises `PeopleNotFound`."""
    tenant = tx.tenants.get(tenant_id)
    if tenant is None:
        raise PeopleNotFound("There is no such tenant.")
    return tenant.region


class ForeignMarks:
    """What marks the calls of other tenants than one."""

    def __init__(self, tenant_id: str, every: Iterable[Trunk]) -> None:
        others = [one for one in every if one.tenant_id != tenant_id]
        self._domains = {mark for one in others for mark in one.domains}
        self._numbers = {mark for one in others for mark in one.numbers}
        self._networks = [ip_network(mark) for one in others for mark in one.networks]

    def refuse(self, trunk: Trunk) -> None:
        """Raises `PeopleInvalid` when the trunk claims what another tenant's does.

        The other tenant is not named: who it is is not this one's to know.
        """
        for field, mine, theirs in (
            ("domains", trunk.domains, self._domains),
            ("numbers", trunk.numbers, self._numbers),
        ):
            taken = next((mark for mark in mine if mark in theirs), None)
            if taken is not None:
                raise PeopleInvalid(f"“{taken}” marks another tenant's calls already.", field=field)
        for text in trunk.networks:
            network = ip_network(text)
            if any(network.version == one.version and network.overlaps(one) for one in self._networks):
                raise PeopleInvalid(
                    f"The network {text} overlaps with one that marks another tenant's calls already; tell "
                    "tenants behind one address apart by domains and numbers.",
                    field="networks",
                )
