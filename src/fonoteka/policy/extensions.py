"""Saving and deleting extensions."""

from __future__ import annotations

from dataclasses import replace

from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import PeopleInvalid, PeopleNotFound
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Extension
from fonoteka.policy.checks import EXTENSIONS_MAX, clean_extension
from fonoteka.policy.policy_room import PolicyRoom, changing


def save_extension(room: PolicyRoom, actor: Actor, extension: Extension) -> Extension:
    """Make an extension (its id is empty then) or change one; its groups follow a change of the number.

    Raises `PeopleInvalid` (also when the tenant has the number already), `PeopleNotFound`, `AccessDenied`.
    """
    require(actor, Permission.PEOPLE_CHANGE, extension.tenant_id)
    extension = clean_extension(extension)
    with changing(room, actor, Permission.PEOPLE_CHANGE) as tx:
        same = tx.extensions.of_number(actor.tenant_id, extension.number)
        if same is not None and same.id != extension.id:
            raise PeopleInvalid(f"There is an extension {extension.number} already.", field="number")
        if extension.id:
            if tx.extensions.get(actor.tenant_id, extension.id) is None:
                raise PeopleNotFound("There is no such extension.")
            tx.extensions.replace((extension,))
        else:
            if tx.extensions.count(actor.tenant_id) >= EXTENSIONS_MAX:
                raise PeopleInvalid(f"There are {EXTENSIONS_MAX} extensions already.", field="number")
            extension = replace(extension, id=new_id())
            tx.extensions.add((extension,))
        detail = f"extension {extension.number} saved"
        tx.audit.append(actor, AuditAction.PEOPLE_CHANGED, extension.id, detail, room.now())
    return extension


def delete_extension(room: PolicyRoom, actor: Actor, extension_id: str) -> None:
    """Delete an extension; it leaves its groups. Rules that name its number stay.

    Raises `PeopleNotFound`, `AccessDenied`.
    """
    with changing(room, actor, Permission.PEOPLE_CHANGE) as tx:
        extension = tx.extensions.get(actor.tenant_id, extension_id)
        if extension is None:
            raise PeopleNotFound("There is no such extension.")
        tx.extensions.delete(actor.tenant_id, (extension_id,))
        detail = f"extension {extension.number} deleted"
        tx.audit.append(actor, AuditAction.PEOPLE_CHANGED, extension_id, detail, room.now())
