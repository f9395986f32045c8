"""Saving and deleting groups."""

from __future__ import annotations

from dataclasses import replace

from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import PeopleInvalid, PeopleNotFound
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Group
from fonoteka.policy.checks import GROUPS_MAX, clean_group
from fonoteka.policy.policy_room import PolicyRoom, changing
from fonoteka.store import Transaction


def save_group(room: PolicyRoom, actor: Actor, group: Group) -> Group:
    """Make a group (its id is empty then) or change one. Its members are numbers of the tenant's extensions.

    Raises `PeopleInvalid` (also for a name that another group has, whatever its case), `PeopleNotFound`,
    `AccessDenied`.
    """
    require(actor, Permission.PEOPLE_CHANGE, group.tenant_id)
    with changing(room, actor, Permission.PEOPLE_CHANGE) as tx:
        numbers = {one.number for one in tx.extensions.all(actor.tenant_id)}
        group = clean_group(group, numbers.__contains__)
        if tx.groups.id_of_name(actor.tenant_id, group.name) not in (None, group.id):
            raise PeopleInvalid(f"There is a group “{group.name}” already.", field="name")
        if group.id:
            if tx.groups.get(actor.tenant_id, group.id) is None:
                raise PeopleNotFound("There is no such group.")
            tx.groups.replace(group)
        else:
            if tx.groups.count(actor.tenant_id) >= GROUPS_MAX:
                raise PeopleInvalid(f"There are {GROUPS_MAX} groups already.", field="name")
            group = replace(group, id=new_id())
            tx.groups.add(group)
        detail = f"group {group.name} saved, {len(group.members)} members"
        tx.audit.append(actor, AuditAction.PEOPLE_CHANGED, group.id, detail, room.now())
    return group


def delete_group(room: PolicyRoom, actor: Actor, group_id: str) -> None:
    """Delete a group that no rule in force names; its extensions stay.

    Raises `PeopleInvalid` naming the rule, `PeopleNotFound`, `AccessDenied`.
    """
    with changing(room, actor, Permission.PEOPLE_CHANGE) as tx:
        group = tx.groups.get(actor.tenant_id, group_id)
        if group is None:
            raise PeopleNotFound("There is no such group.")
        refuse_named_by_rule(tx, group)
        tx.groups.delete(actor.tenant_id, group_id)
        detail = f"group {group.name} deleted"
        tx.audit.append(actor, AuditAction.PEOPLE_CHANGED, group_id, detail, room.now())


def refuse_named_by_rule(tx: Transaction, group: Group) -> None:
    """Raises `PeopleInvalid` when a rule in force names the group; without it the rule would mean another."""
    for position, rule in enumerate(tx.rule_sets.newest(group.tenant_id).rules, 1):
        if group.id in rule.conditions.group_ids:
            raise PeopleInvalid(
                f"Rule {position} “{rule.name}” names the group “{group.name}”; change the rule first.",
                field="name",
                rule_id=rule.id,
                rule_position=position,
            )
