"""Appeals: an agent's word against the own marks, and the answer to it."""

from __future__ import annotations

from dataclasses import replace

from fonoteka.archive.archive import Archive
from fonoteka.archive.scores.filling import locked_evaluation, reopened
from fonoteka.archive.scores.sheets import Sheet, may_answer, may_appeal, sheet_of
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.annotations import checked_text
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import AccessDenied, AppealClosed, EvaluationClosed
from fonoteka.domain.ids import new_id
from fonoteka.domain.scorecards import (
    APPEAL_CHARACTERS_MAX,
    Appeal,
    AppealState,
    EvaluationState,
)
from fonoteka.store import Transaction


def appeal_evaluation(archive: Archive, actor: Actor, evaluation_id: str, text: str) -> Sheet:
    """Say why the marks that are in force are wrong; once for each submission.

    Raises `EvaluationNotFound`, `EvaluationClosed` while it is being changed, `AppealClosed` when this
    submission was appealed already, `RequestInvalid` (field `text`), `AccessDenied`.
    """
    text = checked_text("text", text, APPEAL_CHARACTERS_MAX, may_be_empty=False)
    with archive.store.transaction() as tx:
        call, known = locked_evaluation(tx, actor, evaluation_id, Permission.SCORE_APPEAL)
        if not may_appeal(actor, known):
            raise AccessDenied("Nobody appeals against the own marks for others.")
        if known.state is not EvaluationState.SUBMITTED:
            raise EvaluationClosed("It is being changed already.")
        appeals = tx.score_appeals.of_evaluation(known.id)
        if any(one.version == known.version for one in appeals):
            raise AppealClosed("This submission was appealed already.")
        made = Appeal(new_id(), known.id, known.version, text, actor.id, actor.name, archive.now())
        tx.score_appeals.add(known.tenant_id, made)
        _note(archive, tx, actor, known.call_id, made, "raised")
        return sheet_of(tx, actor, call, known)


def answer_appeal(archive: Archive, actor: Actor, evaluation_id: str, accept: bool, text: str) -> Sheet:
    """Answer the appeal that waits: accepting opens the evaluation again, rejecting needs a reason.

    Raises `EvaluationNotFound`, `AppealClosed` when none waits, `RequestInvalid` (field `text`),
    `AccessDenied`.
    """
    text = checked_text("text", text, APPEAL_CHARACTERS_MAX, may_be_empty=accept)
    with archive.store.transaction() as tx:
        call, known = locked_evaluation(tx, actor, evaluation_id, Permission.SCORE_GIVE)
        appeals = tx.score_appeals.of_evaluation(known.id)
        waiting = next((one for one in appeals if one.state is AppealState.OPEN), None)
        if waiting is None:
            raise AppealClosed
        if not may_answer(actor, known, appeals):
            raise AccessDenied("The evaluator, or who assigns calls, answers an appeal.")
        answered = replace(
            waiting,
            state=AppealState.ACCEPTED if accept else AppealState.REJECTED,
            answer=text,
            answered_by_id=actor.id,
            answered_by_name=actor.name,
            answered_at=archive.now(),
        )
        tx.score_appeals.write(answered)
        _note(archive, tx, actor, known.call_id, answered, answered.state)
        if accept:
            known = reopened(archive, tx, actor, known)
        return sheet_of(tx, actor, call, known)


def count_appeals(archive: Archive, actor: Actor) -> int:
    """How many appeals wait that the actor could have to do with; 0 for who may not mark calls."""
    if not may(actor, Permission.SCORE_GIVE, actor.tenant_id):
        return 0
    with archive.store.reading() as tx:
        return tx.score_appeals.count_open(actor.tenant_id, actor.extensions)


def _note(archive: Archive, tx: Transaction, actor: Actor, call_id: str, appeal: Appeal, what: str) -> None:
    detail = f"{what}={appeal.id} evaluation={appeal.evaluation_id} version={appeal.version}"
    tx.audit.append(actor, AuditAction.SCORE_APPEALED, call_id, detail, archive.now())
