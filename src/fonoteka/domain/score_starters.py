"""A form to begin with, in Russian and in English."""

from __future__ import annotations

from fonoteka.domain.score_forms import Choice, FormContent, Question, QuestionKind, Section
from fonoteka.domain.score_rules import Metric, MetricRule

_SCALE = QuestionKind.SCALE

RUSSIAN = FormContent(
    "Приём звонка",
    (
        Section(
            "Начало",
            (
                Question("greeting", "Поздоровался, назвал компанию и себя", weight=2),
                Question("recorded", "Предупредил, что разговор записывается", weight=1, may_not_apply=True),
            ),
        ),
        Section(
            "Разговор",
            (
                Question(
                    "need",
                    "Выяснил, с чем обратились",
                    _SCALE,
                    3,
                    "0 — решал не тот вопрос, 5 — понял сразу и переспросил, чтобы убедиться.",
                ),
                Question("answer", "Ответил верно и полно", _SCALE, 4),
                Question(
                    "interrupts",
                    "Не перебивал",
                    weight=1,
                    rule=MetricRule(Metric.OUR_INTERRUPTIONS, at_most=2),
                ),
                Question(
                    "silence",
                    "Не оставлял в тишине",
                    weight=1,
                    rule=MetricRule(Metric.SILENCE_PERCENT, at_most=20),
                ),
                Question(
                    "hold",
                    "Удержание",
                    QuestionKind.CHOICE,
                    1,
                    choices=(
                        Choice("Предупредил и вернулся вовремя", 10),
                        Choice("Предупредил, но ждали долго", 5),
                        Choice("Поставил без предупреждения", 0),
                    ),
                    may_not_apply=True,
                ),
            ),
        ),
        Section(
            "Завершение",
            (
                Question("next", "Назвал, что будет дальше и когда", weight=2),
                Question("farewell", "Попрощался", weight=1),
                Question("polite", "Был вежлив", weight=0, fatal=True, help="Грубость обнуляет оценку."),
            ),
        ),
    ),
)

ENGLISH = FormContent(
    "Taking a call",
    (
        Section(
            "Opening",
            (
                Question("greeting", "Greeted, named the company and themselves", weight=2),
                Question("recorded", "Said that the call is recorded", weight=1, may_not_apply=True),
            ),
        ),
        Section(
            "Conversation",
            (
                Question(
                    "need",
                    "Found out what the call was about",
                    _SCALE,
                    3,
                    "0: worked on another question; 5: understood at once and asked back to be sure.",
                ),
                Question("answer", "Answered correctly and completely", _SCALE, 4),
                Question(
                    "interrupts",
                    "Did not interrupt",
                    weight=1,
                    rule=MetricRule(Metric.OUR_INTERRUPTIONS, at_most=2),
                ),
                Question(
                    "silence",
                    "Left no long silence",
                    weight=1,
                    rule=MetricRule(Metric.SILENCE_PERCENT, at_most=20),
                ),
                Question(
                    "hold",
                    "Hold",
                    QuestionKind.CHOICE,
                    1,
                    choices=(
                        Choice("Announced, and back in time", 10),
                        Choice("Announced, but a long wait", 5),
                        Choice("Without a word", 0),
                    ),
                    may_not_apply=True,
                ),
            ),
        ),
        Section(
            "Closing",
            (
                Question("next", "Said what happens next, and when", weight=2),
                Question("farewell", "Said goodbye", weight=1),
                Question("polite", "Was polite", weight=0, fatal=True, help="Rudeness makes the score 0."),
            ),
        ),
    ),
)

STARTERS = {"ru": RUSSIAN, "en": ENGLISH}
"""By language."""
