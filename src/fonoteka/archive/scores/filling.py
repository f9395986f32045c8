"""Evaluations: begun, saved, submitted, opened again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fonoteka.archive.annotating import locked_call
from fonoteka.archive.archive import Archive
from fonoteka.archive.scores.forms import active_form
from fonoteka.archive.scores.sheets import (
    Sheet,
    agents_of,
    machine_answers,
    may_change,
    may_edit,
    sees,
    sheet_of,
    visible_evaluation,
)
from fonoteka.archive.visibility import unmasked_text, visible_call
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.annotations import checked_text
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call
from fonoteka.domain.errors import AccessDenied, EvaluationClosed, RequestInvalid, VersionConflict
from fonoteka.domain.ids import new_id
from fonoteka.domain.score_forms import FormContent
from fonoteka.domain.scorecards import (
    EVALUATIONS_OF_CALL_MAX,
    SUBMISSIONS_MAX,
    SUMMARY_CHARACTERS_MAX,
    Answer,
    AppealState,
    Evaluation,
    EvaluationState,
    Submission,
    check_complete,
    checked_answers,
    merged_answers,
    score_of,
    share_of,
    tenths_of,
)
from fonoteka.store import Transaction


def evaluations_of_call(archive: Archive, actor: Actor, call_id: str) -> tuple[Sheet, ...]:
    """The evaluations of a call that the actor sees, in the order in which they were begun.

    Raises `CallNotFound`.
    """
    with archive.store.reading() as tx:
        call = visible_call(tx, actor, call_id)
        known = tx.evaluations.of_call(call.id)
        return tuple(sheet_of(tx, actor, call, one) for one in known if sees(actor, one))


def agents_to_mark(archive: Archive, actor: Actor, call_id: str) -> tuple[str, ...]:
    """The own numbers of a call whose part the actor may mark. Raises `CallNotFound`."""
    with archive.store.reading() as tx:
        return agents_of(tx, actor, visible_call(tx, actor, call_id))


def get_evaluation(archive: Archive, actor: Actor, evaluation_id: str) -> Sheet:
    """Raises `EvaluationNotFound`."""
    with archive.store.reading() as tx:
        return sheet_of(tx, actor, *visible_evaluation(tx, actor, evaluation_id))


def begin_evaluation(archive: Archive, actor: Actor, call_id: str, form_id: str, agent: str = "") -> Sheet:
    """Begin to mark an agent's part of a call; the own evaluation by that form, where there is one already.

    `agent` is an own number that took part; without one it is the first. Raises `CallNotFound`,
    `ScoreFormNotFound` where the form has no active version, `RequestInvalid` (field `agent`),
    `AccessDenied`.
    """
    with archive.store.transaction() as tx:
        call = locked_call(tx, actor, call_id, Permission.SCORE_GIVE)
        form = active_form(tx, actor, form_id)
        agents = agents_of(tx, actor, call)
        if not agents or (agent and agent not in agents):
            raise RequestInvalid("agent", "No such own number took part in the call.", "body")
        agent = agent or agents[0]
        known = tx.evaluations.of_call(call.id)
        own = (actor.id, form_id, agent)
        mine = next((one for one in known if (one.evaluator_id, one.form_id, one.agent) == own), None)
        if mine is not None:
            return sheet_of(tx, actor, call, mine)
        if len(known) >= EVALUATIONS_OF_CALL_MAX:
            what = f"A call has at most {EVALUATIONS_OF_CALL_MAX} evaluations."
            raise RequestInvalid("form_id", what, "body")
        at = archive.now()
        made = Evaluation(
            id=new_id(),
            tenant_id=call.tenant_id,
            call_id=call.id,
            started_at=call.started_at,
            form_id=form_id,
            form_version=form.version,
            evaluator_id=actor.id,
            evaluator_name=actor.name,
            agent=agent,
            state=EvaluationState.DRAFT,
            created_at=at,
            changed_at=at,
        )
        tx.evaluations.add(made)
        _note(archive, tx, actor, made, "begun")
        return sheet_of(tx, actor, call, made)


def save_evaluation(
    archive: Archive,
    actor: Actor,
    evaluation_id: str,
    answers: Iterable[Answer],
    summary: str,
    edits: int,
) -> Sheet:
    """Keep the answers as they are so far, all of them: what is not among them has no answer any more.

    `edits` is that of the evaluation that was looked at. Raises `VersionConflict` when somebody saved
    meanwhile, `EvaluationNotFound`, `EvaluationClosed`, `RequestInvalid` (fields `answers`, `summary`),
    `AccessDenied`.
    """
    with archive.store.transaction() as tx:
        call, known = _opened(tx, actor, evaluation_id, edits)
        saved = _with_answers(archive, tx, actor, call, known, answers, summary)
        tx.evaluations.write(saved)
        return sheet_of(tx, actor, call, saved)


def submit_evaluation(archive: Archive, actor: Actor, evaluation_id: str, edits: int) -> Sheet:
    """Put the saved answers in force, with the machine's where a person gave none.

    Raises as `save_evaluation`, and `RequestInvalid` (field `answers`) where an answer or reason is missing.
    """
    with archive.store.transaction() as tx:
        call, known = _opened(tx, actor, evaluation_id, edits)
        if known.version >= SUBMISSIONS_MAX:
            raise RequestInvalid("answers", f"It was submitted {SUBMISSIONS_MAX} times already.", "body")
        form = tx.score_forms.get(known.tenant_id, known.form_id, known.form_version)
        assert form is not None  # the database holds the reference
        answers = merged_answers(form.content, known.answers, machine_answers(tx, call, known.agent, form))
        check_complete(form.content, answers)
        score = score_of(form.content, answers)
        at = archive.now()
        submitted = replace(
            known,
            state=EvaluationState.SUBMITTED,
            version=known.version + 1,
            edits=known.edits + 1,
            changed_at=at,
            submitted_at=at,
            score_tenths=score.tenths,
            failed=bool(score.failed),
        )
        tx.evaluations.write(submitted)
        submission = Submission(
            evaluation_id=known.id,
            version=submitted.version,
            answers=tuple(answers.values()),
            summary=known.summary,
            score_tenths=score.tenths,
            failed=submitted.failed,
            author_id=actor.id,
            author_name=actor.name,
            at=at,
        )
        tx.evaluations.submit(known.tenant_id, submission, _shares(form.content, answers.values()))
        by = (known.evaluator_id, known.evaluator_name)
        tx.score_queues.mark_done(known.tenant_id, call.id, known.agent, known.form_id, by, at)
        _note(archive, tx, actor, submitted, "submitted", f"score_tenths={score.tenths}")
        return sheet_of(tx, actor, call, submitted)


def reopen_evaluation(archive: Archive, actor: Actor, evaluation_id: str) -> Sheet:
    """Open a submitted evaluation again; until it is submitted anew, the last submission counts.

    While an appeal waits, its answer decides. Raises `EvaluationNotFound`, `EvaluationClosed`,
    `AccessDenied`.
    """
    with archive.store.transaction() as tx:
        call, known = locked_evaluation(tx, actor, evaluation_id, Permission.SCORE_GIVE)
        if not may_change(actor, known):
            raise AccessDenied("Only the evaluator and who assigns calls open an evaluation again.")
        appeals = tx.score_appeals.of_evaluation(known.id)
        if known.state is not EvaluationState.SUBMITTED or any(
            one.state is AppealState.OPEN for one in appeals
        ):
            raise EvaluationClosed("It is open already, or an appeal waits for its answer.")
        return sheet_of(tx, actor, call, reopened(archive, tx, actor, known))


def discard_evaluation(archive: Archive, actor: Actor, evaluation_id: str) -> None:
    """Throw away the own evaluation that was never submitted.

    Raises `EvaluationNotFound`, `EvaluationClosed` when it was.
    """
    with archive.store.transaction() as tx:
        _, known = locked_evaluation(tx, actor, evaluation_id, Permission.SCORE_GIVE)
        if known.version:
            raise EvaluationClosed("It was submitted: it can be opened again, not thrown away.")
        tx.evaluations.drop(known.id)
        _note(archive, tx, actor, known, "discarded")


def reopened(archive: Archive, tx: Transaction, actor: Actor, known: Evaluation) -> Evaluation:
    """Write the evaluation as opened again, with the answers of its last submission."""
    last = tx.evaluations.submissions(known.id)[0]
    opened = replace(
        known,
        state=EvaluationState.REOPENED,
        answers=last.answers,
        summary=last.summary,
        edits=known.edits + 1,
        changed_at=archive.now(),
    )
    tx.evaluations.write(opened)
    _note(archive, tx, actor, opened, "reopened")
    return opened


def locked_evaluation(
    tx: Transaction, actor: Actor, evaluation_id: str, permission: Permission
) -> tuple[Call, Evaluation]:
    """The evaluation, kept from others, if the actor sees it and may do that with its agent's calls.

    Raises `EvaluationNotFound`, `AccessDenied`.
    """
    require(actor, permission, actor.tenant_id)
    call, seen = visible_evaluation(tx, actor, evaluation_id)
    locked_call(tx, actor, call.id, permission)
    require(actor, permission, seen.tenant_id, (seen.agent,))
    return visible_evaluation(tx, actor, evaluation_id)


def _opened(tx: Transaction, actor: Actor, evaluation_id: str, edits: int) -> tuple[Call, Evaluation]:
    call, known = locked_evaluation(tx, actor, evaluation_id, Permission.SCORE_GIVE)
    if known.state is EvaluationState.SUBMITTED:
        raise EvaluationClosed
    if not may_edit(actor, known):
        raise AccessDenied("Only the evaluator and who assigns calls answer the questions.")
    if known.edits != edits:
        raise VersionConflict(version=known.edits, based_on_version=edits)
    return call, known


def _with_answers(
    archive: Archive,
    tx: Transaction,
    actor: Actor,
    call: Call,
    known: Evaluation,
    answers: Iterable[Answer],
    summary: str,
) -> Evaluation:
    form = tx.score_forms.get(known.tenant_id, known.form_id, known.form_version)
    assert form is not None  # the database holds the reference
    lengths = {one.id: one.duration_ms for one in call.recordings}
    before = {one.question_id: one.comment for one in known.answers}
    kept = []
    for one in checked_answers(form.content, answers):
        if one.recording_id is not None and not 0 <= (one.at_ms or 0) <= lengths.get(one.recording_id, -1):
            raise RequestInvalid("answers", "The moment is none of a recording of this call.", "body")
        comment = unmasked_text(actor, known.tenant_id, one.comment, before.get(one.question_id, ""))
        kept.append(replace(one, comment=comment))
    summary = checked_text("summary", summary, SUMMARY_CHARACTERS_MAX)
    return replace(
        known,
        answers=tuple(kept),
        summary=unmasked_text(actor, known.tenant_id, summary, known.summary),
        edits=known.edits + 1,
        changed_at=archive.now(),
    )


def _shares(form: FormContent, answers: Iterable[Answer]) -> dict[str, int]:
    shares = {}
    for one in answers:
        question = form.question(one.question_id)
        if question is not None and one.value is not None:
            shares[question.id] = tenths_of(share_of(question, one.value))
    return shares


def _note(
    archive: Archive, tx: Transaction, actor: Actor, one: Evaluation, what: str, more: str = ""
) -> None:
    detail = f"{what}={one.id} agent={one.agent} version={one.version} {more}".rstrip()
    tx.audit.append(actor, AuditAction.SCORE_GIVEN, one.call_id, detail, archive.now())
