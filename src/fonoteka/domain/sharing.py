"""Calls given to somebody outside of the pages: by a link, or as an e-mail with the audio in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

CALLS_MAX = 50
"""So many calls are shared at once; for more there is a download."""
DAYS_MAX = 365
OPENS_MAX = 1_000
TEXT_MAX = 500
DOMAINS_MAX = 200


class ShareKind(StrEnum):
    """How it was given."""

    LINK = "link"
    ATTACHMENT = "attachment"


class ShareState(StrEnum):
    """What a link is good for now; of an attachment, whether it would still be sent."""

    GOOD = "good"
    EXPIRED = "expired"
    USED_UP = "used_up"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    """Who shared it may not any more."""


@dataclass(frozen=True, slots=True)
class Share:
    """What was shared by whom, with whom (`recipient`, an e-mail address, or empty), why, and until when.

    `password_hash` None: the link alone opens it. `opens_max` None: as often as one likes.
    """

    id: str
    tenant_id: str
    kind: ShareKind
    call_ids: tuple[str, ...]
    author_kind: str
    author_id: str
    author_name: str
    recipient: str
    reason: str
    note: str
    language: str
    created_at: datetime
    expires_at: datetime
    may_download: bool
    password_hash: str | None
    opens_max: int | None
    opens: int = 0
    revoked_at: datetime | None = None
    revoked_by: str = ""

    def state(self, now: datetime) -> ShareState:
        """As far as it depends on the share alone."""
        if self.revoked_at is not None:
            return ShareState.REVOKED
        if now >= self.expires_at:
            return ShareState.EXPIRED
        if self.opens_max is not None and self.opens >= self.opens_max:
            return ShareState.USED_UP
        return ShareState.GOOD


@dataclass(frozen=True, slots=True)
class SharingTerms:
    """What a tenant says of sharing.

    Addresses of `own_domains` are its own people's; all others are outside, and giving them a call needs a
    reason. With `allowed_domains` nothing is sent to others. A link lasts `days_max` at most.
    """

    tenant_id: str
    own_domains: tuple[str, ...] = ()
    allowed_domains: tuple[str, ...] = ()
    days_max: int = 90

    def is_outside(self, address: str) -> bool:
        """Whether an e-mail address is not one of the tenant's own; no address at all is anybody's."""
        return not _is_of(address, self.own_domains)

    def allows(self, address: str) -> bool:
        """Whether calls may be sent to the address."""
        return not self.allowed_domains or _is_of(address, (*self.own_domains, *self.allowed_domains))


def _is_of(address: str, domains: tuple[str, ...]) -> bool:
    """Whether the address is of one of the domains; a domain below one is not."""
    return address.rpartition("@")[2].lower() in domains
