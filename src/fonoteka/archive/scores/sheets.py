"""An evaluation as somebody sees it: the form, the answers, the score, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fonoteka.archive.visibility import masked_text, visible_call
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.call import Call, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import CallNotFound, EvaluationNotFound
from fonoteka.domain.ids import is_id
from fonoteka.domain.recording import Recording
from fonoteka.domain.score_forms import FormVersion
from fonoteka.domain.score_rules import MachineAnswer, machine_answer
from fonoteka.domain.score_topics import HeardTopics, TopicRule, topic_answer
from fonoteka.domain.scorecards import (
    Answer,
    Appeal,
    AppealState,
    Evaluation,
    EvaluationState,
    Score,
    Submission,
    merged_answers,
    score_of,
)
from fonoteka.domain.talk import TalkFigures
from fonoteka.store import Transaction


@dataclass(frozen=True, slots=True)
class Sheet:
    """An evaluation with its form. `answers` (by question id, in the form's order) and `score` are those that
    are worked on for who may edit, else those of the last submission.
    """

    evaluation: Evaluation
    form: FormVersion
    answers: Mapping[str, Answer]
    summary: str
    score: Score
    submissions: tuple[Submission, ...]
    appeals: tuple[Appeal, ...]
    may_edit: bool
    may_reopen: bool
    may_appeal: bool
    may_answer: bool

    @property
    def open_appeal(self) -> Appeal | None:
        """The appeal that waits for an answer."""
        return next((one for one in self.appeals if one.state is AppealState.OPEN), None)


def sheet_of(tx: Transaction, actor: Actor, call: Call, evaluation: Evaluation) -> Sheet:
    """The sheet of an evaluation that the actor sees; numbers in texts masked for who may not see them."""
    form = tx.score_forms.get(evaluation.tenant_id, evaluation.form_id, evaluation.form_version)
    assert form is not None  # the database holds the reference
    edits = may_edit(actor, evaluation)
    submitted = tx.evaluations.submissions(evaluation.id)
    appeals = tx.score_appeals.of_evaluation(evaluation.id)
    if edits or not submitted:
        machine = machine_answers(tx, call, evaluation.agent, form)
        answers, summary = merged_answers(form.content, evaluation.answers, machine), evaluation.summary
    else:
        answers = {one.question_id: one for one in submitted[0].answers}
        summary = submitted[0].summary
    score = score_of(form.content, answers)
    has_open = any(one.state is AppealState.OPEN for one in appeals)
    is_submitted = evaluation.state is EvaluationState.SUBMITTED
    appealed = any(one.version == evaluation.version for one in appeals)
    return Sheet(
        evaluation=replace(evaluation, answers=(), summary=""),
        form=form,
        answers={key: _seen_answer(actor, one) for key, one in answers.items()},
        summary=masked_text(actor, evaluation.tenant_id, summary),
        score=score,
        submissions=tuple(_seen_submission(actor, one) for one in submitted),
        appeals=tuple(_seen_appeal(actor, one) for one in appeals),
        may_edit=edits,
        may_reopen=is_submitted and not has_open and may_change(actor, evaluation),
        may_appeal=is_submitted and not appealed and may_appeal(actor, evaluation),
        may_answer=has_open and may_answer(actor, evaluation, appeals),
    )


def visible_evaluation(tx: Transaction, actor: Actor, evaluation_id: str) -> tuple[Call, Evaluation]:
    """The evaluation with its call, as far as the actor may see them. Raises `EvaluationNotFound`."""
    found = tx.evaluations.get(actor.tenant_id, evaluation_id) if is_id(evaluation_id) else None
    if found is None or not sees(actor, found):
        raise EvaluationNotFound
    try:
        return visible_call(tx, actor, found.call_id), found
    except CallNotFound as error:
        raise EvaluationNotFound from error


def sees(actor: Actor, evaluation: Evaluation) -> bool:
    """Whether the actor sees that there is such an evaluation: the own, or one of an agent within reach."""
    if evaluation.evaluator_id == actor.id and _may(actor, Permission.SCORE_GIVE, evaluation):
        return True
    return evaluation.version > 0 and _may(actor, Permission.SCORE_SEE, evaluation)


def may_change(actor: Actor, evaluation: Evaluation) -> bool:
    """Whether the actor may open it again: its evaluator, and who hands out calls to mark."""
    if not _may(actor, Permission.SCORE_GIVE, evaluation):
        return False
    return evaluation.evaluator_id == actor.id or _may(actor, Permission.SCORE_ASSIGN, evaluation)


def may_edit(actor: Actor, evaluation: Evaluation) -> bool:
    """Whether the actor may answer its questions now."""
    if evaluation.state is EvaluationState.DRAFT:
        return evaluation.evaluator_id == actor.id and _may(actor, Permission.SCORE_GIVE, evaluation)
    return evaluation.state is EvaluationState.REOPENED and may_change(actor, evaluation)


def may_appeal(actor: Actor, evaluation: Evaluation) -> bool:
    """Whether the actor may say that the marks are wrong: not whoever gave them."""
    return evaluation.evaluator_id != actor.id and _may(actor, Permission.SCORE_APPEAL, evaluation)


def may_answer(actor: Actor, evaluation: Evaluation, appeals: tuple[Appeal, ...]) -> bool:
    """Whether the actor may answer the appeal that waits: not whoever made it."""
    waiting = next((one for one in appeals if one.state is AppealState.OPEN), None)
    return waiting is not None and waiting.author_id != actor.id and may_change(actor, evaluation)


def agents_of(tx: Transaction, actor: Actor, call: Call) -> tuple[str, ...]:
    """The own numbers that took part and whose part the actor may mark, in the order of the call."""
    found = []
    for one in call.participants:
        if (
            one.number
            and one.number not in found
            and may(actor, Permission.SCORE_GIVE, call.tenant_id, (one.number,))
            and tx.extensions.of_number(call.tenant_id, one.number) is not None
        ):
            found.append(one.number)
    return tuple(found)


def machine_answers(tx: Transaction, call: Call, agent: str, form: FormVersion) -> dict[str, MachineAnswer]:
    """What a machine answers to the questions that have a rule, so far as figures and topics are known.

    They are those of the longest recording that was analysed, or read for topics.
    """
    ruled = [one for one in form.content.questions if one.rule is not None]
    if not ruled:
        return {}
    figures, ours = talk_of(tx, call, agent)
    heard = topics_of(tx, call, agent) if any(isinstance(one.rule, TopicRule) for one in ruled) else None
    answers = {}
    for question in ruled:
        assert question.rule is not None
        if isinstance(question.rule, TopicRule):
            answer = topic_answer(question.rule, heard)
        else:
            answer = machine_answer(question.rule, figures, ours)
        if answer is not None:
            answers[question.id] = answer
    return answers


def talk_of(tx: Transaction, call: Call, agent: str) -> tuple[TalkFigures | None, int | None]:
    """The figures of the call's longest recording that was analysed, and the channel of that own number."""
    for recording in sorted(call.recordings, key=lambda one: -one.duration_ms):
        known = tx.talks.get(recording.tenant_id, recording.id)
        if known is not None and known.figures is not None:
            return known.figures, channel_of(call, recording, agent)
    return None, None


def topics_of(tx: Transaction, call: Call, agent: str) -> HeardTopics | None:
    """What was heard in the call's longest recording that was read for the topics as they are now."""
    revision = tx.topics.revision(call.tenant_id)
    read = tx.topic_hits.readings(call.tenant_id, [one.id for one in call.recordings])
    current = [one for one in call.recordings if read.get(one.id) == revision]
    if not current or not revision:
        return None
    recording = max(current, key=lambda one: one.duration_ms)
    topic_ids = [one.id for one in tx.topics.all(call.tenant_id) if one.is_active]
    hits = tx.topic_hits.of_recordings(call.tenant_id, [recording.id], topic_ids).get(recording.id, ())
    return HeardTopics(hits, topic_ids, channel_of(call, recording, agent))


def channel_of(call: Call, recording: Recording, agent: str) -> int | None:
    """The channel of the stored file in which that own number speaks; None where nobody can tell."""
    ids = {one.id for one in call.participants if one.number == agent}
    tracks = recording.tracks[:2]
    for track in tracks:
        if track.participant_id in ids:
            return min(track.index, 1)
    # A transferred call: the track is named by the side, and whoever speaks on it took turns.
    is_calling = call.direction is Direction.OUTGOING
    for track in tracks:
        if track.party is not None and (track.party == Party.CALLING) == is_calling:
            return min(track.index, 1)
    return None


def _may(actor: Actor, permission: Permission, evaluation: Evaluation) -> bool:
    return may(actor, permission, evaluation.tenant_id, (evaluation.agent,))


def _seen_answer(actor: Actor, answer: Answer) -> Answer:
    return replace(answer, comment=masked_text(actor, actor.tenant_id, answer.comment))


def _seen_submission(actor: Actor, one: Submission) -> Submission:
    answers = tuple(_seen_answer(actor, answer) for answer in one.answers)
    return replace(one, answers=answers, summary=masked_text(actor, actor.tenant_id, one.summary))


def _seen_appeal(actor: Actor, one: Appeal) -> Appeal:
    return replace(
        one,
        text=masked_text(actor, actor.tenant_id, one.text),
        answer=masked_text(actor, actor.tenant_id, one.answer),
    )
