"""What every page says at its top while something is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from fonoteka.alerts import AlertRoom, open_alerts, say
from fonoteka.alerts.words import Said
from fonoteka.domain.access import Actor
from fonoteka.domain.alerts import Severity
from fonoteka.web.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Banner:
    """The worst alert that nobody has taken note of, and how many there are beside it; without any, None."""

    worst: Said | None = None
    is_critical: bool = False
    others: int = 0


def banner_of(room: AlertRoom, actor: Actor, visitor: Visitor) -> Banner:
    """The banner for that visitor; empty for who may not see alerts."""
    found = [one for one in open_alerts(room, actor) if not one.is_acknowledged and one.clear_since is None]
    if not found:
        return Banner()
    worst = max(found, key=lambda one: (one.severity is Severity.CRITICAL, one.id))
    said = say(worst, visitor.language.code, visitor.formats.zone)
    return Banner(said, worst.severity is Severity.CRITICAL, len(found) - 1)
