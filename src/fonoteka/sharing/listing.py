"""What was shared, what became of it, and ending it; what a tenant says of sharing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fonoteka.archive import get_call
from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.addresses import host_of
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.delivery import Delivery, DeliveryState
from fonoteka.domain.errors import RequestInvalid, ShareNotFound
from fonoteka.domain.ids import is_id
from fonoteka.domain.sharing import DAYS_MAX, DOMAINS_MAX, Share, ShareState, SharingTerms
from fonoteka.sharing.author import state_of
from fonoteka.sharing.room import SharingRoom
from fonoteka.store import Transaction

PAGE_MAX = 200


@dataclass(frozen=True, slots=True)
class ShareView:
    """A share, what it is good for now, and its e-mail's way if there is one."""

    share: Share
    state: ShareState
    delivery: Delivery | None


@dataclass(frozen=True, slots=True)
class SharePage:
    """Shares, newest first; `next` is the cursor of the page after it, None on the last."""

    items: tuple[ShareView, ...]
    next: str | None


def list_shares(
    room: SharingRoom, actor: Actor, call_id: str = "", cursor: str = "", limit: int = 50
) -> SharePage:
    """What the actor shared; what anybody shared, for who manages accounts. With `call_id` of one call.

    Raises `AccessDenied`, `RequestInvalid` (fields `cursor`, `limit`), `CallNotFound`.
    """
    require(actor, Permission.RECORDING_SHARE, actor.tenant_id)
    if not 1 <= limit <= PAGE_MAX:
        raise RequestInvalid("limit", f"The limit must be between 1 and {PAGE_MAX}.")
    if cursor and not is_id(cursor):
        raise RequestInvalid("cursor", "The cursor is not one that a page gave.")
    if call_id:
        call_id = get_call(room.archive, actor, call_id).id
    author_id = None if manages_shares(actor) else actor.id
    with room.store.reading() as tx:
        found = tx.shares.page(actor.tenant_id, author_id, call_id, cursor, limit + 1)
        items = tuple(_view(room, tx, one) for one in found[:limit])
    return SharePage(items, items[-1].share.id if len(found) > limit else None)


def get_share(room: SharingRoom, actor: Actor, share_id: str) -> ShareView:
    """One share of the actor's, or of anybody for who manages accounts. Raises `ShareNotFound`."""
    require(actor, Permission.RECORDING_SHARE, actor.tenant_id)
    with room.store.reading() as tx:
        return _view(room, tx, _own(tx, actor, share_id))


def revoke_share(room: SharingRoom, actor: Actor, share_id: str) -> None:
    """End a link at once, for whoever has it open too; an e-mail that waits is not sent.

    Repeating it changes nothing. Raises `ShareNotFound`, `AccessDenied`.
    """
    require(actor, Permission.RECORDING_SHARE, actor.tenant_id)
    at = room.now()
    with room.store.transaction() as tx:
        share = _own(tx, actor, share_id)
        if tx.shares.revoke(share.id, at, actor.name):
            to = share.recipient or "whoever has the link"
            tx.audit.append(actor, AuditAction.LINK_REVOKED, share.id, f"{share.kind} to {to}", at)
            waiting = tx.deliveries.last_of(share.id)
            if waiting is not None and waiting.state is DeliveryState.QUEUED:
                tx.deliveries.hasten(waiting.id, at)


def manages_shares(actor: Actor) -> bool:
    """Whether the actor has to do with what others shared."""
    return may(actor, Permission.ACCOUNTS_MANAGE, actor.tenant_id)


def sharing_terms(room: SharingRoom, actor: Actor) -> SharingTerms:
    """What the tenant says of sharing. Raises `AccessDenied`."""
    require(actor, Permission.RECORDING_SHARE, actor.tenant_id)
    with room.store.reading() as tx:
        return tx.shares.terms(actor.tenant_id)


def change_sharing_terms(room: SharingRoom, actor: Actor, terms: SharingTerms) -> SharingTerms:
    """Say anew; domains come in any spelling. Links that exist stay as they are.

    Raises `RequestInvalid` naming the field, `AccessDenied`.
    """
    require(actor, Permission.ACCOUNTS_MANAGE, actor.tenant_id)
    if not 1 <= terms.days_max <= DAYS_MAX:
        raise RequestInvalid("days_max", f"A link is good for 1 to {DAYS_MAX} days at most.", "body")
    terms = replace(
        terms,
        tenant_id=actor.tenant_id,
        own_domains=_domains("own_domains", terms.own_domains),
        allowed_domains=_domains("allowed_domains", terms.allowed_domains),
    )
    with room.store.transaction() as tx:
        tx.shares.put_terms(terms)
        told = (
            f"own {' '.join(terms.own_domains) or '–'}; allowed {' '.join(terms.allowed_domains) or 'any'};"
            f" up to {terms.days_max} days"
        )
        tx.audit.append(actor, AuditAction.SHARING_CHANGED, actor.tenant_id, told[:2_000], room.now())
    return terms


def _domains(field: str, given: Sequence[str]) -> tuple[str, ...]:
    if len(given) > DOMAINS_MAX:
        raise RequestInvalid(field, f"At most {DOMAINS_MAX} domains can be named.", "body")
    found: dict[str, None] = {}
    for one in given:
        domain = host_of(one.strip().removeprefix("@")) if len(one) < 300 else ""
        if "." not in domain:
            raise RequestInvalid(field, f"“{one[:60]}” is no domain.", "body")
        found[domain] = None
    return tuple(sorted(found))


def _own(tx: Transaction, actor: Actor, share_id: str) -> Share:
    share = tx.shares.get(actor.tenant_id, share_id) if is_id(share_id) else None
    if share is None or (share.author_id != actor.id and not manages_shares(actor)):
        raise ShareNotFound
    return share


def _view(room: SharingRoom, tx: Transaction, share: Share) -> ShareView:
    delivery = tx.deliveries.last_of(share.id) if share.recipient else None
    return ShareView(share, state_of(tx, share, room.now()), delivery)
