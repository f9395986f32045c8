"""The form of the storage page: a plan and terms as they stand on it, not saved yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.datastructures import FormData

from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.retention import RetentionTerm, RetentionTerms, TermScope
from fonoteka.domain.storage_plan import StoragePlan, WhenFull

GB = 1_000_000_000
TERM_CHOICES_DAYS = (30, 90, 183, 365, 3 * 365, 5 * 365)
_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,3})?", re.ASCII)
_SPACES = re.compile(r"\s")
_LIST = re.compile(r"[,;\s%]+")


@dataclass(frozen=True, slots=True)
class StorageDraft:
    """A plan and terms; `agreed` says that what goes was looked at."""

    plan: StoragePlan
    terms: RetentionTerms
    agreed: bool = False

    @classmethod
    def read(cls, form: FormData, plan: StoragePlan, terms: RetentionTerms) -> StorageDraft:
        """The form over what is in force. Raises `RequestInvalid` naming the field."""
        changed = replace(
            plan,
            version=_whole(form, "plan_version", plan.version),
            quota_bytes=_quota(form, plan.quota_bytes),
            when_full=next((one for one in WhenFull if one == form.get("when_full")), plan.when_full),
            bin_days=_whole(form, "bin_days", plan.bin_days),
            warn_percents=_percents(form, plan.warn_percents),
        )
        kept = replace(terms, version=_whole(form, "terms_version", terms.version), terms=_terms(form, terms))
        return cls(changed, kept, form.get("agreed") == "yes")


def changes_of(draft: StorageDraft, plan: StoragePlan, terms: RetentionTerms) -> int:
    """How many things differ from what is in force."""
    was, now = by_subject(terms), by_subject(draft.terms)
    names = ("quota_bytes", "when_full", "bin_days", "warn_percents")
    of_plan = [name for name in names if getattr(plan, name) != getattr(draft.plan, name)]
    return len(of_plan) + len([key for key in {*was, *now} if was.get(key) != now.get(key)])


def by_subject(terms: RetentionTerms) -> Mapping[tuple[TermScope, str], RetentionTerm]:
    """The terms that say something, by whose they are."""
    return {
        (one.scope, one.subject_id): one
        for one in terms.terms
        if one.keep_at_least_days is not None or one.delete_after_days is not None
    }


def _quota(form: FormData, in_force: int | None) -> int | None:
    chosen = str(form.get("quota", "none"))
    if chosen == "none":
        return None
    if chosen != "other":
        return int(chosen) if chosen.isdecimal() and len(chosen) < 19 else None
    text = _SPACES.sub("", str(form.get("quota_gb", "")))
    if not _NUMBER.fullmatch(text):
        raise RequestInvalid("quota_gb", "Write the room in gigabytes, such as 250.", "body")
    given = round(float(text.replace(",", ".")) * GB)
    # The field shows three decimals: what nobody touched is no change.
    return in_force if in_force is not None and abs(given - in_force) <= GB // 2000 else given


def _terms(form: FormData, terms: RetentionTerms) -> tuple[RetentionTerm, ...]:
    """Those of the form, and those in force that the form does not show."""
    shown = [
        (TermScope.TENANT, ""),
        *((TermScope.GROUP, str(one)) for one in form.getlist("term_group")),
        *((TermScope.TAG, str(one)) for one in form.getlist("term_tag")),
    ]
    rest = [one for one in terms.terms if (one.scope, one.subject_id) not in shown]
    given = [
        RetentionTerm(scope, subject, _days(form, f"keep.{subject}"), _days(form, f"delete.{subject}"))
        for scope, subject in shown
    ]
    return (*given, *rest)


def _days(form: FormData, name: str) -> int | None:
    text = _SPACES.sub("", str(form.get(name, "")))
    if not text:
        return None
    if not text.isdecimal() or len(text) > 6:
        raise RequestInvalid(name, "Write the term as a number of days.", "body")
    return int(text)


def _percents(form: FormData, otherwise: tuple[int, ...]) -> tuple[int, ...]:
    parts = [one for one in _LIST.split(str(form.get("warn_percents", ""))) if one]
    if not parts:
        return otherwise
    if not all(one.isdecimal() and len(one) <= 3 for one in parts):
        raise RequestInvalid("warn_percents", "Write thresholds in per cent, such as 80, 90, 100.", "body")
    return tuple(sorted({int(one) for one in parts}))


def _whole(form: FormData, name: str, otherwise: int) -> int:
    text = _SPACES.sub("", str(form.get(name, "")))
    if not text:
        return otherwise
    if not text.isdecimal() or len(text) > 9:
        raise RequestInvalid(name, "Write a whole number.", "body")
    return int(text)
