"""The topics that a visitor may know of, by name."""

from __future__ import annotations

from fonoteka.domain.access import Actor, Permission, may
from fonoteka.speech.topics import list_topics
from fonoteka.web.desk import Desk


def topics_to_choose(desk: Desk, actor: Actor) -> tuple[tuple[str, str], ...]:
    """Id and name of the active ones; none for who may not listen."""
    if not may(actor, Permission.RECORDING_LISTEN, actor.tenant_id):
        return ()
    return tuple((one.id, one.name) for one in list_topics(desk.speech, actor) if one.is_active)
