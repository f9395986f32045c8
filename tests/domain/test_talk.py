"""Figures of a talk from who spoke when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.domain.analysis import decode_figures, decode_spans, encode_figures, encode_spans
from fonoteka.domain.spans import Span, Spans, common, joined, total_ms, without
from fonoteka.domain.talk import measure

CLIENT = (Span(1_000, 4_000), Span(9_000, 10_000), Span(20_000, 22_000))
AGENT = (Span(5_000, 8_000), Span(9_200, 9_700), Span(11_000, 19_000), Span(21_000, 25_000))
"""The client asks, the agent answers after a second, says yes over the client, and at 21 s breaks in."""

spans = st.lists(st.tuples(st.integers(0, 60_000), st.integers(0, 5_000)), max_size=30).map(
    lambda some: joined(Span(since, since + length) for since, length in some)
)


def ms_of(some: Spans) -> set[int]:
    return {ms for one in some for ms in range(one.since_ms, one.until_ms)}


def test_a_conversation_by_hand() -> None:
    figures = measure(30_000, (CLIENT, AGENT))
    client, agent = figures.parties
    assert (client.spoken_ms, agent.spoken_ms) == (6_000, 15_500)
    assert figures.crosstalk_ms == 500 + 1_000
    assert figures.silence_ms == 30_000 - (6_000 + 15_500 - 1_500)
    assert figures.longest_silence == Span(25_000, 30_000)
    assert agent.interruptions == (21_000,)
    assert client.interruptions == ()
    assert agent.longest_monologue == Span(5_000, 20_000)
    assert (agent.response_ms, agent.responses) == (1_000, 1)
    assert (client.response_ms, client.responses) == (1_000, 2)
    assert figures.switches == 3
    assert figures.switches_per_minute == pytest.approx(6)
    assert figures.talk_share(0) == pytest.approx(0.2)
    assert figures.talk_ratio(0) == pytest.approx(6 / 21.5)
    assert figures.crosstalk_share == pytest.approx(0.05)


def test_holds_and_what_was_not_recorded_are_no_conversation() -> None:
    figures = measure(30_000, (CLIENT, AGENT), [Span(12_000, 18_000)], [Span(25_000, 40_000)])
    assert figures.conversation_ms == 30_000 - 6_000 - 5_000
    assert figures.parties[1].spoken_ms == 15_500 - 6_000
    assert (figures.hold_ms, figures.longest_hold) == (6_000, Span(12_000, 18_000))
    assert figures.longest_silence == Span(0, 1_000)


def test_a_back_channel_breaks_no_monologue_and_a_word_does() -> None:
    long = (Span(0, 10_000), Span(11_500, 20_000))
    assert measure(20_000, (long, (Span(10_200, 11_000),))).parties[0].longest_monologue == Span(0, 20_000)
    assert measure(20_000, (long, (Span(10_100, 11_400),))).parties[0].longest_monologue == Span(0, 10_100)


def test_one_channel_has_no_figures_of_two() -> None:
    figures = measure(30_000, (CLIENT,))
    assert (figures.crosstalk_ms, figures.switches, figures.switches_per_minute) == (None, None, None)
    assert len(figures.parties) == 1


@pytest.mark.parametrize("recorded_ms", [0, 300])
def test_nobody_speaks(recorded_ms: int) -> None:
    figures = measure(recorded_ms, ((), ()))
    assert figures.talk_ratio(0) is None
    assert figures.talk_share(0) == 0
    assert figures.silence_ms == recorded_ms
    assert figures.parties[0].response_ms is None


@given(spans, spans, spans)
def test_the_parts_make_the_whole(client: Spans, agent: Spans, holds: Spans) -> None:
    figures = measure(61_000, (client, agent), holds)
    spoken = sum(one.spoken_ms for one in figures.parties)
    assert figures.crosstalk_ms is not None
    assert spoken - figures.crosstalk_ms + figures.silence_ms == figures.conversation_ms
    assert figures.conversation_ms + figures.hold_ms == 61_000
    swapped = measure(61_000, (agent, client), holds)
    assert swapped.parties == figures.parties[::-1]
    assert decode_figures(encode_figures(figures)) == figures
    assert decode_spans(encode_spans((client, agent))) == (client, agent)


@given(spans, spans)
def test_lists_of_spans_are_sets_of_moments(some: Spans, others: Spans) -> None:
    some = tuple(Span(one.since_ms // 100, one.until_ms // 100) for one in some)
    others = tuple(Span(one.since_ms // 100, one.until_ms // 100) for one in others)
    some, others = joined(some), joined(others)
    assert ms_of(common(some, others)) == ms_of(some) & ms_of(others)
    assert ms_of(without(some, others)) == ms_of(some) - ms_of(others)
    assert ms_of(joined((*some, *others))) == ms_of(some) | ms_of(others)
    assert total_ms(some) == len(ms_of(some))
