"""Alerts, channels and deliveries as the API reads and writes them."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

from pydantic import Field

from fonoteka import alerts as room
from fonoteka.api.instants import Instant
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.domain import alerts as domain
from fonoteka.domain import delivery as outbox
from fonoteka.domain.alerts import ChannelKind, Condition, Severity
from fonoteka.domain.delivery import DeliveryState, Outcome, Transport

Address = Annotated[PlainText, Field(max_length=2000)]


class Alert(Given):
    """Something that is or was wrong."""

    id: str = Field(description="Identifier.")
    condition: Condition = Field(description="What is wrong.")
    key: str = Field(description="Of which subject; may be empty.")
    severity: Severity = Field(description="`critical` loses calls now, `warning` will or may.")
    level: int = Field(description="How bad it is; its meaning depends on the condition.")
    facts: dict[str, str | int | float] = Field(description="Figures and names that belong to it.")
    title: str = Field(description="What is wrong, in English.")
    text: str = Field(description="What that means, in English.")
    raised_at: Instant = Field(description="Since when.")
    cleared_at: Instant | None = Field(description="When it was over; null while it is not.")
    acknowledged_by: str = Field(description="Who took note of it; may be empty.")

    @classmethod
    def of(cls, alert: domain.Alert) -> Alert:
        """As programs read it."""
        said = room.say(alert, "en", UTC)
        return cls(
            id=alert.id,
            condition=alert.condition,
            key=alert.key,
            severity=alert.severity,
            level=alert.level,
            facts=dict(alert.facts),
            title=said.title,
            text=said.text,
            raised_at=alert.raised_at,
            cleared_at=alert.cleared_at,
            acknowledged_by=alert.acknowledged_by,
        )


class AlertPage(Given):
    """A page of alerts, newest first."""

    items: tuple[Alert, ...] = Field(description="The alerts of this page.")
    next: str | None = Field(description="Give it back as `cursor` for the next page; null on the last one.")


class NewChannel(Given):
    """Where news of alerts go."""

    kind: ChannelKind = Field(description="`email` or `webhook`; does not change later.")
    name: PlainText = Field("", description="What it is called.", examples=["On call"], max_length=1000)
    address: Address = Field("", description="E-mail address or URL.", examples=["oncall@example.com"])
    language: PlainText = Field("ru", description="Of e-mails: `ru` or `en`.", max_length=10)
    minimum: Severity = Field(Severity.WARNING, description="The least severity that goes there.")
    is_enabled: bool = Field(True, description="Whether it is on.")

    def value(self, tenant_id: str, created_at: Instant, channel_id: str = "") -> domain.Channel:
        """As the room takes it."""
        return domain.Channel(
            id=channel_id,
            tenant_id=tenant_id,
            kind=self.kind,
            name=self.name,
            address=self.address,
            language=self.language,
            created_at=created_at,
            minimum=self.minimum,
            is_enabled=self.is_enabled,
        )


class Channel(NewChannel):
    """A channel, as it is stored."""

    id: str = Field(description="Identifier.")
    user_id: str = Field(description="Whose own it is; such a one has the user's address. May be empty.")
    secret: str = Field(description="What signs a webhook's requests; told once, when it is made.")


class Channels(Given):
    """All channels of the tenant."""

    items: tuple[Channel, ...] = Field(description="The channels, oldest first.")


class Secret(Given):
    """A webhook's new secret."""

    secret: str = Field(description="It is told this once.")


class Delivery(Given):
    """A message, and what became of it."""

    id: str = Field(description="Identifier; the receiver gets it too, and it stays the same in repetitions.")
    channel_id: str = Field(description="The channel it was for.")
    kind: str = Field(description="`alert`, `call_event` or `test`.")
    transport: Transport = Field(description="How it travels.")
    target: str = Field(description="Where to.")
    subject: str = Field(description="Subject of an e-mail, event of a webhook.")
    state: DeliveryState = Field(description="Whether it waits, was taken, or was given up.")
    attempts: int = Field(description="How often it was tried.")
    created_at: Instant = Field(description="When it was queued.")
    next_at: Instant | None = Field(description="When it is tried next; null when it is done.")
    done_at: Instant | None = Field(description="When it was taken or given up.")
    outcome: Outcome | None = Field(description="How the last attempt ended; null before the first.")
    detail: str = Field(description="What the receiver said.")

    @classmethod
    def of(cls, one: outbox.Delivery) -> Delivery:
        """As programs read it."""
        return cls(
            id=one.id,
            channel_id=one.channel_id,
            kind=one.kind,
            transport=one.message.transport,
            target=one.message.target,
            subject=one.message.subject,
            state=one.state,
            attempts=one.attempts,
            created_at=one.created_at,
            next_at=one.next_at if one.state is DeliveryState.QUEUED else None,
            done_at=one.done_at,
            outcome=one.outcome,
            detail=one.detail,
        )


class DeliveryPage(Given):
    """A page of deliveries, newest first."""

    items: tuple[Delivery, ...] = Field(description="The deliveries of this page.")
    next: str | None = Field(description="Give it back as `cursor` for the next page; null on the last one.")
