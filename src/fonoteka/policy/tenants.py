"""Tenants: who they are, and all that belongs to one."""

from __future__ import annotations

from fonoteka.domain.access import Actor, Permission, acting_for, may, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.domain.errors import PeopleInvalid, PeopleNotFound
from fonoteka.domain.people import Directory, Tenant, Trunk
from fonoteka.policy.checks import TENANTS_MAX, clean_tenant
from fonoteka.policy.policy_room import PolicyRoom, changing, publish
from fonoteka.store import Transaction


def directory(room: PolicyRoom, actor: Actor) -> Directory:
    """All people and numbers of the actor's tenant. Raises `AccessDenied`, `PeopleNotFound`."""
    require(actor, Permission.PEOPLE_SEE, actor.tenant_id)
    with room.store.reading() as tx:
        return directory_of(tx, actor.tenant_id)


def own_tenant(room: PolicyRoom, actor: Actor) -> Tenant:
    """The actor's tenant: everybody may know it. Raises `PeopleNotFound`."""
    with room.store.reading() as tx:
        tenant = tx.tenants.get(actor.tenant_id)
    if tenant is None:
        raise PeopleNotFound("There is no such tenant.")
    return tenant


def list_tenants(room: PolicyRoom, actor: Actor) -> tuple[Tenant, ...]:
    """The tenants that the actor may see: all for who manages them, else the own one."""
    with room.store.reading() as tx:
        known = tx.tenants.all()
    manages = may(actor, Permission.TENANTS_MANAGE, DEFAULT_TENANT_ID)
    return tuple(one for one in known if manages or one.id == actor.tenant_id)


def trunks_of_tenants(room: PolicyRoom, actor: Actor) -> tuple[Trunk, ...]:
    """How each tenant is recognised. Raises `AccessDenied`."""
    require(actor, Permission.TENANTS_MANAGE, DEFAULT_TENANT_ID)
    with room.store.reading() as tx:
        return tx.trunks.of_all_tenants()


def act_for(room: PolicyRoom, actor: Actor, tenant_id: str) -> Actor:
    """The actor setting up another tenant: its people and rules, not its calls.

    Raises `AccessDenied`, `PeopleNotFound`.
    """
    actor = acting_for(actor, tenant_id, DEFAULT_TENANT_ID)
    own_tenant(room, actor)
    return actor


def create_tenant(room: PolicyRoom, actor: Actor, tenant: Tenant) -> Tenant:
    """A new tenant; only who runs the installation may (an administrator of the default tenant).

    Raises `PeopleInvalid`, `AccessDenied`.
    """
    require(actor, Permission.TENANTS_MANAGE, DEFAULT_TENANT_ID)
    tenant = clean_tenant(tenant)
    with room.store.transaction() as tx:
        tx.tenants.lock_all()
        if len(tx.tenants.all()) >= TENANTS_MAX:
            raise PeopleInvalid(f"There are {TENANTS_MAX} tenants already.", field="id")
        at = room.now()
        if not tx.tenants.add(tenant, at):
            raise PeopleInvalid(f"There is a tenant “{tenant.id}” already.", field="id")
        tx.audit.append(actor, AuditAction.PEOPLE_CHANGED, tenant.id, "tenant created", at)
    publish(room)
    return tenant


def save_tenant(room: PolicyRoom, actor: Actor, tenant: Tenant) -> Tenant:
    """Change the actor's own tenant, or any for who manages them.

    Raises `PeopleInvalid`, `AccessDenied`, `PeopleNotFound`.
    """
    if tenant.id != actor.tenant_id:
        actor = acting_for(actor, tenant.id, DEFAULT_TENANT_ID)
    require(actor, Permission.PEOPLE_CHANGE, tenant.id)
    tenant = clean_tenant(tenant)
    with changing(room, actor, Permission.PEOPLE_CHANGE) as tx:
        tx.tenants.replace(tenant)
        tx.audit.append(actor, AuditAction.PEOPLE_CHANGED, tenant.id, "tenant saved", room.now())
    return tenant


def directory_of(tx: Transaction, tenant_id: str) -> Directory:
    """All people and numbers of a tenant. Raises `PeopleNotFound`."""
    tenant = tx.tenants.get(tenant_id)
    if tenant is None:
        raise PeopleNotFound("There is no such tenant.")
    return Directory(tenant, tx.extensions.all(tenant_id), tx.groups.all(tenant_id), tx.trunks.all(tenant_id))
