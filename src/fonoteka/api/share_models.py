"""What is shared, as the API reads and writes it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fonoteka.api.instants import Instant
from fonoteka.api.models import EXAMPLE_CALL_ID
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.domain import sharing as domain
from fonoteka.domain.delivery import DeliveryState, Outcome
from fonoteka.domain.sharing import CALLS_MAX, ShareKind, ShareState
from fonoteka.sharing import ShareView, Wanted

CallIds = Annotated[
    tuple[Annotated[PlainText, Field(max_length=36)], ...], Field(min_length=1, max_length=CALLS_MAX)
]
Domains = Annotated[tuple[Annotated[PlainText, Field(max_length=300)], ...], Field(max_length=200)]


class NewShare(Given):
    """Calls to be shared by link, or by e-mail where there is a recipient."""

    call_ids: CallIds = Field(description="Calls by `id`.", examples=[[EXAMPLE_CALL_ID]])
    recipient: PlainText = Field(
        "", max_length=300, description="An e-mail address; empty: a link that you hand on yourself."
    )
    reason: PlainText = Field(
        "", max_length=500, description="Why; needed unless the recipient is of an own domain."
    )
    note: str = Field("", max_length=500, description="Words to the recipient.")
    language: Annotated[str, Field(pattern="^(ru|en)$")] = Field("ru", description="Of the e-mail.")
    days: int = Field(7, description="For how many days a link is good.")
    password: str = Field("", max_length=1024, description="Asked for when the link is opened.")
    opens_max: int | None = Field(None, description="How often it can be opened; null: no limit.")
    may_download: bool = Field(False, description="Whether the audio can be saved, else only heard.")
    attach: bool = Field(
        True, description="Send small calls as files; with a password or a limit it is a link in any case."
    )

    def value(self) -> Wanted:
        """As the room takes it."""
        return Wanted(**self.model_dump())


class Share(Given):
    """What was shared."""

    id: str = Field(description="Its id.")
    kind: ShareKind = Field(description="A link, or the audio in an e-mail.")
    state: ShareState = Field(
        description="`withdrawn`: who shared it may not any more; `used_up`: opened as often as it may be."
    )
    call_ids: tuple[str, ...] = Field(description="The calls.")
    author_name: str = Field(description="Who shared it.")
    recipient: str = Field(description="The e-mail address, or empty.")
    reason: str = Field(description="Why.")
    note: str = Field(description="Words to the recipient.")
    created_at: Instant = Field(description="When it was shared.")
    expires_at: Instant = Field(description="Until when a link is good.")
    may_download: bool = Field(description="Whether the audio can be saved.")
    has_password: bool = Field(description="Whether a password is asked for.")
    opens: int = Field(description="How often it was opened.")
    opens_max: int | None = Field(description="How often it can be opened; null: no limit.")
    revoked_at: Instant | None = Field(description="When it was revoked.")
    delivery: DeliveryState | None = Field(description="How the e-mail is; null without one.")
    outcome: Outcome | None = Field(description="How the last attempt to send it ended.")

    @classmethod
    def of(cls, view: ShareView) -> Share:
        """As the API tells it."""
        share, sent = view.share, view.delivery
        same = (
            *("id", "kind", "call_ids", "author_name", "recipient", "reason", "note", "created_at"),
            *("expires_at", "may_download", "opens", "opens_max", "revoked_at"),
        )
        return cls(
            **{name: getattr(share, name) for name in same},
            state=view.state,
            has_password=share.password_hash is not None,
            delivery=None if sent is None else sent.state,
            outcome=None if sent is None else sent.outcome,
        )


class MadeShare(Given):
    """A new share."""

    share: Share = Field(description="What was shared.")
    url: str = Field(description="The link, told this once; empty where it goes by e-mail.")


class Shares(Given):
    """A page of what was shared."""

    items: tuple[Share, ...] = Field(description="The newest first.")
    next: str | None = Field(description="The cursor of the page after it; null on the last.")


class SharingTerms(Given):
    """What a company says of sharing."""

    own_domains: Domains = Field(
        (), description="Domains of the company's own addresses; to all others a reason is needed."
    )
    allowed_domains: Domains = Field(
        (), description="With any, nothing is sent to other domains than these and the own ones."
    )
    days_max: int = Field(90, description="For how many days a link is good at most.")

    def value(self) -> domain.SharingTerms:
        """As the room takes it."""
        return domain.SharingTerms("", self.own_domains, self.allowed_domains, self.days_max)
