"""The draw: the same seed draws the same calls, and no call has better chances than another."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from fonoteka.domain.score_queue import Candidate, dealt, drawn

FIRST = date(2026, 4, 20)
candidates = st.lists(
    st.builds(
        Candidate,
        st.text("abcdef", min_size=1, max_size=6),
        st.sampled_from(["101", "102", "103"]),
        st.integers(0, 20).map(lambda days: FIRST + timedelta(days=days)),
    ),
    max_size=40,
    unique_by=lambda one: (one.call_id, one.agent),
)


@given(candidates, st.integers(1, 5), st.text(max_size=5), st.randoms())
def test_the_same_seed_draws_the_same_whatever_the_order(
    some: list[Candidate], per_week: int, seed: str, random: Random
) -> None:
    once = drawn(some, per_week, seed)
    mixed = list(some)
    random.shuffle(mixed)
    assert drawn(mixed, per_week, seed) == once
    weeks = Counter((one.agent, one.day.isocalendar()[:2]) for one in some)
    counts = Counter((one.agent, one.day.isocalendar()[:2]) for one in once)
    assert counts == {key: min(per_week, number) for key, number in weeks.items()}
    assert set(once) <= set(some)


@given(candidates, st.integers(1, 5), st.text(max_size=5))
def test_what_was_drawn_is_drawn_again_when_others_are_gone(
    some: list[Candidate], per_week: int, seed: str
) -> None:
    once = drawn(some, per_week, seed)
    assert drawn(once, per_week, seed) == once


def test_each_call_has_the_same_chance() -> None:
    some = [Candidate(f"call-{n}", "101", FIRST) for n in range(10)]
    seeds = 3_000
    counts = Counter(one.call_id for n in range(seeds) for one in drawn(some, 2, str(n)))
    # 600 of 3000 each; 22 is the standard deviation.
    assert all(abs(counts[one.call_id] - seeds // 5) < 110 for one in some)


@given(st.lists(st.sampled_from(["101", "102"]), max_size=40))
def test_calls_are_dealt_evenly_to_those_who_may(agents: list[str]) -> None:
    both = Counter(dealt(agents, {"a": None, "b": None}))
    assert abs(both["a"] - both["b"]) <= 1
    limited = dealt(agents, {"a": {"101"}})
    assert [one is not None for one in limited] == [agent == "101" for agent in agents]


def test_nobody_is_dealt_what_is_out_of_reach() -> None:
    assert dealt(["101", "102", "103"], {"a": {"101"}, "b": {"102"}}) == ("a", "b", None)
