"""Messages to the outside: queued durably, sent at least once, under an id that stays the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

ATTEMPT_PAUSES = tuple(
    timedelta(seconds=one) for one in (30, 120, 600, 1800, 3600, 7200, 14_400, 21_600, 21_600)
)
"""Pauses between attempts; after the last, about 21 hours from the first, a delivery is given up."""


class Transport(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class DeliveryState(StrEnum):
    """`queued` waits for its (next) attempt, `sent` was taken by the receiver, `dead` is given up."""

    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"


class Outcome(StrEnum):
    """How an attempt ended (docs/operate/alerts.md lists them, a test compares)."""

    ACCEPTED = "accepted"
    NOT_CONFIGURED = "not_configured"
    ADDRESS_INVALID = "address_invalid"
    ADDRESS_FORBIDDEN = "address_forbidden"
    NAME_UNKNOWN = "name_unknown"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    CERTIFICATE_INVALID = "certificate_invalid"
    TLS_UNAVAILABLE = "tls_unavailable"
    SIGN_IN_REFUSED = "sign_in_refused"
    RECIPIENT_REFUSED = "recipient_refused"
    REFUSED = "refused"
    TRY_LATER = "try_later"
    REDIRECTED = "redirected"
    GONE = "gone"
    BROKEN_OFF = "broken_off"
    UNWRITTEN = "unwritten"
    """What was to be sent is not there (yet), or must not be sent any more."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended. `is_final`: repeating it is useless. `retry_after`: asked by the receiver."""

    outcome: Outcome
    detail: str = ""
    is_final: bool = False
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: to a mail address, or to a web address.

    Of a mail, `subject`, `text` and `html`; of a webhook, `text` is the JSON body, `subject` the event.
    """

    transport: Transport
    target: str
    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail."""

    file_name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says that is written only when it is sent."""

    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message and what became of it. `attempts` counts those begun; `next_at` is when to try (again).

    Of one channel (its id may be empty) one delivery is under way at a time. `kind` says what it is about.
    """

    id: str
    tenant_id: str
    channel_id: str
    kind: str
    message: Message
    created_at: datetime
    next_at: datetime
    state: DeliveryState = DeliveryState.QUEUED
    attempts: int = 0
    done_at: datetime | None = None
    outcome: Outcome | None = None
    detail: str = ""


def next_attempt_at(attempts: int, retry_after: timedelta | None, now: datetime) -> datetime | None:
    """When to try again after so many attempts; None: give up."""
    if attempts > len(ATTEMPT_PAUSES):
        return None
    pause = ATTEMPT_PAUSES[attempts - 1]
    return now + max(pause, min(retry_after or pause, ATTEMPT_PAUSES[-1]))
