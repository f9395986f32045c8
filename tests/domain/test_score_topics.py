"""What a scorecard's question is answered by topics: by whom, how soon, in which order, and unknown."""

from __future__ import annotations

import pytest

from fonoteka.domain.score_forms import FormContent, Question, Section
from fonoteka.domain.score_json import decode_form, encode_form
from fonoteka.domain.score_topics import HeardTopics, TopicRule, checked_topic_rule, topic_answer
from fonoteka.domain.topics import Speaker, TopicHit

AGENT, CUSTOMER = Speaker.AGENT, Speaker.CUSTOMER


def hit(topic_id: str, channel: int, second: float) -> TopicHit:
    return TopicHit(
        topic_id, 1, channel, Speaker.ANYONE, round(second * 1_000), round(second * 1_000) + 500, "w"
    )


HITS = (hit("hello", 1, 3), hit("price", 0, 10), hit("price", 1, 20), hit("bye", 1, 59))
KNOWN = ("hello", "price", "bye", "never")


@pytest.mark.parametrize(
    ("rule", "answer"),
    [
        (TopicRule("hello"), (1, 3)),
        (TopicRule("hello", said=False), (0, 3)),
        (TopicRule("never"), (0, None)),
        (TopicRule("never", said=False), (1, None)),
        (TopicRule("price", speaker=AGENT), (1, 20)),
        (TopicRule("price", speaker=CUSTOMER), (1, 10)),
        (TopicRule("hello", speaker=CUSTOMER), (0, None)),
        (TopicRule("price", within_s=10), (1, 10)),
        (TopicRule("price", speaker=AGENT, within_s=15), (0, None)),
        (TopicRule("hello", before_id="price"), (1, 3)),
        (TopicRule("bye", before_id="price"), (0, 59)),
        (TopicRule("bye", said=False, before_id="price"), (1, 59)),
        (TopicRule("hello", before_id="never"), (1, 3)),
        (TopicRule("never", before_id="hello"), (0, None)),
    ],
)
def test_what_a_topic_answers(rule: TopicRule, answer: tuple[int, float | None]) -> None:
    found = topic_answer(rule, HeardTopics(HITS, KNOWN, 1))
    assert found is not None
    assert (found.value, found.figure) == answer


def test_what_nobody_knows_has_no_answer() -> None:
    heard = HeardTopics(HITS, KNOWN, None)
    assert topic_answer(TopicRule("hello"), None) is None
    assert topic_answer(TopicRule("gone"), heard) is None
    assert topic_answer(TopicRule("hello", before_id="gone"), heard) is None
    assert topic_answer(TopicRule("hello", speaker=AGENT), heard) is None
    assert topic_answer(TopicRule("hello"), heard) is not None


@pytest.mark.parametrize(
    "rule",
    [TopicRule(""), TopicRule("a", before_id="a"), TopicRule("a", within_s=0), TopicRule("a" * 101)],
)
def test_a_rule_that_cannot_be_is_refused(rule: TopicRule) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        checked_topic_rule(rule)


def test_a_form_with_topics_is_kept_as_it_is() -> None:
    rule = TopicRule("hello", False, AGENT, 15, "price")
    form = FormContent("F", (Section("", (Question("q", "Greeted", rule=rule),)),))
    assert decode_form(encode_form(form)) == form
