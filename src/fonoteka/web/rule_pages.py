"""The page of recording rules: what they say, what a change would do, what they were before."""

from __future__ import annotations

from itertools import zip_longest
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fonoteka import policy
from fonoteka.domain.errors import RequestInvalid, RuleInvalid, RuleVersionNotFound, VersionConflict
from fonoteka.domain.rule_json import rule_set_to_value
from fonoteka.domain.rules import RuleOutcome, RuleSet
from fonoteka.web.desk import Desk
from fonoteka.web.drafts import Draft, named, read_draft, unnamed
from fonoteka.web.problem_words import problem_text
from fonoteka.web.rule_words import RuleWords
from fonoteka.web.templates import render
from fonoteka.web.visitor import Visitor

KEEP_DAYS = (30, 90, 180, 365, 3 * 365, 5 * 365)
KEEP_WITHIN_S = (0, 60, 300, 600, 1800, 3600)
_HISTORY_MAX = 50

GivenDraft = Annotated[Draft, Depends(read_draft)]


def add_rule_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/rules")
    def show_rules(request: Request) -> Response:
        visitor = desk.visitor(request)
        words = _words(desk, visitor)
        rules = unnamed(policy.rule_set(desk.policy, desk.actor_of(visitor)), words)
        return desk.page(
            request, visitor, "rules.html", state=rule_set_to_value(rules), **_values(rules, words)
        )

    @router.post("/rules/draft")
    def show_draft(request: Request, draft: GivenDraft) -> Response:
        visitor = desk.visitor(request)
        values = _values(draft.rule_set, _words(desk, visitor), draft.open)
        return _part(request, visitor, "_rule_rows.html", **values)

    @router.post("/rules/trial")
    def try_draft(request: Request, draft: GivenDraft) -> Response:
        visitor = desk.visitor(request)
        actor, words = desk.actor_of(visitor), _words(desk, visitor)
        rules = named(draft.of_tenant(actor.tenant_id), words)
        try:
            found = policy.dry_run(desk.policy, actor, rules)
        except RuleInvalid as error:
            return _refusal(request, visitor, error, status_code=200)
        return _part(request, visitor, "_rule_trial.html", found=found, rules=rules.rules, words=words)

    @router.post("/rules/save")
    def save_draft(request: Request, draft: GivenDraft) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        rules = named(draft.of_tenant(actor.tenant_id), _words(desk, visitor))
        try:
            policy.save_rule_set(
                desk.policy,
                actor,
                rules.rules,
                rules.default,
                rules.version,
                draft.note,
                default_profile=rules.default_profile,
                default_keep_days=rules.default_keep_days,
            )
        except (RuleInvalid, VersionConflict) as error:
            return _refusal(request, visitor, error)
        return Response(status_code=204)

    @router.post("/rules/which")
    def show_which(request: Request, draft: GivenDraft) -> Response:
        visitor = desk.visitor(request)
        actor, words = desk.actor_of(visitor), _words(desk, visitor)
        rules = named(draft.of_tenant(actor.tenant_id), words)
        try:
            found = policy.which_rule(desk.policy, actor, draft.calling, draft.called, candidate=rules)
        except (RuleInvalid, RequestInvalid) as error:
            return _refusal(request, visitor, error, status_code=200)
        return _part(request, visitor, "_rule_answer.html", found=found, words=words)

    @router.get("/rules/history")
    def show_history(request: Request) -> Response:
        visitor = desk.visitor(request)
        versions = policy.rule_history(desk.policy, desk.actor_of(visitor), _HISTORY_MAX)
        return desk.page(request, visitor, "rule_history.html", versions=versions, changes=_changes(versions))

    @router.post("/rules/restore")
    def restore(request: Request, version: Annotated[int, Form()]) -> Response:
        visitor = desk.visitor(request)
        try:
            policy.restore_version(desk.policy, desk.actor_of(visitor), version)
        except (RuleInvalid, RuleVersionNotFound) as error:
            versions = policy.rule_history(desk.policy, desk.actor_of(visitor), _HISTORY_MAX)
            return desk.page(
                request,
                visitor,
                "rule_history.html",
                status_code=422,
                versions=versions,
                changes=_changes(versions),
                refusal=problem_text(visitor.language, error),
            )
        return RedirectResponse("/rules", 303)


def _words(desk: Desk, visitor: Visitor) -> RuleWords:
    return RuleWords(visitor.formats, policy.directory(desk.policy, desk.actor_of(visitor)))


def _values(rules: RuleSet, words: RuleWords, open_id: str = "") -> dict[str, Any]:
    return {
        "rules": rules,
        "words": words,
        "open_id": open_id,
        "outcomes": tuple(RuleOutcome),
        "keep_days": KEEP_DAYS,
        "keep_within_s": KEEP_WITHIN_S,
    }


def _part(
    request: Request, visitor: Visitor, name: str, /, status_code: int = 200, **values: Any
) -> Response:
    text = render(request, visitor, name, **values)
    return HTMLResponse(text, status_code, {"Cache-Control": "no-store"})


def _refusal(
    request: Request,
    visitor: Visitor,
    error: RuleInvalid | VersionConflict | RequestInvalid,
    status_code: int = 422,
) -> Response:
    """What is wrong. Unfinished rules that are only asked about are no error: that answer is given 200."""
    return _part(
        request,
        visitor,
        "_rule_refusal.html",
        409 if isinstance(error, VersionConflict) else status_code,
        text=problem_text(visitor.language, error),
        is_conflict=isinstance(error, VersionConflict),
    )


def _changes(versions: tuple[policy.RuleVersion, ...]) -> list[tuple[int, int, int, bool]]:
    """For each version how many rules it added, changed and removed, and whether order or default changed."""
    found = []
    for newer, older in zip_longest(versions, versions[1:]):
        before = {one.id: one for one in older.rule_set.rules} if older else {}
        after = {one.id: one for one in newer.rule_set.rules}
        both = [id_ for id_ in after if id_ in before]
        was = older.rule_set if older else RuleSet(newer.rule_set.tenant_id)
        is_rest = both != [id_ for id_ in before if id_ in after] or (
            (was.default, was.default_profile, was.default_keep_days)
            != (newer.rule_set.default, newer.rule_set.default_profile, newer.rule_set.default_keep_days)
        )
        changed = sum(after[id_] != before[id_] for id_ in both)
        found.append((len(after) - len(both), changed, len(before) - len(both), is_rest))
    return found
