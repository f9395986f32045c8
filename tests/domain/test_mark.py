"""Holds of several streams become marks of the recording."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fonoteka.domain.mark import MARKS_MAX, Mark, MarkKind, key_marks, marks_of


def test_streams_that_are_held_together_make_one_mark() -> None:
    spans = [
        (1_000, 5_000, "pause: card data"),
        (1_010, 5_020, "pause: card data"),
        (7_000, None, "hold"),
        (0, 400, "rule"),
        (200, 8_000, "inactive"),
    ]
    assert marks_of(spans, 500, 9_000) == (
        Mark(0, 9_000, MarkKind.HOLD),
        Mark(500, 4_520, MarkKind.PAUSE, "card data"),
    )


@given(
    st.lists(st.tuples(st.integers(-100, 9_999), st.none() | st.integers(-100, 9_999), st.text(max_size=9))),
    st.integers(0, 2_000),
)
def test_marks_lie_within_the_recording(spans: list[tuple[int, int | None, str]], start_ms: int) -> None:
    for one in marks_of(spans, start_ms, 5_000):
        assert 0 <= one.since_ms < one.until_ms <= 5_000


def test_keys_pressed_one_after_the_other_are_one_mark() -> None:
    presses = [5_000, 1_000, 1_900, 900, 90_000, -50]
    assert key_marks(presses, 1_000, 60_000) == (Mark(0, 4_000, MarkKind.KEYS, count=3),)
    assert key_marks([1_000, 5_001], 0, 60_000) == (
        Mark(1_000, 1_000, MarkKind.KEYS, count=1),
        Mark(5_001, 5_001, MarkKind.KEYS, count=1),
    )
    assert len(key_marks(range(0, 10**7, 10_000), 0, 10**8)) == MARKS_MAX
