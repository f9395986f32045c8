"""Two accounts of a call are one call exactly where their numbers say so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.domain.same_call import likeness

ALIKE = [
    (("79161234567", "101"), ("+79161234567", "101"), "a prefix"),
    (("101", "989161234567"), ("101", "+79161234567"), "a trunk's prefix"),
    (("79161234567", "600", "101"), ("+7 (916) 123-45-67", "101"), "through a queue"),
    (("anonymous", "101"), ("+79161234567", "101"), "withheld"),
    (("101", "79161234567"), ("+74950000000", "+79161234567"), "the border knows no extensions"),
    (("101", "102"), ("102", "101"), "internal"),
    (("sales", "101"), ("Sales", "101"), "names"),
]
OTHER = [
    (("79161234567", "101"), ("79161234568", "101"), "another caller"),
    (("101", "79161234567"), ("102", "79161234567"), "another colleague"),
    (("+74950000000", "+79161234567"), ("+74950000000", "+79161234568"), "the company's number in both"),
    (("101", "102"), ("101", "103"), "an extension in common"),
    (("anonymous", ""), ("anonymous", "s"), "nobody known"),
    ((), ("101", "102"), "nothing told"),
    (("101", "79161234567"), ("101", "102"), "the same extension, outside and inside"),
]


@pytest.mark.parametrize(("one", "other"), [case[:2] for case in ALIKE], ids=[case[2] for case in ALIKE])
def test_one_call(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert likeness(one, other) == likeness(other, one) > 0


@pytest.mark.parametrize(("one", "other"), [case[:2] for case in OTHER], ids=[case[2] for case in OTHER])
def test_two_calls(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert likeness(one, other) == likeness(other, one) == 0


@given(st.lists(st.text(max_size=12), max_size=5), st.lists(st.text(max_size=12), max_size=5))
def test_it_is_symmetrical_and_never_fails(one: list[str], other: list[str]) -> None:
    assert likeness(one, other) == likeness(other, one) >= 0
