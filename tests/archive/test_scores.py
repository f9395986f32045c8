"""Forms, evaluations, appeals and results, on each kind of database: who may, what stays, what is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fonoteka.archive import Archive, get_call, register_call, scores, shelve_recording
from fonoteka.archive.scores import Sheet
from fonoteka.domain.access import Actor, ActorKind, Permission, Role, may
from fonoteka.domain.analysis import TalkAnalysis
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call
from fonoteka.domain.errors import (
    AccessDenied,
    AppealClosed,
    CallNotFound,
    EvaluationClosed,
    EvaluationNotFound,
    FonotekaError,
    RequestInvalid,
    ScoreFormNotFound,
    ScoreQueueNotFound,
    VersionConflict,
)
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Extension, Group, Tenant
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.report import Days
from fonoteka.domain.score_forms import FormContent, FormState, FormVersion, Question, QuestionKind, Section
from fonoteka.domain.score_queue import DrawPlan, Progress, TaskState
from fonoteka.domain.score_results import EvaluationQuery
from fonoteka.domain.score_rules import Metric, MetricRule
from fonoteka.domain.scorecards import Answer, AppealState, EvaluationState
from fonoteka.domain.spans import Span
from fonoteka.domain.talk import measure
from tests.examples import NOON, actor, call, people, recording, two_tracks

BOSS = actor("ours", "boss")
DAYS = Days(NOON.date(), NOON.date() + timedelta(days=1))
CONTENT = FormContent(
    "Form",
    (
        Section(
            "All",
            (
                Question("greet", "Greeted?", weight=1),
                Question("clear", "Clear?", QuestionKind.SCALE, 2, scale_max=4),
                Question("quiet", "No interruptions?", rule=MetricRule(Metric.OUR_INTERRUPTIONS, at_most=0)),
                Question("polite", "Polite?", weight=0, fatal=True, may_not_apply=True),
            ),
        ),
    ),
)


def person(name: str, role: Role, *extensions: str) -> Actor:
    """Somebody of ours with those numbers within reach."""
    return Actor(ActorKind.USER, f"user-{name}", name, "ours", role, "192.0.2.7", None, frozenset(extensions))


EVA = person("eva", Role.QUALITY, "101", "102")
LEAD = person("lead", Role.SUPERVISOR, "101", "102")
AGENT = person("agent", Role.AGENT, "101")
OTHER = person("other", Role.AGENT, "102")


@pytest.fixture
def house(archive: Archive) -> Archive:
    """An archive whose company has the extensions 101 to 103, the first two in a group."""
    with archive.store.transaction() as tx:
        tx.tenants.add(Tenant("ours", "Ours", "UTC"), NOON)
        tx.extensions.add([Extension(new_id(), "ours", str(n), person=f"P{n}") for n in (101, 102, 103)])
        tx.groups.add(Group("g", "ours", "Sales", frozenset({"101", "102"})))
    return archive


@pytest.fixture
def form(house: Archive) -> FormVersion:
    draft = scores.create_score_form(house, BOSS, CONTENT)
    return scores.activate_score_form(house, BOSS, draft.form_id, 1, 1)


def taken(archive: Archive, number: str = "101", interruptions: int | None = None) -> Call:
    """A call of that extension; with `interruptions`, its talk is known, and ours broke in so often."""
    call_id = new_id()
    one = call(
        id=call_id,
        tenant_id="ours",
        participants=people(number),
        recordings=(recording(call_id, tenant_id="ours", tracks=two_tracks()),),
    )
    register_call(archive, one)
    if interruptions is not None:
        ours = tuple(Span(10_000 * n + 3_000, 10_000 * n + 5_000) for n in range(interruptions))
        theirs = tuple(Span(10_000 * n, 10_000 * n + 4_000) for n in range(6))
        figures = measure(61_000, [ours, theirs])
        with archive.store.transaction() as tx:
            tx.talks.save(
                TalkAnalysis(one.recordings[0].id, one.id, "ours", "a", NOON, figures, (ours, theirs))
            )
    return one


GIVEN = (Answer("greet", 1), Answer("clear", 2), Answer("quiet", 1), Answer("polite", not_applicable=True))


def marked(archive: Archive, form: FormVersion, one: Call, who: Actor = EVA, *answers: Answer) -> Sheet:
    """A submitted evaluation."""
    begun = scores.begin_evaluation(archive, who, one.id, form.form_id)
    saved = scores.save_evaluation(archive, who, begun.evaluation.id, answers or GIVEN, "Well", 1)
    return scores.submit_evaluation(archive, who, begun.evaluation.id, saved.evaluation.edits)


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


def begun_by_boss(archive: Archive, form: FormVersion) -> str:
    one = marked(archive, form, taken(archive), BOSS)
    return one.evaluation.id


PLAN = DrawPlan(NOON.date(), NOON.date(), 2, "seed")


def heard(archive: Archive, number: str, folder: Path) -> Call:
    """A call that can be heard."""
    one = taken(archive, number)
    audio = folder / "audio.opus"
    audio.write_bytes(b"OggS")
    shelve_recording(archive, replace(one.recordings[0], state=RecordingState.READY), audio, b"{}")
    return one


def queue_of_boss(archive: Archive, form: FormVersion) -> str:
    return scores.create_score_queue(archive, BOSS, "Queue", form.form_id, PLAN).id


def test_a_queue_is_drawn_marked_and_skipped(house: Archive, form: FormVersion, tmp_path: Path) -> None:
    for number in ("101", "101", "101", "103"):
        heard(house, number, tmp_path)
    taken(house)  # nothing of it can be heard
    queue = scores.create_score_queue(house, BOSS, "Week", form.form_id, PLAN)
    tasks = scores.score_queue_tasks(house, BOSS, queue.id)
    assert sorted(one.agent for one in tasks) == ["101", "101", "103"]
    again = scores.create_score_queue(house, BOSS, "Again", form.form_id, PLAN)
    twin = [(one.call_id, one.agent) for one in scores.score_queue_tasks(house, BOSS, again.id)]
    assert twin == [(one.call_id, one.agent) for one in tasks]
    scores.close_score_queue(house, BOSS, again.id)
    # Nobody counts what is out of reach.
    reach = scores.list_score_queues(house, EVA)[-1]
    assert (reach.queue.id, reach.progress) == (queue.id, Progress(waiting=2))
    first, second = (one for one in tasks if one.agent == "101")
    marked(house, form, get_call(house, BOSS, first.call_id), EVA)
    with pytest.raises(RequestInvalid):
        scores.skip_score_task(house, EVA, queue.id, second.call_id, "101", " ")
    scores.skip_score_task(house, EVA, queue.id, second.call_id, "101", "A wrong number")
    with pytest.raises(ScoreQueueNotFound):
        scores.skip_score_task(house, EVA, queue.id, second.call_id, "101", "Again")
    seen = {one.call_id: one for one in scores.score_queue_tasks(house, EVA, queue.id)}
    assert (seen[first.call_id].state, seen[first.call_id].evaluator_name) == (TaskState.DONE, "eva")
    assert (seen[second.call_id].state, seen[second.call_id].reason) == (TaskState.SKIPPED, "A wrong number")
    assert len(seen) == 2
    long = replace(PLAN, duration_from_s=62)
    none = scores.create_score_queue(house, BOSS, "Long", form.form_id, long)
    assert scores.score_queue_tasks(house, BOSS, none.id) == ()
    with pytest.raises(RequestInvalid):
        scores.create_score_queue(house, BOSS, "Who", form.form_id, replace(PLAN, evaluator_ids=("nobody",)))
    with pytest.raises(AccessDenied):
        scores.create_score_queue(house, EVA, "No", form.form_id, PLAN)


THEIRS = actor("theirs")
Ask = Callable[[Archive, FormVersion], object]
NOT_THEIRS: dict[str, tuple[Ask, type[FonotekaError]]] = {
    "score_form_versions": (
        lambda a, form: scores.score_form_versions(a, THEIRS, form.form_id),
        ScoreFormNotFound,
    ),
    "save_score_form": (
        lambda a, form: scores.save_score_form(a, THEIRS, form.form_id, CONTENT, 1, 1),
        ScoreFormNotFound,
    ),
    "activate_score_form": (
        lambda a, form: scores.activate_score_form(a, THEIRS, form.form_id, 1, 1),
        ScoreFormNotFound,
    ),
    "retire_score_form": (
        lambda a, form: scores.retire_score_form(a, THEIRS, form.form_id),
        ScoreFormNotFound,
    ),
    "discard_score_draft": (
        lambda a, form: scores.discard_score_draft(a, THEIRS, form.form_id, 1, 1),
        ScoreFormNotFound,
    ),
    "evaluations_of_call": (
        lambda a, form: scores.evaluations_of_call(a, THEIRS, taken(a).id),
        CallNotFound,
    ),
    "agents_to_mark": (lambda a, form: scores.agents_to_mark(a, THEIRS, taken(a).id), CallNotFound),
    "begin_evaluation": (
        lambda a, form: scores.begin_evaluation(a, THEIRS, taken(a).id, form.form_id),
        CallNotFound,
    ),
    "score_queue_tasks": (
        lambda a, form: scores.score_queue_tasks(a, THEIRS, queue_of_boss(a, form)),
        ScoreQueueNotFound,
    ),
    "skip_score_task": (
        lambda a, form: scores.skip_score_task(a, THEIRS, queue_of_boss(a, form), new_id(), "101", "r"),
        ScoreQueueNotFound,
    ),
    "close_score_queue": (
        lambda a, form: scores.close_score_queue(a, THEIRS, queue_of_boss(a, form)),
        ScoreQueueNotFound,
    ),
    "create_score_queue": (
        lambda a, form: scores.create_score_queue(a, THEIRS, "Q", form.form_id, PLAN),
        ScoreFormNotFound,
    ),
    **{
        name: (ask, EvaluationNotFound)
        for name, ask in {
            "get_evaluation": lambda a, form: scores.get_evaluation(a, THEIRS, begun_by_boss(a, form)),
            "save_evaluation": lambda a, form: scores.save_evaluation(
                a, THEIRS, begun_by_boss(a, form), [], "", 1
            ),
            "submit_evaluation": lambda a, form: scores.submit_evaluation(
                a, THEIRS, begun_by_boss(a, form), 1
            ),
            "reopen_evaluation": lambda a, form: scores.reopen_evaluation(a, THEIRS, begun_by_boss(a, form)),
            "discard_evaluation": lambda a, form: scores.discard_evaluation(
                a, THEIRS, begun_by_boss(a, form)
            ),
            "appeal_evaluation": lambda a, form: scores.appeal_evaluation(
                a, THEIRS, begun_by_boss(a, form), "text"
            ),
            "answer_appeal": lambda a, form: scores.answer_appeal(
                a, THEIRS, begun_by_boss(a, form), True, ""
            ),
        }.items()
    },
}
NOTHING_OF_OURS: dict[str, Callable[[Archive], object]] = {
    "list_score_forms": lambda a: scores.list_score_forms(a, THEIRS),
    "find_evaluations": lambda a: scores.find_evaluations(a, THEIRS, EvaluationQuery()).items,
    "score_results": lambda a: scores.score_results(a, THEIRS, DAYS).agents,
    "list_score_queues": lambda a: scores.list_score_queues(a, THEIRS),
    "evaluators_to_choose": lambda a: scores.evaluators_to_choose(a, THEIRS),
    "count_appeals": lambda a: scores.count_appeals(a, THEIRS),
}
OF_THE_ACTOR = {"create_score_form", "scores_csv"}


def test_every_use_case_is_in_the_tables() -> None:
    verbs = {name for name in scores.__all__ if name.islower()}
    assert verbs == set(NOT_THEIRS) | set(NOTHING_OF_OURS) | OF_THE_ACTOR


@pytest.mark.parametrize("name", NOT_THEIRS)
def test_what_is_not_theirs_is_not_found(house: Archive, form: FormVersion, name: str) -> None:
    ask, error = NOT_THEIRS[name]
    with pytest.raises(error):
        ask(house, form)
    with house.store.reading() as tx:
        assert tx.audit.newest("theirs", 9) == ()


def test_lists_hold_nothing_of_another_company(house: Archive, form: FormVersion) -> None:
    sheet = marked(house, form, taken(house))
    scores.appeal_evaluation(house, AGENT, sheet.evaluation.id, "No")
    assert [name for name, ask in NOTHING_OF_OURS.items() if ask(house)] == []


def test_the_roles_that_mark() -> None:
    assert may(EVA, Permission.SCORE_GIVE, "ours", ("101",))
    assert not may(EVA, Permission.SCORE_GIVE, "ours", ("103",))
    assert not may(EVA, Permission.SCORE_FORMS, "ours")
    assert not may(AGENT, Permission.SCORE_GIVE, "ours")
