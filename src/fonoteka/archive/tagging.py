"""One tag and many calls: on which it can be put, off which it can be taken, and doing so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fonoteka.archive.tags import known_tag
from fonoteka.archive.terms import terms_in_force, terms_of_tag
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.annotations import SLIP_MINUTES, TAGS_OF_CALL_MAX, CallTag, Tag
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.bulk import LeftAlone
from fonoteka.domain.retention import RetentionTerm
from fonoteka.store import Transaction


@dataclass(frozen=True, slots=True)
class Tagging:
    """Work with a tag at that instant; begun, nobody else puts it on calls until the transaction ends."""

    tx: Transaction
    actor: Actor
    tag: Tag
    terms: tuple[RetentionTerm, ...]
    at: datetime

    @classmethod
    def begin(cls, tx: Transaction, actor: Actor, tag_id: str, at: datetime) -> Tagging:
        """Hold the tag. Raises `TagNotFound`."""
        tx.identities.take_turns(actor.tenant_id)  # no call begins at another instant meanwhile
        tag = known_tag(tx, actor, tag_id)
        return cls(tx, actor, tag, terms_of_tag(tx, tag), at)

    @property
    def may_put(self) -> bool:
        """Whether the actor may put it on calls within reach: one that deletes needs the right to delete."""
        deletes = any(one.delete_after_days is not None for one in self.terms)
        return not deletes or may(self.actor, Permission.RECORDING_DELETE, self.actor.tenant_id)

    def may_take(self, there: CallTag) -> bool:
        """Whether the actor may take it off a call within reach."""
        is_slip = there.author_id == self.actor.id and self.at - there.at <= timedelta(minutes=SLIP_MINUTES)
        return is_slip or not self.terms or may(self.actor, Permission.STORAGE_CHANGE, self.actor.tenant_id)

    def can_be_put(self, given: Mapping[str, CallTag], left: Counter[LeftAlone]) -> dict[str, CallTag]:
        """What of it can be given; `left` counts why the rest cannot."""
        there = self.tx.tags.of_calls(sorted(given))
        can = {}
        for one, tag in sorted(given.items()):
            tags = there.get(one, ())
            if any(known.tag.id == self.tag.id for known in tags):
                left[LeftAlone.TAGGED] += 1
            elif len(tags) >= TAGS_OF_CALL_MAX:
                left[LeftAlone.FULL] += 1
            elif not self.may_put:
                left[LeftAlone.GOVERNED] += 1
            else:
                can[one] = tag
        return can

    def can_be_taken(
        self,
        ids: Collection[str],
        left: Counter[LeftAlone],
        only: Mapping[str, CallTag] | None = None,
    ) -> dict[str, CallTag]:
        """Off which calls it can be taken, put there as `only` says; `left` counts why the rest stay."""
        there = self.tx.tags.of_calls(sorted(ids))
        can = {}
        for one in sorted(ids):
            known = next((tag for tag in there.get(one, ()) if tag.tag.id == self.tag.id), None)
            if known is None or (only is not None and _by_whom(known) != _by_whom(only[one])):
                left[LeftAlone.UNTAGGED] += 1
            elif not self.may_take(known):
                left[LeftAlone.GOVERNED] += 1
            else:
                can[one] = known
        return can

    def put(self, given: Mapping[str, CallTag], detail: str) -> None:
        """Put it on these calls, each with its event."""
        self.tx.tags.put_on(given)
        self._settle(AuditAction.CALL_TAGGED, given, detail)

    def take(self, gone: Collection[str], detail: str) -> None:
        """Take it off these calls, each with its event."""
        self.tx.tags.take_off(gone, self.tag.id)
        self._settle(AuditAction.CALL_UNTAGGED, gone, detail)

    def _settle(self, action: AuditAction, ids: Collection[str], detail: str) -> None:
        tx, tenant_id = self.tx, self.actor.tenant_id
        if self.terms and ids:
            known = tx.keeping.of_calls(tenant_id, ids, lock=True)
            tx.keeping.bring_terms([one.id for one in known], terms_in_force(tx, tenant_id), self.at)
        for one in ids:
            tx.audit.append(self.actor, action, one, f"tag={self.tag.name} {detail}", self.at)


def _by_whom(tag: CallTag) -> tuple[datetime, str]:
    return tag.at, tag.author_id
