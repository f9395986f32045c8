"""The page of storage: how full, what goes first, the plan and its dry run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from fonoteka import archive, policy
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.alerts import INSTALLATION
from fonoteka.domain.errors import ConsentNeeded, FonotekaError, RequestInvalid, VersionConflict
from fonoteka.domain.retention import RetentionTerms, Standing, TermScope
from fonoteka.domain.storage_plan import PRESETS_BYTES, StoragePlan, WhenFull
from fonoteka.domain.storage_use import Going, Leaving, StorageDryRun
from fonoteka.web.desk import Desk
from fonoteka.web.gauge import gauge_of
from fonoteka.web.growth import growth_of
from fonoteka.web.problem_words import problem_text
from fonoteka.web.storage_draft import TERM_CHOICES_DAYS, StorageDraft, by_subject, changes_of
from fonoteka.web.templates import render
from fonoteka.web.url_form import GivenForm
from fonoteka.web.visitor import Visitor


def add_storage_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/storage")
    def show_storage(request: Request, saved: str = "") -> Response:
        visitor = desk.visitor(request)
        plan, terms = _in_force(desk, desk.actor_of(visitor))
        return _page(desk, request, visitor, StorageDraft(plan, terms), is_saved=bool(saved))

    @router.post("/storage/trial")
    def try_storage(request: Request, form: GivenForm) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        plan, terms = _in_force(desk, actor)
        told, trial, changes = "", None, 0
        try:
            draft = StorageDraft.read(form, plan, terms)
            changes = changes_of(draft, plan, terms)
            trial = _trial(desk, actor, draft) if changes else None
        except RequestInvalid as error:
            told = problem_text(visitor.language, error)
        text = render(
            request,
            visitor,
            "_storage_trial.html",
            trial=trial,
            changes=changes,
            told=told,
            Leaving=Leaving,
            needs_consent=False,
        )
        return HTMLResponse(text, headers={"Cache-Control": "no-store"})

    @router.post("/storage/save")
    def save(request: Request, form: GivenForm) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        plan, terms = _in_force(desk, actor)
        draft = StorageDraft(plan, terms)
        try:
            draft = StorageDraft.read(form, plan, terms)
            _save(desk, actor, draft, plan, terms)
        except (RequestInvalid, ConsentNeeded, VersionConflict) as error:
            return _page(desk, request, visitor, draft, error)
        return RedirectResponse("/storage?saved=yes", 303)

    @router.post("/storage/audit")
    def ask_audit(request: Request) -> Response:
        archive.ask_storage_audit(desk.archive, desk.actor(request))
        return RedirectResponse("/storage#audit", 303)

    @router.get("/storage/audit")
    def show_audit(request: Request) -> Response:
        visitor = desk.visitor(request)
        audit = archive.storage_audit_state(desk.archive, desk.actor_of(visitor))
        return HTMLResponse(render(request, visitor, "_storage_audit.html", audit=audit))

    @router.post("/storage/going.csv")
    def list_going(request: Request, form: GivenForm) -> Response:
        actor = desk.actor(request)
        draft = StorageDraft.read(form, *_in_force(desk, actor))
        return _list(archive.going(desk.archive, actor, plan=draft.plan, terms=draft.terms))

    @router.get("/storage/first.csv")
    def list_first(request: Request) -> Response:
        return _list(archive.first_to_go(desk.archive, desk.actor(request)))


def _in_force(desk: Desk, actor: Actor) -> tuple[StoragePlan, RetentionTerms]:
    return archive.storage_plan(desk.archive, actor), archive.retention_terms(desk.archive, actor)


def _trial(desk: Desk, actor: Actor, draft: StorageDraft) -> StorageDryRun:
    return archive.preview_change(desk.archive, actor, plan=draft.plan, terms=draft.terms)


def _save(desk: Desk, actor: Actor, draft: StorageDraft, plan: StoragePlan, terms: RetentionTerms) -> None:
    """Both or neither, as far as they depend on what may be refused. Raises as the use cases."""
    if not draft.agreed and _trial(desk, actor, draft).takes_something:
        raise ConsentNeeded
    if by_subject(draft.terms) != by_subject(terms):
        archive.change_retention(desk.archive, actor, draft.terms, agreed=True)
    if draft.plan != plan:
        archive.change_plan(desk.archive, actor, draft.plan, agreed=True)


def _page(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    draft: StorageDraft,
    error: FonotekaError | None = None,
    *,
    is_saved: bool = False,
) -> Response:
    actor = desk.actor_of(visitor)
    overview = archive.storage_overview(desk.archive, actor)
    plan, terms = overview.plan, archive.retention_terms(desk.archive, actor)
    changes = changes_of(draft, plan, terms)
    needs_consent = isinstance(error, ConsentNeeded)
    told = archive.storage_forecast(desk.archive, actor, visitor.formats.zone)
    return desk.page(
        request,
        visitor,
        "storage.html",
        status_code=200 if error is None else 409 if isinstance(error, VersionConflict) else 422,
        overview=overview,
        growth=growth_of(visitor.formats, told),
        growing=told.groups,
        going=told.going,
        gauge=gauge_of(overview),
        audit=(
            archive.storage_audit_state(desk.archive, actor)
            if may(actor, Permission.STORAGE_SEE, INSTALLATION)
            else None
        ),
        draft=draft,
        quota_is_other=draft.plan.quota_bytes not in (None, *PRESETS_BYTES),
        presets=PRESETS_BYTES,
        WhenFull=WhenFull,
        Standing=Standing,
        Leaving=Leaving,
        TermScope=TermScope,
        terms=by_subject(draft.terms),
        groups=policy.directory(desk.policy, actor).groups,
        tags=[one.tag for one in archive.list_tags(desk.archive, actor)],
        choices=TERM_CHOICES_DAYS,
        changes=changes,
        trial=_trial(desk, actor, replace(draft, agreed=False)) if changes else None,
        told="" if error is None or needs_consent else problem_text(visitor.language, error),
        wrong="" if error is None else str(error.context.get("field", "")),
        needs_consent=needs_consent,
        is_saved=is_saved,
    )


def _list(rows: Iterator[Going]) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="going.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(_lines(rows), media_type="text/csv; charset=utf-8", headers=headers)


def _lines(rows: Iterator[Going]) -> Iterator[str]:
    yield "started_at,seconds,bytes,how,recording_id,call_id\r\n"
    text = io.StringIO()
    for count, one in enumerate(rows, 1):
        csv.writer(text).writerow(
            (
                one.started_at.isoformat(),
                one.duration_ms // 1000,
                one.stored_bytes,
                one.leaving,
                one.recording_id,
                one.call_id,
            )
        )
        if count % 500 == 0:
            yield text.getvalue()
            text = io.StringIO()
    yield text.getvalue()
