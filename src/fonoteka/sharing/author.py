"""A share goes as far as the rights of who made it go today."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fonoteka.accounts import actor_by_id
from fonoteka.domain.access import Actor, ActorKind, Permission, may
from fonoteka.domain.errors import LinkExpired, LinkOver, LinkRevoked, LinkUsedUp, LinkWithdrawn
from fonoteka.domain.sharing import Share, ShareState
from fonoteka.store import Transaction

_OVER: dict[ShareState, type[LinkOver]] = {
    ShareState.EXPIRED: LinkExpired,
    ShareState.USED_UP: LinkUsedUp,
    ShareState.REVOKED: LinkRevoked,
    ShareState.WITHDRAWN: LinkWithdrawn,
}


def author_of(tx: Transaction, share: Share, at: datetime) -> Actor | None:
    """Who shared it, with the rights of today; None for who may not share any more."""
    author = actor_by_id(tx, share.tenant_id, ActorKind(share.author_kind), share.author_id, at)
    if author is None:
        return None
    needed = [Permission.CALL_SEE, Permission.RECORDING_SHARE, Permission.RECORDING_LISTEN]
    needed += [Permission.RECORDING_DOWNLOAD] if share.may_download else []
    return author if all(may(author, one, share.tenant_id) for one in needed) else None


def state_of(tx: Transaction, share: Share, at: datetime) -> ShareState:
    """What the share is good for now."""
    state = share.state(at)
    if state is ShareState.GOOD and author_of(tx, share, at) is None:
        return ShareState.WITHDRAWN
    return state


def visitor_of(
    tx: Transaction, share: Share, at: datetime, remote_address: str, *, is_inside: bool = False
) -> Actor:
    """Who comes by the link: hears what its author may hear, and sees no numbers.

    With `is_inside` the link was opened before, so that it does not matter whether it is used up. Raises
    `LinkExpired`, `LinkUsedUp`, `LinkRevoked`, `LinkWithdrawn`.
    """
    state = state_of(tx, share, at)
    if is_inside and state is ShareState.USED_UP:
        state = ShareState.GOOD if author_of(tx, share, at) else ShareState.WITHDRAWN
    author = author_of(tx, share, at)
    if state is not ShareState.GOOD or author is None:
        raise _OVER[state]
    given = {Permission.CALL_SEE, Permission.RECORDING_LISTEN}
    given |= {Permission.RECORDING_DOWNLOAD} if share.may_download else set()
    return replace(
        author,
        kind=ActorKind.LINK,
        id=share.id,
        name=f"{share.author_name} → {share.recipient or 'link'}",
        remote_address=remote_address,
        permissions=frozenset(given),
    )
