"""Forms and answers as JSON, as the store keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from fonoteka.domain.score_forms import Choice, FormContent, Question, QuestionKind, Section
from fonoteka.domain.score_rules import MachineAnswer, Metric, MetricRule
from fonoteka.domain.score_topics import TopicRule
from fonoteka.domain.scorecards import Answer
from fonoteka.domain.topics import Speaker


def encode_form(content: FormContent) -> str:
    """As JSON."""
    return json.dumps(asdict(content), ensure_ascii=False, separators=(",", ":"))


def decode_form(text: str) -> FormContent:
    """The inverse of `encode_form`."""
    value = json.loads(text)
    return FormContent(value["name"], tuple(_section(one) for one in value["sections"]))


def encode_answers(answers: Iterable[Answer]) -> str:
    """As JSON."""
    return json.dumps([asdict(one) for one in answers], ensure_ascii=False, separators=(",", ":"))


def decode_answers(text: str) -> tuple[Answer, ...]:
    """The inverse of `encode_answers`."""
    return tuple(_answer(one) for one in json.loads(text))


def _section(value: Mapping[str, Any]) -> Section:
    return Section(value["title"], tuple(_question(one) for one in value["questions"]))


def _question(value: Mapping[str, Any]) -> Question:
    rule = value["rule"]
    return Question(
        **{
            **value,
            "kind": QuestionKind(value["kind"]),
            "choices": tuple(Choice(**one) for one in value["choices"]),
            "rule": None if rule is None else _rule(rule),
        }
    )


def _rule(value: Mapping[str, Any]) -> MetricRule | TopicRule:
    if "topic_id" in value:
        return TopicRule(**{**value, "speaker": Speaker(value["speaker"])})
    return MetricRule(**{**value, "metric": Metric(value["metric"])})


def _answer(value: Mapping[str, Any]) -> Answer:
    machine = value["machine"]
    return Answer(**{**value, "machine": None if machine is None else MachineAnswer(**machine)})
