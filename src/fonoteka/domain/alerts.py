"""What is wrong and for how long: an alert is a state with a beginning and an end, not an event.

A condition is reported as long as it holds and cleared when it is over, as often as one likes; the functions
here say what that makes of the alert, and when people are to be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from fonoteka.domain.call import DEFAULT_TENANT_ID

Fact = str | int | float
Facts = Mapping[str, Fact]

INSTALLATION = DEFAULT_TENANT_ID
"""Whose the alerts about machines and processes are: who runs the first tenant runs the installation."""

REMIND_AFTER = timedelta(days=1)
SETTLE = timedelta(minutes=1)
SETTLE_MOST = timedelta(minutes=32)
REOPEN_WITHIN = timedelta(minutes=30)
FORGET_AFTER = timedelta(days=7)


class Condition(StrEnum):
    """What can be wrong (docs/operate/alerts.md lists them with their facts, a test compares)."""

    STORAGE_FILLING = "storage.filling"
    STORAGE_OVERWRITING = "storage.overwriting"
    STORAGE_REFUSING = "storage.refusing"
    DISK_LOW = "disk.low"
    RECORDER_DOWN = "recorder.down"
    WORKER_DOWN = "worker.down"
    CONNECTOR_LOST = "connector.lost"
    RECORDING_MISSING = "recording.missing"
    RECORDING_FAILED = "recording.failed"
    CLOCK_JUMPED = "clock.jumped"
    AUDIO_MISSING = "audio.missing"
    TOPIC_HEARD = "topic.heard"
    """News rather than a state: it is over as soon as it is raised."""


class Severity(StrEnum):
    """How bad it is: `critical` loses calls now, `warning` will or may."""

    WARNING = "warning"
    CRITICAL = "critical"


_CRITICAL_FROM = {
    Condition.STORAGE_FILLING: 100,
    Condition.STORAGE_REFUSING: 0,
    Condition.DISK_LOW: 2,
    Condition.RECORDER_DOWN: 0,
    Condition.CONNECTOR_LOST: 0,
    Condition.RECORDING_MISSING: 0,
    Condition.AUDIO_MISSING: 0,
}
"""The level from which a condition is critical; one that is not here never is."""


def severity_of(condition: Condition, level: int) -> Severity:
    """How bad the condition is at that level."""
    critical = level >= _CRITICAL_FROM.get(condition, level + 1)
    return Severity.CRITICAL if critical else Severity.WARNING


def level_of_count(count: int) -> int:
    """The level of “so many of them”: it rises with each further digit, so that 100 is told after 10."""
    return len(str(max(count, 0)))


class NewsKind(StrEnum):
    """What there is to tell of an alert."""

    RAISED = "raised"
    ESCALATED = "escalated"
    REMINDED = "reminded"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Alert:
    """One condition of one subject (`key`) from its beginning to its end.

    `level` may rise and fall meanwhile; `seen_at` is when it was last reported. `clear_since`: it seems over,
    and is if it stays so. `flaps`: how often it seemed over and was not; `told`: what people heard last.
    """

    id: str
    tenant_id: str
    condition: Condition
    key: str
    level: int
    facts: Facts
    raised_at: datetime
    seen_at: datetime
    clear_since: datetime | None = None
    cleared_at: datetime | None = None
    flaps: int = 0
    acknowledged_by: str = ""
    acknowledged_level: int = 0
    told: NewsKind | None = None
    told_at: datetime | None = None
    told_level: int = 0

    @property
    def severity(self) -> Severity:
        """How bad it is now."""
        return severity_of(self.condition, self.level)

    @property
    def is_open(self) -> bool:
        """Whether it is not over."""
        return self.cleared_at is None

    @property
    def is_acknowledged(self) -> bool:
        """Whether somebody has taken note of it as bad as it is."""
        return self.acknowledged_by != "" and self.level <= self.acknowledged_level


@dataclass(frozen=True, slots=True)
class News:
    """What was told of an alert, as it was then. `position` grows with time within the installation."""

    position: int
    alert: Alert
    kind: NewsKind
    at: datetime


def reported(alert: Alert, level: int, facts: Facts, now: datetime) -> Alert:
    """The alert after its condition was reported again; one that was over for a short time is open again."""
    seemed_over = alert.clear_since is not None or not alert.is_open
    return replace(
        alert,
        level=level,
        facts=facts,
        seen_at=now,
        clear_since=None,
        cleared_at=None,
        flaps=alert.flaps + seemed_over,
    )


def seems_over(alert: Alert, now: datetime) -> Alert:
    """The alert after it was reported to be over."""
    return alert if alert.clear_since is not None or not alert.is_open else replace(alert, clear_since=now)


def settle_time(flaps: int) -> timedelta:
    """How long an alert must be quiet to be over; longer for one that keeps coming back."""
    doubled: int = 2 ** min(flaps, 8)
    return min(SETTLE * doubled, SETTLE_MOST)


def settled(alert: Alert, now: datetime) -> Alert:
    """The alert, over if it has been quiet for long enough.

    One that nobody has reported for a week is over too: its machine or connector is gone.
    """
    if not alert.is_open:
        return alert
    if alert.clear_since is not None and now - alert.clear_since >= settle_time(alert.flaps):
        return replace(alert, cleared_at=now)
    if now - alert.seen_at >= FORGET_AFTER:
        return replace(alert, cleared_at=now)
    return alert


def may_reopen(alert: Alert, now: datetime) -> bool:
    """Whether a condition that comes back continues this alert rather than begin another."""
    return alert.cleared_at is not None and now - alert.cleared_at < REOPEN_WITHIN


def news_due(alert: Alert, now: datetime) -> NewsKind | None:
    """What people are to be told of the alert now, if anything.

    Told once when it begins, when its level rises above what was told, once a day while it goes on and nobody
    has taken note of it, and when it is over. One that comes back is told once it lasts.
    """
    if not alert.is_open:
        return NewsKind.CLEARED if alert.told not in (None, NewsKind.CLEARED) else None
    if alert.told is None:
        return NewsKind.RAISED
    since_told = now - alert.told_at if alert.told_at else timedelta()
    if alert.told is NewsKind.CLEARED:
        return NewsKind.RAISED if since_told >= settle_time(alert.flaps) else None
    if alert.level > alert.told_level:
        return NewsKind.ESCALATED
    if since_told >= REMIND_AFTER and not alert.is_acknowledged:
        return NewsKind.REMINDED
    return None


def told(alert: Alert, kind: NewsKind, now: datetime) -> Alert:
    """The alert after people were told that; `told_level` is the worst that they heard of."""
    worst = alert.level if alert.told in (None, NewsKind.CLEARED) else max(alert.level, alert.told_level)
    return replace(alert, told=kind, told_at=now, told_level=worst)


class ChannelKind(StrEnum):
    """How people are told, beside the page."""

    EMAIL = "email"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Channel:
    """Where news of a tenant's alerts go.

    A channel with a `user_id` is that user's own: its address and language are the user's. `secret` signs
    what a webhook gets. Only news of at least `minimum` go there, up to `news_position` so far.
    """

    id: str
    tenant_id: str
    kind: ChannelKind
    name: str
    address: str
    language: str
    created_at: datetime
    secret: str = field(default="", repr=False)
    user_id: str = ""
    minimum: Severity = Severity.WARNING
    is_enabled: bool = True
    news_position: int = 0

    def wants(self, severity: Severity) -> bool:
        """Whether news that bad go here."""
        return severity is Severity.CRITICAL or self.minimum is Severity.WARNING
