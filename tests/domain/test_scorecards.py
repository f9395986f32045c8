"""Scores: exact, within bounds, deaf to what does not apply, and 0 where an auto-fail question failed."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.score_forms import Choice, FormContent, Question, QuestionKind, Section, checked_form
from fonoteka.domain.score_json import decode_answers, decode_form, encode_answers, encode_form
from fonoteka.domain.score_results import Scores
from fonoteka.domain.score_rules import MachineAnswer, Metric, MetricRule, machine_answer
from fonoteka.domain.score_starters import STARTERS
from fonoteka.domain.scorecards import (
    Answer,
    check_complete,
    checked_answers,
    merged_answers,
    score_of,
    share_of,
    tenths_of,
)
from fonoteka.domain.spans import Span
from fonoteka.domain.talk import measure


@st.composite
def questions(draw: st.DrawFn, id_: str) -> Question:
    kind = draw(st.sampled_from(QuestionKind))
    points = draw(st.lists(st.integers(0, 100), min_size=2, max_size=5))
    return Question(
        id_,
        "?",
        kind,
        draw(st.integers(0, 100)),
        wanted=draw(st.booleans()),
        scale_max=draw(st.integers(1, 10)),
        choices=tuple(Choice("c", one) for one in (*points, 7)) if kind is QuestionKind.CHOICE else (),
        may_not_apply=draw(st.booleans()),
        fatal=draw(st.booleans()),
    )


@st.composite
def filled(draw: st.DrawFn) -> tuple[FormContent, dict[str, Answer]]:
    """A form with an answer to each question."""
    made = [draw(questions(str(n))) for n in range(draw(st.integers(1, 8)))]
    answers = {}
    for one in made:
        if one.may_not_apply and draw(st.booleans()):
            answers[one.id] = Answer(one.id, not_applicable=True)
        else:
            answers[one.id] = Answer(one.id, draw(st.sampled_from(one.values)))
    return FormContent("F", (Section("S", tuple(made)),)), answers


@given(filled())
def test_the_score_is_the_weighted_mean_to_a_tenth(given_: tuple[FormContent, dict[str, Answer]]) -> None:
    form, answers = given_
    counted = [(one, share_of(one, answers[one.id].value or 0)) for one in form.questions
               if not answers[one.id].not_applicable]  # fmt: skip
    whole = sum(one.weight for one, _ in counted)
    score = score_of(form, answers)
    assert score.missing == ()
    if any(one.fatal and share == 0 for one, share in counted):
        assert (score.tenths, bool(score.failed)) == (0, True)
    elif not whole:
        assert score.tenths is None
    else:
        exact = sum((one.weight * share for one, share in counted), Fraction(0)) * 1_000 / whole
        rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(1), ROUND_HALF_UP)
        assert score.tenths == int(rounded)
        assert 0 <= score.tenths <= 1_000


@given(filled(), st.data())
def test_what_does_not_apply_is_as_if_it_were_not_asked(
    given_: tuple[FormContent, dict[str, Answer]], data: st.DataObject
) -> None:
    form, answers = given_
    out = data.draw(st.sampled_from([one.id for one in form.questions]))
    without = {**answers, out: Answer(out, not_applicable=True)}
    asked = tuple(one for one in form.questions if one.id != out)
    rest = FormContent("F", (Section("S", asked),))
    assert score_of(form, without).tenths == score_of(rest, answers).tenths


@given(filled(), st.data())
def test_a_better_answer_never_makes_it_worse(
    given_: tuple[FormContent, dict[str, Answer]], data: st.DataObject
) -> None:
    form, answers = given_
    question = data.draw(st.sampled_from(list(form.questions)))
    if answers[question.id].not_applicable:
        return
    better = max(question.values, key=lambda one: share_of(question, one))
    after = score_of(form, {**answers, question.id: Answer(question.id, better)}).tenths
    assert (after or 0) >= (score_of(form, answers).tenths or 0)


@given(filled())
def test_weights_count_by_their_ratio_alone(given_: tuple[FormContent, dict[str, Answer]]) -> None:
    form, answers = given_
    doubled = tuple(replace(one, weight=2 * one.weight) for one in form.questions)
    assert score_of(FormContent("F", (Section("S", doubled),)), answers) == score_of(form, answers)


@given(filled())
def test_json_brings_back_what_was_written(given_: tuple[FormContent, dict[str, Answer]]) -> None:
    form, answers = given_
    assert decode_form(encode_form(form)) == form
    kept = tuple(replace(one, machine=MachineAnswer(1, 2.5)) for one in answers.values())
    assert decode_answers(encode_answers(kept)) == kept


@given(st.lists(st.integers(0, 1_000), max_size=20), st.lists(st.integers(0, 1_000), max_size=20))
def test_sums_of_parts_are_those_of_the_whole(some: list[int], others: list[int]) -> None:
    def of(tenths: list[int]) -> Scores:
        ones = [Scores(1, one, one * one, one, one) for one in tenths]
        return sum(ones, Scores())

    both = of(some) + of(others)
    assert both == of(some + others)
    if some:
        mean = of(some).mean_tenths
        assert mean is not None
        assert min(some) <= mean <= max(some)
        assert (of(some).spread_tenths or 0) <= 500


def test_halves_are_rounded_up() -> None:
    assert tenths_of(Fraction(1, 2_000)) == 1
    assert tenths_of(Fraction(1, 3)) == 333
    assert tenths_of(Fraction(2, 3)) == 667


def test_a_failed_auto_fail_question_is_0_though_others_wait() -> None:
    form = FormContent("F", (Section("", (Question("a", "?", fatal=True), Question("b", "?"))),))
    score = score_of(form, {"a": Answer("a", 0)})
    assert (score.tenths, score.failed, score.missing) == (0, ("a",), ("b",))


def test_the_starters_can_be_put_to_use() -> None:
    assert set(STARTERS) == {"ru", "en"}
    for form in STARTERS.values():
        assert checked_form(form, complete=True) == form
    shapes = [[replace(one, text="", help="", choices=()) for one in form.questions]
              for form in STARTERS.values()]  # fmt: skip
    assert shapes[0] == shapes[1]


# Ours is channel 1: it breaks in at 2.5 s, and speaks 4 of 8 s in all.
FIGURES = measure(10_000, [(Span(0, 4_000),), (Span(2_500, 6_500),)])


@pytest.mark.parametrize(
    ("rule", "ours", "value"),
    [
        (MetricRule(Metric.OUR_INTERRUPTIONS, at_most=0), 1, 0),
        (MetricRule(Metric.OUR_INTERRUPTIONS, at_most=1), 1, 1),
        (MetricRule(Metric.THEIR_INTERRUPTIONS, at_most=0), 1, 1),
        (MetricRule(Metric.OUR_INTERRUPTIONS, at_most=0), 0, 1),
        (MetricRule(Metric.SILENCE_PERCENT, at_most=35), None, 1),
        (MetricRule(Metric.SILENCE_PERCENT, at_most=34), None, 0),
        (MetricRule(Metric.OUR_TALK_PERCENT, at_least=50, at_most=50), 1, 1),
        (MetricRule(Metric.OUR_TALK_PERCENT, at_least=51), 1, 0),
        (MetricRule(Metric.OUR_MONOLOGUE_S, at_most=4), 1, 1),
        (MetricRule(Metric.CONVERSATION_S, at_least=11), 1, 0),
    ],
)
def test_a_machine_answers_by_the_bounds(rule: MetricRule, ours: int | None, value: int) -> None:
    answer = machine_answer(rule, FIGURES, ours)
    assert answer is not None
    assert answer.value == value


def test_a_machine_says_nothing_of_what_it_cannot_tell() -> None:
    rule = MetricRule(Metric.OUR_INTERRUPTIONS, at_most=1)
    assert machine_answer(rule, FIGURES, None) is None
    assert machine_answer(rule, None, 1) is None
    assert machine_answer(rule, measure(9_000, [(Span(0, 100),)]), 0) is None


RULED = FormContent(
    "F", (Section("", (Question("a", "?", rule=MetricRule(Metric.HOLD_S, at_most=9)), Question("b", "?"))),)
)


def test_a_person_overrules_the_machine_with_a_reason() -> None:
    machine = {"a": MachineAnswer(1, 3.0)}
    merged = merged_answers(RULED, [Answer("b", 1)], machine)
    assert (merged["a"].value, merged["a"].is_overruled) == (1, False)
    check_complete(RULED, merged)
    overruled = merged_answers(RULED, [Answer("a", 0), Answer("b", 1)], machine)
    assert (overruled["a"].value, overruled["a"].is_overruled) == (0, True)
    with pytest.raises(RequestInvalid, match="why"):
        check_complete(RULED, overruled)
    check_complete(RULED, {**overruled, "a": replace(overruled["a"], comment="Music, not hold")})
    with pytest.raises(RequestInvalid, match="2 has no answer"):
        check_complete(RULED, merged_answers(RULED, [], machine))


@pytest.mark.parametrize(
    "answer",
    [
        Answer("z", 1),
        Answer("a", 2),
        Answer("a", -1),
        Answer("a", not_applicable=True),
        Answer("a", 1, at_ms=5),
        Answer("a", 1, recording_id="r", at_ms=-1),
        Answer("a", 1, comment="x" * 1_001),
    ],
)
def test_answers_that_cannot_be_are_refused(answer: Answer) -> None:
    with pytest.raises(RequestInvalid):
        checked_answers(RULED, [answer])


@pytest.mark.parametrize(
    "fields",
    [
        {"weight": 101},
        {"weight": -1},
        {"id": ""},
        {"text": " "},
        {"text": "x" * 301},
        {"kind": QuestionKind.SCALE, "scale_max": 11},
        {"kind": QuestionKind.CHOICE, "choices": (Choice("one", 1),)},
        {"kind": QuestionKind.CHOICE, "choices": (Choice("one", 0), Choice("two", 0))},
        {"kind": QuestionKind.CHOICE, "choices": (Choice("one", 101), Choice("two", 0))},
        {"kind": QuestionKind.SCALE, "rule": MetricRule(Metric.HOLD_S, at_most=1)},
        {"rule": MetricRule(Metric.HOLD_S)},
        {"rule": MetricRule(Metric.SILENCE_PERCENT, at_most=101)},
        {"rule": MetricRule(Metric.HOLD_S, at_least=2, at_most=1)},
    ],
)
def test_forms_that_cannot_be_are_refused(fields: dict[str, Any]) -> None:
    question = replace(Question("a", "?"), **fields)
    with pytest.raises(RequestInvalid):
        checked_form(FormContent("F", (Section("", (question, Question("b", "?"))),)), complete=True)


def test_a_draft_may_lack_what_a_form_in_use_needs() -> None:
    unfinished = FormContent("F", (Section("", (Question("a", ""),)),))
    assert checked_form(unfinished, complete=False) == unfinished
    with pytest.raises(RequestInvalid):
        checked_form(FormContent(" ", ()), complete=False)
    many = tuple(Question(str(n), "?") for n in range(61))
    with pytest.raises(RequestInvalid):
        checked_form(FormContent("F", (Section("", many),)), complete=False)
