"""How long recordings stay: terms, and what they and legal holds say of one recording.

A term is “keep at least” or “delete after” so many days from the recording's start, for a whole tenant, a
rule, a group or a tag. Of several the longest wins; no term at all is “for ever”. Nothing is deleted before
its “keep at least” is over, whatever says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

DAYS_MAX = 36_500
TERMS_MAX = 1_000


class TermScope(StrEnum):
    """Whose recordings a term is about."""

    TENANT = "tenant"
    RULE = "rule"
    GROUP = "group"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class RetentionTerm:
    """Terms of one scope; `subject_id` is the rule's, group's or tag's id, empty for the tenant.

    The rule id “” stands for the rules' default. None says nothing.
    """

    scope: TermScope
    subject_id: str = ""
    keep_at_least_days: int | None = None
    delete_after_days: int | None = None


@dataclass(frozen=True, slots=True)
class RetentionTerms:
    """A version of a tenant's terms beside those that its rules carry; version 0 is “never saved”."""

    tenant_id: str
    version: int = 0
    terms: tuple[RetentionTerm, ...] = ()

    def of_tenant(self) -> RetentionTerm:
        """The term of the whole tenant; one that says nothing where there is none."""
        tenant = (one for one in self.terms if one.scope is TermScope.TENANT)
        return next(tenant, RetentionTerm(TermScope.TENANT))


@dataclass(frozen=True, slots=True)
class TermSource:
    """By which term something is so: its scope, whose it is and its days."""

    scope: TermScope
    subject_id: str
    days: int

    def encode(self) -> str:
        """As a row keeps it."""
        return f"{self.scope}:{self.days}:{self.subject_id}"

    @classmethod
    def decode(cls, text: str) -> TermSource | None:
        """The inverse; an empty text is None."""
        if not text:
            return None
        scope, days, subject_id = text.split(":", 2)
        return cls(TermScope(scope), subject_id, int(days))


@dataclass(frozen=True, slots=True)
class Keeping:
    """What protects a recording and what will take it away, as its row says. Instants are aware UTC."""

    is_held: bool = False
    protected_until: datetime | None = None
    protected_by: TermSource | None = None
    delete_at: datetime | None = None
    delete_by: TermSource | None = None
    binned_at: datetime | None = None


class Obstacle(StrEnum):
    """Why a recording must not be taken away."""

    HELD = "held"
    TERM = "term"


def obstacle(keeping: Keeping, now: datetime) -> Obstacle | None:
    """What forbids to delete, overwrite or sweep the recording now; None when nothing does.

    Whatever takes audio away asks this, holding the row's lock.
    """
    if keeping.is_held:
        return Obstacle.HELD
    if keeping.protected_until is not None and keeping.protected_until > now:
        return Obstacle.TERM
    return None


class Standing(StrEnum):
    """The class in which a recording counts against the quota."""

    NONE = ""
    """It has no stored audio."""
    FREE = "free"
    """Nothing protects it: it may be overwritten."""
    BINNED = "binned"
    PROTECTED = "protected"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class NamedTerm:
    """A term for people: `name` of the rule or group, `position` of the rule (from 1) if it has one now."""

    scope: TermScope
    subject_id: str
    days: int
    name: str = ""
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Until when a recording is kept, and by what: “until 12 May 2031: rule 3, 5 years”.

    `until` is when it goes by itself, None: it does not. `protected_until` is the end of its minimum term
    (None: it has none). `holds` are the case names of the legal holds over it, for those who
    may see them. In the bin, `until` is when the bin lets it go.
    """

    until: datetime | None
    by: NamedTerm | None
    protected_until: datetime | None
    protected_by: NamedTerm | None
    is_held: bool = False
    holds: tuple[str, ...] = ()
    binned_at: datetime | None = None


def winning(terms: Iterable[RetentionTerm], *, deletes: bool) -> tuple[tuple[RetentionTerm, int], ...]:
    """Terms that say something, the longest first: who applies first wins."""
    said = ((one, one.delete_after_days if deletes else one.keep_at_least_days) for one in terms)
    found = [(term, days) for term, days in said if days is not None]
    return tuple(sorted(found, key=lambda one: (-one[1], one[0].scope, one[0].subject_id)))


def terms_to_value(terms: RetentionTerms) -> dict[str, Any]:
    """The terms as values that `json.dumps` takes; tenant and version are kept beside them."""
    return {
        "terms": [
            {
                "scope": one.scope.value,
                "subject_id": one.subject_id,
                "keep_at_least_days": one.keep_at_least_days,
                "delete_after_days": one.delete_after_days,
            }
            for one in terms.terms
        ]
    }


def terms_of_value(tenant_id: str, version: int, value: dict[str, Any]) -> RetentionTerms:
    """The inverse. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    terms = tuple(RetentionTerm(**{**one, "scope": TermScope(one["scope"])}) for one in value["terms"])
    return RetentionTerms(tenant_id, version, terms)
