"""Answers that topics give: something was said, or was not; by whom, how soon, before something else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fonoteka.domain.score_rules import MachineAnswer
from fonoteka.domain.topics import Speaker, TopicHit

WITHIN_S_MAX = 3_600
ID_CHARACTERS_MAX = 100


@dataclass(frozen=True, slots=True)
class TopicRule:
    """“Yes” when the topic was heard, or with `said` false when it was not.

    `speaker` is the party whose call is marked (agent) or the other one; `within_s` counts from the
    recording's start. With a `before_id` it must be heard before that topic is, if that is heard at all.
    """

    topic_id: str
    said: bool = True
    speaker: Speaker = Speaker.ANYONE
    within_s: int | None = None
    before_id: str = ""


@dataclass(frozen=True, slots=True)
class HeardTopics:
    """What was heard in the recording that is judged by, of the topics that were looked for in it.

    `ours` is the channel of the party whose call is marked, None where nobody can tell.
    """

    hits: Sequence[TopicHit]
    topic_ids: Collection[str]
    ours: int | None


def checked_topic_rule(rule: TopicRule) -> TopicRule:
    """The rule. Raises ValueError with a sentence that says what is wrong."""
    if not rule.topic_id or max(len(rule.topic_id), len(rule.before_id)) > ID_CHARACTERS_MAX:
        raise ValueError("a rule needs a topic.")
    if rule.before_id == rule.topic_id:
        raise ValueError("a topic cannot be heard before itself.")
    if rule.within_s is not None and not 1 <= rule.within_s <= WITHIN_S_MAX:
        raise ValueError(f"seconds are 1 to {WITHIN_S_MAX}.")
    return rule


def topic_answer(rule: TopicRule, heard: HeardTopics | None) -> MachineAnswer | None:
    """The answer to a question with that rule; None where nobody looked for the topic, or can tell who spoke.

    The figure is the second at which the topic is heard first; None where it is not.
    """
    wanted = {rule.topic_id, rule.before_id} - {""}
    if heard is None or not wanted <= set(heard.topic_ids):
        return None
    if rule.speaker is not Speaker.ANYONE and heard.ours is None:
        return None
    moments = [
        one.since_ms for one in heard.hits if one.topic_id == rule.topic_id and _is_by(rule, heard, one)
    ]
    if rule.within_s is not None:
        moments = [one for one in moments if one <= 1_000 * rule.within_s]
    first = min(moments, default=None)
    is_heard = first is not None
    if first is not None and rule.before_id:
        other = min((one.since_ms for one in heard.hits if one.topic_id == rule.before_id), default=None)
        is_heard = other is None or first < other
    return MachineAnswer(int(is_heard is rule.said), None if first is None else first / 1_000)


def _is_by(rule: TopicRule, heard: HeardTopics, hit: TopicHit) -> bool:
    if rule.speaker is Speaker.ANYONE:
        return True
    return (hit.channel == heard.ours) is (rule.speaker is Speaker.AGENT)
