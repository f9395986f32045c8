"""When a call began: from local times as PBXs write them to aware UTC, and clocks that cannot be right."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo

_FORMS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y%m%d %H%M%S",
    "%Y%m%d%H%M%S",
    "%Y%m%d-%H%M%S",
)
_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
_AHEAD_MAX = timedelta(days=1)
# A recording begins after its channel, and seldom an hour later; else the time zone is not the PBX's.
_BEFORE_CHANNEL, _AFTER_CHANNEL = timedelta(seconds=60), timedelta(hours=1)


def parse_moment(text: str) -> datetime | None:
    """A time as people write it: ISO 8601, `02.03.2026 12:00:00`, a Unix time; naive if without a zone."""
    text = text.strip()[:40]
    with suppress(ValueError):
        if text.isdecimal() and 9 <= len(text) <= 10:
            return datetime.fromtimestamp(int(text), UTC)
    for form in _FORMS:
        with suppress(ValueError):
            return datetime.strptime(text, form)  # noqa: DTZ007 - local to the source
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    return None


def to_utc(
    at: datetime, zone: tzinfo, shift: timedelta, channel_began: datetime | None
) -> tuple[datetime | None, bool]:
    """The instant in UTC (None when no call can have been then), and whether the zone proved wrong.

    `shift` is added to correct a clock that was known to be off. The epoch in Asterisk's id of the channel
    has no zone to get wrong: where it and the local time part, it counts.
    """
    try:
        instant = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=zone).astimezone(UTC)
        doubtful = channel_began is not None and not (
            -_BEFORE_CHANNEL <= instant - channel_began <= _AFTER_CHANNEL
        )
        if doubtful and channel_began is not None:
            instant = channel_began
        instant += shift
    except (OverflowError, ValueError):
        return None, False
    if not _EARLIEST <= instant <= datetime.now(UTC) + _AHEAD_MAX:
        return None, doubtful
    return instant, doubtful
