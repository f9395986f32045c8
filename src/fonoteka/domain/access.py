"""Who may do what. Page, API, stream and search all ask `may`; nothing else decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from fonoteka.domain.errors import AccessDenied


class Permission(StrEnum):
    """What can be allowed. Listening and downloading are apart on purpose."""

    CALL_SEE = "call.see"
    NUMBER_SEE = "number.see"
    """Outside numbers in full; else they are masked."""
    RECORDING_LISTEN = "recording.listen"
    RECORDING_DOWNLOAD = "recording.download"
    RECORDING_SHARE = "recording.share"
    """Give calls to others by link or e-mail; listen-only unless one may download too."""
    RECORDING_DELETE = "recording.delete"
    RECORDING_PAUSE = "recording.pause"
    CALL_ANNOTATE = "call.annotate"
    """Tags, the note and comments of calls; the note of a customer."""
    CALL_MARK = "call.mark"
    """Marks from 1 to 5."""
    SCORE_SEE = "score.see"
    """Evaluations of agents within reach: an agent's own ones."""
    SCORE_APPEAL = "score.appeal"
    """Say that marks are wrong."""
    SCORE_GIVE = "score.give"
    """Mark calls by scorecards, and answer appeals against the own marks."""
    SCORE_ASSIGN = "score.assign"
    """Hand out calls to mark; open others' evaluations again, and answer appeals against them."""
    SCORE_FORMS = "score.forms"
    """Make and change scorecards."""
    LISTENERS_SEE = "listeners.see"
    """Who listened to a call; all of the access log is `audit.see`."""
    TAG_CREATE = "tag.create"
    """New tags; who changes the others' tags needs the next."""
    TAGS_CHANGE = "tags.change"
    """Rename, merge and delete tags: on everybody's calls."""
    CALL_UPLOAD = "call.upload"
    RULES_SEE = "rules.see"
    RULES_CHANGE = "rules.change"
    PEOPLE_SEE = "people.see"
    PEOPLE_CHANGE = "people.change"
    STORAGE_SEE = "storage.see"
    STORAGE_CHANGE = "storage.change"
    HOLD_PLACE = "hold.place"
    HOLD_RELEASE = "hold.release"
    SPEECH_CHANGE = "speech.change"
    """Languages of calls, and topics."""
    LEDGER_SEE = "ledger.see"
    AUDIT_SEE = "audit.see"
    SYSTEM_WATCH = "system.watch"
    ALERTS_CHANGE = "alerts.change"
    EVENTS_SUBSCRIBE = "events.subscribe"
    """Have other programs told of calls, with their numbers."""
    ACCOUNTS_MANAGE = "accounts.manage"
    TENANTS_MANAGE = "tenants.manage"
    """Companies of the installation; of use to users of the default tenant alone."""


class Role(StrEnum):
    """A named set of permissions."""

    OWNER = "owner"
    """As an administrator; alone gives and takes this role."""
    ADMINISTRATOR = "administrator"
    SUPERVISOR = "supervisor"
    QUALITY = "quality"
    AGENT = "agent"
    AUDITOR = "auditor"
    """Sees that calls were and who did what with them; hears none."""


OF_CALLS = frozenset(
    {
        Permission.CALL_SEE,
        Permission.NUMBER_SEE,
        Permission.RECORDING_LISTEN,
        Permission.RECORDING_DOWNLOAD,
        Permission.RECORDING_SHARE,
        Permission.RECORDING_DELETE,
        Permission.RECORDING_PAUSE,
        Permission.CALL_ANNOTATE,
        Permission.CALL_MARK,
        Permission.LISTENERS_SEE,
        Permission.TAG_CREATE,
        Permission.SCORE_SEE,
        Permission.SCORE_APPEAL,
        Permission.SCORE_GIVE,
        Permission.SCORE_ASSIGN,
    }
)
"""What can be allowed for the calls of some extensions alone; everything else is for a whole tenant."""

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.SUPERVISOR: OF_CALLS | {Permission.SCORE_FORMS},
    Role.QUALITY: frozenset(
        {
            Permission.CALL_SEE,
            Permission.RECORDING_LISTEN,
            Permission.CALL_ANNOTATE,
            Permission.CALL_MARK,
            Permission.TAG_CREATE,
            Permission.SCORE_SEE,
            Permission.SCORE_GIVE,
            Permission.SCORE_FORMS,
        }
    ),
    # An agent comments on the own calls, and lets others mark them.
    Role.AGENT: frozenset(
        {
            Permission.CALL_SEE,
            Permission.NUMBER_SEE,
            Permission.RECORDING_LISTEN,
            Permission.CALL_ANNOTATE,
            Permission.SCORE_SEE,
            Permission.SCORE_APPEAL,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            Permission.CALL_SEE,
            Permission.LISTENERS_SEE,
            Permission.RULES_SEE,
            Permission.PEOPLE_SEE,
            Permission.LEDGER_SEE,
            Permission.AUDIT_SEE,
            Permission.STORAGE_SEE,
            Permission.SYSTEM_WATCH,
        }
    ),
}


class ActorKind(StrEnum):
    """A human, a program, or a stranger with a link."""

    USER = "user"
    TOKEN = "token"  # noqa: S105 - a kind of actor
    SYSTEM = "system"
    LINK = "link"
    """Whoever came by a link, with some of the rights of who made it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a signed-in user or the bearer of a token. `remote_address` is kept for the audit.

    `permissions` None are those of the role. `extensions` are the own numbers whose calls the actor may have
    to do with; None: every call of the tenant.
    """

    kind: ActorKind
    id: str
    name: str
    tenant_id: str
    role: Role
    remote_address: str = ""
    permissions: frozenset[Permission] | None = None
    extensions: frozenset[str] | None = None

    @property
    def granted(self) -> frozenset[Permission]:
        """What the actor may do, to the calls of `extensions` where it is about calls."""
        granted = ROLE_PERMISSIONS[self.role] if self.permissions is None else self.permissions
        return granted if self.extensions is None else granted & OF_CALLS


OF_OTHER_TENANTS = frozenset(
    {
        Permission.RULES_SEE,
        Permission.RULES_CHANGE,
        Permission.PEOPLE_SEE,
        Permission.PEOPLE_CHANGE,
    }
)
"""What one may do for another tenant: set it up. Its calls are none of it."""


def acting_for(actor: Actor, tenant_id: str, default_tenant_id: str) -> Actor:
    """The actor setting up another tenant. Raises `AccessDenied` unless it manages tenants."""
    if tenant_id == actor.tenant_id:
        return actor
    require(actor, Permission.TENANTS_MANAGE, default_tenant_id)
    return replace(actor, tenant_id=tenant_id, permissions=actor.granted & OF_OTHER_TENANTS, extensions=None)


def may(actor: Actor, permission: Permission, tenant_id: str, numbers: Iterable[str] | None = None) -> bool:
    """Whether `actor` may do that to something of `tenant_id`.

    For a call, `numbers` are those of all who took part; without them the answer is whether there can be
    any call at all for which it is allowed.
    """
    if actor.tenant_id != tenant_id or permission not in actor.granted:
        return False
    return actor.extensions is None or numbers is None or not actor.extensions.isdisjoint(numbers)


def require(
    actor: Actor, permission: Permission, tenant_id: str, numbers: Iterable[str] | None = None
) -> None:
    """Raise `AccessDenied` unless `may` says yes."""
    if not may(actor, permission, tenant_id, numbers):
        raise AccessDenied(f"{actor.name} may not {permission}.")
