"""Who may do what. Page, API, stream and search all ask `may`; nothing else decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fonoteka.domain.errors import AccessDenied


class Permission(StrEnum):
    """What can be allowed. Listening and downloading are apart on purpose."""

    CALL_SEE = "call.see"
    RECORDING_LISTEN = "recording.listen"
    RECORDING_DOWNLOAD = "recording.download"
    RECORDING_DELETE = "recording.delete"
    RECORDING_PAUSE = "recording.pause"
    CALL_UPLOAD = "call.upload"
    RULES_CHANGE = "rules.change"
    PEOPLE_CHANGE = "people.change"
    SYSTEM_WATCH = "system.watch"
    ALERTS_CHANGE = "alerts.change"
    ACCOUNTS_MANAGE = "accounts.manage"


class Role(StrEnum):
    """A named set of permissions."""

    ADMINISTRATOR = "administrator"


_GRANTS: dict[Role, frozenset[Permission]] = {Role.ADMINISTRATOR: frozenset(Permission)}


class ActorKind(StrEnum):
    """A human or a program."""

    USER = "user"
    TOKEN = "token"  # noqa: S105 - a kind of actor
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a signed-in user or the bearer of a token. `remote_address` is kept for the audit."""

    kind: ActorKind
    id: str
    name: str
    tenant_id: str
    role: Role
    remote_address: str = ""


def may(actor: Actor, permission: Permission, tenant_id: str) -> bool:
    """Whether `actor` may do that to something of `tenant_id`."""
    return actor.tenant_id == tenant_id and permission in _GRANTS[actor.role]


def require(actor: Actor, permission: Permission, tenant_id: str) -> None:
    """Raise `AccessDenied` unless `may` says yes."""
    if not may(actor, permission, tenant_id):
        raise AccessDenied(f"{actor.name} may not {permission}.")
