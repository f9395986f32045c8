"""Users, sessions, tokens and the access log as the API reads and writes them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from fonoteka.api.instants import Instant
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.domain import rights as domain
from fonoteka.domain.access import Actor, Permission, Role
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.rights import Reach


def _in_order(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


Names = Annotated[tuple[PlainText, ...], BeforeValidator(_in_order), Field(max_length=1000)]
Permissions = Annotated[tuple[Permission, ...], BeforeValidator(_in_order), Field(max_length=100)]


class Rights(Given):
    """How far a role reaches, and what it has more or less of."""

    reach: Reach = Field(
        Reach.TENANT,
        description="Whose calls: the whole `tenant`'s, those of `groups`, or the `own` ones. What is not"
        " about single calls is for the reach `tenant` alone.",
    )
    group_ids: Names = Field((), description="Groups by `id`, for the reach `groups`.")
    extensions: Names = Field((), description="Own extensions, for the reaches `groups` and `own`.")
    added: Permissions = Field((), description="Permissions beside those of the role.")
    removed: Permissions = Field((), description="Permissions of the role that are not given.")

    def value(self) -> domain.Rights:
        """As the rooms take it."""
        return domain.Rights(
            self.reach,
            frozenset(self.group_ids),
            frozenset(self.extensions),
            frozenset(self.added),
            frozenset(self.removed),
        )


class ChangedUser(Given):
    """What can be changed of a user."""

    name: PlainText = Field(description="What others read.", examples=["Анна Котова"], max_length=1000)
    role: Role = Field(description="What the user is.", examples=["agent"])
    rights: Rights = Field(Rights(), description="How far that reaches.")
    is_disabled: bool = Field(False, description="Whether signing in is refused.")


class NewUser(Given):
    """Somebody who is to sign in."""

    login: PlainText = Field(description="What is typed to sign in.", examples=["anna"], max_length=1000)
    name: PlainText = Field(description="What others read.", examples=["Анна Котова"], max_length=1000)
    role: Role = Field(description="What the user is.", examples=["agent"])
    rights: Rights = Field(Rights(), description="How far that reaches.")


class User(Given):
    """Somebody who may sign in."""

    id: str = Field(description="Identifier.")
    login: str = Field(description="What is typed to sign in.")
    name: str = Field(description="What others read.")
    role: Role = Field(description="What the user is.")
    rights: Rights = Field(description="How far that reaches.")
    permissions: Permissions = Field(description="What the user may do.")
    created_at: Instant = Field(description="When the user was made.")
    disabled_at: Instant | None = Field(description="Since when signing in is refused; null: it is not.")
    has_password: bool = Field(description="Whether a password was set; else links alone sign in.")
    seen_at: Instant | None = Field(description="When a browser of the user last asked; null: none is.")


class Users(Given):
    """The tenant's users."""

    items: tuple[User, ...] = Field(description="The users by name, disabled ones last.")


class SignInLink(Given):
    """A link that signs a user in once."""

    user: User | None = Field(None, description="The user that was made.")
    url: str = Field(description="To be opened within a week; it is told this once.")


class Session(Given):
    """A browser that is signed in."""

    id: str = Field(description="Identifier.")
    created_at: Instant = Field(description="When it signed in.")
    seen_at: Instant = Field(description="When it last asked, to some minutes.")
    expires_at: Instant = Field(description="When signing in must be repeated.")
    remote_address: str = Field(description="From where it last asked.")
    user_agent: str = Field(description="What the browser says it is.")


class Sessions(Given):
    """Browsers that are signed in."""

    items: tuple[Session, ...] = Field(description="The sessions, the last seen first.")


class NewToken(Given):
    """A program's right to ask."""

    name: PlainText = Field(description="What it is for; shown in the access log.", max_length=1000)
    role: Role | None = Field(None, description="What it is; null: as its maker.")
    rights: Rights | None = Field(None, description="How far that reaches; null: as its maker's.")
    expires_at: Instant | None = Field(None, description="Until when it is good; null: until revoked.")


class Token(Given):
    """A program's right to ask, without its secret."""

    id: str = Field(description="Identifier.")
    name: str = Field(description="What it is for.")
    role: Role = Field(description="What it is.")
    rights: Rights = Field(description="How far that reaches.")
    created_at: Instant = Field(description="When it was made.")
    expires_at: Instant | None = Field(description="Until when it is good; null: until revoked.")
    seen_at: Instant | None = Field(description="When it was last used, to some minutes; null: never.")


class Tokens(Given):
    """The tenant's tokens."""

    items: tuple[Token, ...] = Field(description="The tokens, the newest first.")


class MadeToken(Given):
    """A new token's secret."""

    token: str = Field(description="To be sent as `Authorization: Bearer`; it is told this once.")


class Me(Given):
    """Who asks."""

    kind: str = Field(description="`user` or `token`.", examples=["user"])
    id: str = Field(description="Identifier of the user or token.")
    name: str = Field(description="The name.")
    tenant_id: str = Field(description="The tenant.")
    role: Role = Field(description="The role.")
    permissions: Permissions = Field(description="What may be done.")
    extensions: Names | None = Field(description="Whose calls alone; null: every call of the tenant.")

    @classmethod
    def of(cls, actor: Actor) -> Me:
        """As the API tells it."""
        return cls(
            kind=actor.kind.value,
            id=actor.id,
            name=actor.name,
            tenant_id=actor.tenant_id,
            role=actor.role,
            permissions=tuple(sorted(actor.granted)),
            extensions=None if actor.extensions is None else tuple(sorted(actor.extensions)),
        )


class AuditEvent(Given):
    """One entry of the access log."""

    number: int = Field(description="Its place among the tenant's events, from 1.")
    id: str = Field(description="Identifier.")
    at: Instant = Field(description="When.")
    action: AuditAction = Field(description="What was done; docs/operate/audit.md lists all.")
    actor_kind: str = Field(description="`user`, `token` or `system`.")
    actor_id: str = Field(description="Who did it.")
    actor_name: str = Field(description="The name then.")
    remote_address: str = Field(description="From where; may be empty.")
    subject_id: str = Field(description="To what: a recording, a call, a user, a token.")
    detail: str = Field(description="How.")
    hash: str = Field(description="SHA-256 over this event and the hash of the one before.")


class AuditPage(Given):
    """A page of the access log, newest first."""

    items: tuple[AuditEvent, ...] = Field(description="The events of this page.")
    next: str | None = Field(description="Give it back as `cursor` for the next page; null on the last one.")


class ChainReport(Given):
    """Whether the access log is what was written."""

    events: int = Field(description="How many events fit.")
    hash: str = Field(description="The hash of the last of them: note it down elsewhere.")
    broken_at: int | None = Field(description="The first number that does not fit; null: all do.")
    reason: str = Field(description="`missing`, `changed`, `rewritten`; empty when all fit.")
