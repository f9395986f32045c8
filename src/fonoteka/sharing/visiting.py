"""Coming by a link: looking at it costs nothing, opening it counts, then one may come back for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fonoteka.accounts import begin_attempt, fits, make_secret, sha256_of, throttle_key
from fonoteka.domain.access import Actor
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call
from fonoteka.domain.errors import (
    LinkNotFound,
    LinkNotOpened,
    LinkPasswordRefused,
    LinkUsedUp,
    RecordingNotFound,
)
from fonoteka.domain.people import Tenant
from fonoteka.domain.sharing import Share, ShareKind
from fonoteka.sharing.author import visitor_of
from fonoteka.sharing.letters import shared_calls
from fonoteka.sharing.room import SharingRoom
from fonoteka.store import Transaction

VISIT = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class LinkFace:
    """What is shown of a link before it is opened."""

    author_name: str
    company: str
    calls: int
    expires_at: datetime
    needs_password: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """A link that was opened: for `actor` the archive gives out what was shared, in `calls`."""

    share: Share
    actor: Actor
    face: LinkFace
    calls: tuple[Call, ...]

    def check(self, recording_id: str) -> None:
        """Raise `RecordingNotFound` unless the recording was shared."""
        if all(one.id != recording_id for call in self.calls for one in call.recordings):
            raise RecordingNotFound


def visit_cookie(secret: str) -> str:
    """The name of the cookie that holds the visit of the link with that secret."""
    return f"fonoteka_link_{sha256_of(secret)[:16]}"


def look_at_link(room: SharingRoom, secret: str) -> LinkFace:
    """What a link is, without using it up. Raises `LinkNotFound`, `LinkOver`."""
    with room.store.reading() as tx:
        share = _share_of(tx, secret)
        visitor_of(tx, share, room.now(), "")
        return _face(tx, share)


def open_link(room: SharingRoom, secret: str, password: str, remote_address: str) -> str:
    """The secret of a visit: the link is open in the browser that has it, for half a day.

    Guessing the password gets slow as guessing at sign-in does. Raises `LinkNotFound`, `LinkOver`,
    `LinkPasswordRefused`, `SignInThrottled`.
    """
    at = room.now()
    with room.store.reading() as tx:
        share = _share_of(tx, secret)
        actor = visitor_of(tx, share, at, remote_address)
    if share.password_hash is not None:
        _check_password(room, share, actor, password)
    visit = make_secret()
    with room.store.transaction() as tx:
        if not tx.shares.use(share.id):
            raise LinkUsedUp
        until = min(share.expires_at, at + VISIT)
        tx.shares.add_visit(share, sha256_of(visit), at, until)
        tx.audit.append(actor, AuditAction.LINK_OPENED, share.id, f"opening {share.opens + 1}", at)
    return visit


def visit_of(room: SharingRoom, secret: str, visit_secret: str, remote_address: str) -> Visit:
    """A link that is open in a browser. Raises `LinkNotFound`, `LinkOver`, `LinkNotOpened`."""
    at = room.now()
    with room.store.reading() as tx:
        share = _share_of(tx, secret)
        is_inside = bool(visit_secret) and tx.shares.has_visit(share.id, sha256_of(visit_secret), at)
        actor = visitor_of(tx, share, at, remote_address, is_inside=is_inside)
        if not is_inside:
            raise LinkNotOpened
        face = _face(tx, share)
    return Visit(share, actor, face, shared_calls(room, actor, share))


def _check_password(room: SharingRoom, share: Share, actor: Actor, password: str) -> None:
    key = throttle_key(f"link:{share.id}", actor.remote_address)
    with room.store.transaction() as tx:
        begin_attempt(tx, key, room.now())
    if not fits(password, share.password_hash):
        with room.store.transaction() as tx:
            tx.audit.append(actor, AuditAction.LINK_REFUSED, share.id, "password", room.now())
        raise LinkPasswordRefused
    with room.store.transaction() as tx:
        tx.sign_in_attempts.clear(key)


def _share_of(tx: Transaction, secret: str) -> Share:
    share = tx.shares.of_secret(sha256_of(secret))
    if share is None or share.kind is not ShareKind.LINK:
        raise LinkNotFound
    return share


def _face(tx: Transaction, share: Share) -> LinkFace:
    tenant = tx.tenants.get(share.tenant_id) or Tenant(share.tenant_id, share.tenant_id)
    company = "" if tenant.name == tenant.id else tenant.name  # nobody gave it a name
    return LinkFace(
        share.author_name, company, len(share.call_ids), share.expires_at, share.password_hash is not None
    )
