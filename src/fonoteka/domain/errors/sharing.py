"""Calls given to others by link or e-mail."""

from __future__ import annotations

from fonoteka.domain.errors.base import FonotekaError


class MailUnavailable(FonotekaError):
    """No mail server is set, so nothing can be sent."""

    code = "mail.not_configured"


class RecipientForbidden(FonotekaError):
    """Nothing may be sent to addresses of this domain."""

    code = "recipient.forbidden"


class ShareLimit(FonotekaError):
    """So much was shared within an hour that it looks like a slip; try again later."""

    code = "share.too_many"


class ShareNotFound(FonotekaError):
    """Nothing of that id was shared."""

    code = "share.not_found"


class LinkNotFound(FonotekaError):
    """There is no such link."""

    code = "link.not_found"


class LinkNotOpened(FonotekaError):
    """The link must be opened in this browser first."""

    code = "link.not_opened"


class LinkPasswordRefused(FonotekaError):
    """The password of the link does not fit."""

    code = "link.password_refused"


class LinkOver(FonotekaError):
    """The link is not good any more."""

    code = "link.over"


class LinkExpired(LinkOver):
    """The link's time is over."""

    code = "link.expired"


class LinkUsedUp(LinkOver):
    """The link was opened as often as it may be."""

    code = "link.used_up"


class LinkRevoked(LinkOver):
    """The link was revoked."""

    code = "link.revoked"


class LinkWithdrawn(LinkOver):
    """Whoever shared this may not share it any more."""

    code = "link.withdrawn"
