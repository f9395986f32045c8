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
        refuse_foreign_marks((trunk,), tx.trunks.of_all_tenants())
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


def refuse_foreign_marks(ours: Iterable[Trunk], every: Iterable[Trunk]) -> None:
    """Raises `PeopleInvalid` when a trunk claims what a trunk of another tenant claims.

    The other tenant is not named: who it is is not ours to know.
    """
    every = tuple(every)
    for trunk in ours:
        others = [one for one in every if one.tenant_id != trunk.tenant_id]
        for field, mine, theirs in (
            ("domains", trunk.domains, {mark for one in others for mark in one.domains}),
            ("numbers", trunk.numbers, {mark for one in others for mark in one.numbers}),
        ):
            taken = next((mark for mark in mine if mark in theirs), None)
            if taken is not None:
                raise PeopleInvalid(f"“{taken}” marks another tenant's calls already.", field=field)
        _refuse_foreign_networks(trunk, [mark for one in others for mark in one.networks])


def _refuse_foreign_networks(trunk: Trunk, foreign: list[str]) -> None:
    theirs = [ip_network(one) for one in foreign]
    for text in trunk.networks:
        mine = ip_network(text)
        if any(mine.version == other.version and mine.overlaps(other) for other in theirs):
            raise PeopleInvalid(
                f"The network {text} overlaps with one that marks another tenant's calls already; tell tenants "
                "behind one address apart by domains and numbers.",
                field="networks",
            )
