"""What every use case about alerts works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from fonoteka.domain.delivery import Delivery, Letter
from fonoteka.store import Store


def utc_now() -> datetime:
    """Now, aware UTC."""
    return datetime.now(UTC)


class MailTls(StrEnum):
    """How the connection to the mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes our mails. An attempt may take `attempt_s` seconds altogether."""

    host: str
    port: int
    tls: MailTls
    user: str
    password: str = field(repr=False)
    sender: str
    attempt_s: float = 30.0
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class WebhookLimits:
    """What a webhook may reach and cost. Addresses that are not public are refused but in `allowed`."""

    allowed: tuple[IPv4Network | IPv6Network, ...] = ()
    attempt_s: float = 10.0
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class AlertRoom:
    """The first argument of each use case; threads may share it.

    Without `mail` there is no mail server. `public_url`, if known, is where mails point to. Of a channel's
    mails at most `mails_per_hour` go out as they come; what comes beyond is told together. Whoever sends has
    `lease` for one attempt, afterwards another may. Mails of a kind that is in `letters` are written when
    they are sent: the writer raises a `FonotekaError` where there is nothing to send.
    """

    store: Store
    mail: MailServer | None = None
    webhooks: WebhookLimits = WebhookLimits()
    public_url: str = ""
    mails_per_hour: int = 10
    lease: timedelta = timedelta(minutes=2)
    letters: Mapping[str, Callable[[Delivery], Letter]] = field(default_factory=dict)
    now: Callable[[], datetime] = utc_now
