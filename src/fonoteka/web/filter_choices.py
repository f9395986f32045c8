"""What the filters of the call list offer: names that the visitor may know of."""

from __future__ import annotations

from dataclasses import dataclass

from fonoteka import archive, policy
from fonoteka.domain.access import Permission, may
from fonoteka.web.desk import Desk
from fonoteka.web.topic_choices import topics_to_choose
from fonoteka.web.visitor import Visitor

_EXTENSIONS_MAX = 300


@dataclass(frozen=True, slots=True)
class Choices:
    """Pairs of what stands in the address and how people call it."""

    groups: tuple[tuple[str, str], ...] = ()
    extensions: tuple[tuple[str, str], ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    rules: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()
    topics: tuple[tuple[str, str], ...] = ()

    def name_of(self, kind: str, value: str) -> str:
        """The name of a group, a tag or a rule; “?” when there is none that the visitor may know of."""
        return dict(getattr(self, kind)).get(value) or "?"


def choices_of(desk: Desk, visitor: Visitor) -> Choices:
    """What the visitor can choose from."""
    actor = desk.actor_of(visitor)
    groups: tuple[tuple[str, str], ...] = ()
    extensions = tuple((one, "") for one in sorted(actor.extensions or ())[:_EXTENSIONS_MAX])
    rules: tuple[tuple[str, str], ...] = ()
    if may(actor, Permission.PEOPLE_SEE, actor.tenant_id):
        known = policy.directory(desk.policy, actor)
        groups = tuple((one.id, one.name) for one in known.groups)
        extensions = tuple((one.number, one.person or one.name) for one in known.extensions[:_EXTENSIONS_MAX])
    if may(actor, Permission.RULES_SEE, actor.tenant_id):
        decided = policy.rule_set(desk.policy, actor).rules
        rules = tuple((one.id, one.name or str(place)) for place, one in enumerate(decided, 1))
    return Choices(
        groups,
        extensions,
        tuple((one.tag.id, one.tag.name) for one in archive.list_tags(desk.archive, actor)),
        rules,
        archive.call_sources(desk.archive, actor),
        topics_to_choose(desk, actor),
    )
