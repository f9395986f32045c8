"""Forms, evaluations, appeals and results, on each kind of database: who may, what stays, what is counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fonoteka.archive import Archive, register_call, scores
from fonoteka.domain.access import Permission, may
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import (
    AccessDenied,
    AppealClosed,
    EvaluationClosed,
    EvaluationNotFound,
    RequestInvalid,
    ScoreFormNotFound,
    VersionConflict,
)
from fonoteka.domain.score_forms import FormContent, FormState, FormVersion, Question, Section
from fonoteka.domain.score_results import EvaluationQuery
from fonoteka.domain.scorecards import Answer, AppealState, EvaluationState
from tests.archive.score_house import (
    AGENT,
    BOSS,
    CONTENT,
    DAYS,
    EVA,
    GIVEN,
    LEAD,
    OTHER,
    marked,
    taken,
)
from tests.examples import call, people


def test_a_form_in_use_is_never_changed(house: Archive, form: FormVersion) -> None:
    one = taken(house)
    marked(house, form, one)
    other = replace(CONTENT, name="Other", sections=(Section("", (Question("new", "New?"),)),))
    draft = scores.save_score_form(house, BOSS, form.form_id, other, 1, form.edits)
    assert (draft.version, draft.state) == (2, FormState.DRAFT)
    again = scores.save_score_form(house, BOSS, form.form_id, replace(other, name="Third"), 2, 1)
    assert (again.version, again.edits) == (2, 2)
    with pytest.raises(VersionConflict):
        scores.save_score_form(house, BOSS, form.form_id, other, 2, 1)
    # While the draft waits, the first is still the one to mark with.
    assert scores.list_score_forms(house, EVA) == (form,)
    scores.activate_score_form(house, BOSS, form.form_id, 2, 2)
    states = [(one.version, one.state, one.content.name)
              for one in scores.score_form_versions(house, BOSS, form.form_id)]  # fmt: skip
    assert states == [(1, FormState.RETIRED, "Form"), (2, FormState.ACTIVE, "Third")]
    assert scores.evaluations_of_call(house, EVA, one.id)[0].form.content == CONTENT
    assert scores.begin_evaluation(house, LEAD, one.id, form.form_id).form.version == 2
    scores.retire_score_form(house, BOSS, form.form_id)
    with pytest.raises(ScoreFormNotFound):
        scores.begin_evaluation(house, LEAD, taken(house).id, form.form_id)
    unfinished = scores.create_score_form(house, BOSS, FormContent("Empty"))
    with pytest.raises(RequestInvalid):
        scores.activate_score_form(house, BOSS, unfinished.form_id, 1, 1)


def test_a_draft_that_was_never_used_goes_without_a_trace(house: Archive) -> None:
    draft = scores.create_score_form(house, BOSS, CONTENT)
    scores.discard_score_draft(house, BOSS, draft.form_id, 1, 1)
    assert scores.list_score_forms(house, BOSS) == ()


def test_a_call_is_marked_by_people_and_machine(house: Archive, form: FormVersion) -> None:
    one = taken(house, interruptions=2)
    begun = scores.begin_evaluation(house, EVA, one.id, form.form_id)
    assert begun.evaluation.agent == "101"
    machine = begun.answers["quiet"].machine
    assert machine is not None
    assert (machine.value, machine.figure, begun.answers["quiet"].value) == (0, 2, 0)
    again = scores.begin_evaluation(house, EVA, one.id, form.form_id)
    assert again.evaluation.id == begun.evaluation.id
    with pytest.raises(RequestInvalid, match="Question 1"):
        scores.submit_evaluation(house, EVA, begun.evaluation.id, 1)
    said = Answer("greet", 1, False, "Call +7 495 123-45-67", one.recordings[0].id, 2_000)
    overruled = (said, *GIVEN[1:])
    saved = scores.save_evaluation(house, EVA, begun.evaluation.id, overruled, "", 1)
    with pytest.raises(RequestInvalid, match="Question 3: say why"):
        scores.submit_evaluation(house, EVA, begun.evaluation.id, saved.evaluation.edits)
    reasoned = (*overruled[:2], Answer("quiet", 1, comment="Only said yes"), overruled[3])
    saved = scores.save_evaluation(house, EVA, begun.evaluation.id, reasoned, "", saved.evaluation.edits)
    done = scores.submit_evaluation(house, EVA, begun.evaluation.id, saved.evaluation.edits)
    # 1 of 1, 2 × 2/4 of 2, 1 of 1: 3 of 4.
    assert done.evaluation.score_tenths == 750
    assert done.evaluation.state is EvaluationState.SUBMITTED
    assert done.answers["quiet"].is_overruled
    # Who may not see numbers reads them masked, and does not overwrite them.
    assert "••" in done.answers["greet"].comment
    assert "123-45-67" in scores.get_evaluation(house, BOSS, done.evaluation.id).answers["greet"].comment


@pytest.mark.parametrize(
    "answer",
    [
        Answer("greet", 1, recording_id="x", at_ms=1),
        Answer("greet", 7),
        Answer("greet", not_applicable=True),
        Answer("no such", 1),
    ],
)
def test_answers_that_do_not_fit_are_refused(house: Archive, form: FormVersion, answer: Answer) -> None:
    begun = scores.begin_evaluation(house, EVA, taken(house).id, form.form_id)
    with pytest.raises(RequestInvalid):
        scores.save_evaluation(house, EVA, begun.evaluation.id, [answer], "", 1)


def test_two_browsers_do_not_overwrite_each_other(house: Archive, form: FormVersion) -> None:
    begun = scores.begin_evaluation(house, EVA, taken(house).id, form.form_id)
    scores.save_evaluation(house, EVA, begun.evaluation.id, GIVEN, "first", 1)
    with pytest.raises(VersionConflict):
        scores.save_evaluation(house, EVA, begun.evaluation.id, GIVEN, "second", 1)


def test_an_agent_sees_the_own_marks_alone(house: Archive, form: FormVersion) -> None:
    one = call(tenant_id="ours", participants=people("101", "102"))
    register_call(house, one)
    draft = scores.begin_evaluation(house, EVA, one.id, form.form_id, "101")
    assert scores.evaluations_of_call(house, AGENT, one.id) == ()
    with pytest.raises(EvaluationNotFound):
        scores.get_evaluation(house, LEAD, draft.evaluation.id)
    saved = scores.save_evaluation(house, EVA, draft.evaluation.id, GIVEN, "", 1)
    scores.submit_evaluation(house, EVA, draft.evaluation.id, saved.evaluation.edits)
    assert [sheet.evaluation.id for sheet in scores.evaluations_of_call(house, AGENT, one.id)] == [
        draft.evaluation.id
    ]
    # The other one took part in the very same call.
    assert scores.evaluations_of_call(house, OTHER, one.id) == ()
    with pytest.raises(EvaluationNotFound):
        scores.get_evaluation(house, OTHER, draft.evaluation.id)
    assert scores.find_evaluations(house, OTHER, EvaluationQuery()).items == ()
    assert len(scores.find_evaluations(house, AGENT, EvaluationQuery()).items) == 1
    assert scores.score_results(house, OTHER, DAYS).scores.count == 0
    results = scores.score_results(house, AGENT, DAYS)
    assert (results.scores.count, results.groups) == (1, ())
    with pytest.raises(AccessDenied):
        scores.begin_evaluation(house, AGENT, one.id, form.form_id)


def test_an_appeal_accepted_makes_a_new_version(house: Archive, form: FormVersion) -> None:
    sheet = marked(house, form, taken(house))
    id_ = sheet.evaluation.id
    assert (sheet.may_appeal, scores.get_evaluation(house, AGENT, id_).may_appeal) == (False, True)
    with pytest.raises(RequestInvalid):
        scores.appeal_evaluation(house, AGENT, id_, " ")
    with pytest.raises(EvaluationNotFound):
        scores.appeal_evaluation(house, OTHER, id_, "no")
    scores.appeal_evaluation(house, AGENT, id_, "I did say it")
    assert (scores.count_appeals(house, LEAD), scores.count_appeals(house, AGENT)) == (1, 0)
    with pytest.raises(AppealClosed):
        scores.appeal_evaluation(house, AGENT, id_, "again")
    with pytest.raises(EvaluationClosed):
        scores.reopen_evaluation(house, EVA, id_)
    with pytest.raises(AccessDenied):
        scores.answer_appeal(house, AGENT, id_, True, "")
    opened = scores.answer_appeal(house, LEAD, id_, True, "Right")
    assert (opened.evaluation.state, opened.may_edit) == (EvaluationState.REOPENED, True)
    # What the agent sees until then is the last submission.
    seen = scores.get_evaluation(house, AGENT, id_)
    assert (seen.evaluation.score_tenths, seen.appeals[0].state) == (750, AppealState.ACCEPTED)
    better = (GIVEN[0], Answer("clear", 4), *GIVEN[2:])
    saved = scores.save_evaluation(house, LEAD, id_, better, "Well", opened.evaluation.edits)
    done = scores.submit_evaluation(house, LEAD, id_, saved.evaluation.edits)
    assert [(one.version, one.score_tenths, one.author_name) for one in done.submissions] == [
        (2, 1_000, "lead"),
        (1, 750, "eva"),
    ]
    rejected = scores.appeal_evaluation(house, AGENT, id_, "Still")
    assert rejected.open_appeal is not None
    with pytest.raises(RequestInvalid):
        scores.answer_appeal(house, EVA, id_, False, "")
    closed = scores.answer_appeal(house, EVA, id_, False, "It stands")
    assert (closed.appeals[0].state, closed.evaluation.version) == (AppealState.REJECTED, 2)
    with pytest.raises(AppealClosed):
        scores.answer_appeal(house, EVA, id_, False, "It stands")


def test_every_step_is_in_the_access_log(house: Archive, form: FormVersion) -> None:
    sheet = marked(house, form, taken(house))
    scores.appeal_evaluation(house, AGENT, sheet.evaluation.id, "No")
    scores.answer_appeal(house, EVA, sheet.evaluation.id, True, "")
    with house.store.reading() as tx:
        told = [(one.action, one.detail.split("=")[0].split(" ")[0]) for one in tx.audit.newest("ours", 99)]
    assert told == [
        (AuditAction.SCORE_GIVEN, "reopened"),
        (AuditAction.SCORE_APPEALED, "accepted"),
        (AuditAction.SCORE_APPEALED, "raised"),
        (AuditAction.SCORE_GIVEN, "submitted"),
        (AuditAction.SCORE_GIVEN, "begun"),
        (AuditAction.SCORE_FORMS_CHANGED, "activated"),
        (AuditAction.SCORE_FORMS_CHANGED, "created"),
    ]


def test_an_evaluation_is_discarded_before_it_is_submitted_alone(house: Archive, form: FormVersion) -> None:
    begun = scores.begin_evaluation(house, EVA, taken(house).id, form.form_id)
    scores.discard_evaluation(house, EVA, begun.evaluation.id)
    with pytest.raises(EvaluationNotFound):
        scores.get_evaluation(house, EVA, begun.evaluation.id)
    with pytest.raises(EvaluationClosed):
        scores.discard_evaluation(house, EVA, marked(house, form, taken(house)).evaluation.id)


def test_results_by_agent_group_form_and_question(house: Archive, form: FormVersion) -> None:
    one = taken(house)
    marked(house, form, one)
    marked(house, form, one, LEAD, Answer("greet", 0), Answer("clear", 0), *GIVEN[2:])
    marked(house, form, taken(house, "102"), EVA, *GIVEN[:3], Answer("polite", 0))
    boss_only = taken(house, "103")
    marked(house, form, boss_only, BOSS)
    results = scores.score_results(house, BOSS, DAYS)
    assert [(one.label, one.name, one.scores.count, one.scores.mean_tenths) for one in results.agents] == [
        ("101", "P101", 2, 500),
        ("102", "P102", 1, 0),
        ("103", "P103", 1, 750),
    ]
    assert (results.agents[0].scores.spread_tenths, results.agents[1].scores.failed) == (250, 1)
    assert [(one.label, one.scores.count, one.scores.mean_tenths) for one in results.groups] == [
        ("Sales", 3, 333)
    ]
    assert [(one.label, one.scores.count) for one in results.forms] == [("Form", 4)]
    assert [(one.text, one.scores.count, one.scores.mean_tenths) for one in results.questions] == [
        ("Greeted?", 4, 750),
        ("Clear?", 4, 375),
        ("No interruptions?", 4, 1_000),
        ("Polite?", 1, 0),
    ]
    # The supervisor of 101 and 102 is not told of 103, in no sum.
    assert scores.score_results(house, LEAD, DAYS).scores.count == 3
    assert scores.score_results(house, BOSS, DAYS, group_id="g").scores.count == 3
    assert scores.score_results(house, BOSS, DAYS, form_id="none").scores.count == 0
    assert scores.score_results(house, BOSS, DAYS.before).scores.count == 0
    csv = scores.scores_csv(results, scores.ScoreTable.AGENTS).decode("utf-8-sig").splitlines()
    assert csv[1] == "101;101;P101;2;50.0;25.0;25.0;75.0;0"
    first = scores.find_evaluations(house, BOSS, EvaluationQuery(), None, 3)
    rest = scores.find_evaluations(house, BOSS, EvaluationQuery(), first.next, 3)
    assert (len(first.items), len(rest.items), rest.next) == (3, 1, None)


def test_the_roles_that_mark() -> None:
    assert may(EVA, Permission.SCORE_GIVE, "ours", ("101",))
    assert not may(EVA, Permission.SCORE_GIVE, "ours", ("103",))
    assert not may(EVA, Permission.SCORE_FORMS, "ours")
    assert not may(AGENT, Permission.SCORE_GIVE, "ours")
