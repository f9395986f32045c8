"""A company whose calls are marked: its people, a form, and calls with their talk known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from fonoteka.archive import Archive, register_call, scores, shelve_recording
from fonoteka.archive.scores import Sheet
from fonoteka.domain.access import Actor, ActorKind, Role
from fonoteka.domain.analysis import TalkAnalysis
from fonoteka.domain.call import Call
from fonoteka.domain.ids import new_id
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.report import Days
from fonoteka.domain.score_forms import FormContent, FormVersion, Question, QuestionKind, Section
from fonoteka.domain.score_queue import DrawPlan
from fonoteka.domain.score_rules import Metric, MetricRule
from fonoteka.domain.scorecards import Answer
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
