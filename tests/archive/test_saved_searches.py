"""Saved searches are their owner's, or for all of the tenant, and no more than there is room for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fonoteka.archive import (
    Archive,
    change_search,
    create_search,
    delete_search,
    list_searches,
    restore_search,
)
from fonoteka.domain.errors import RequestInvalid, SearchNotFound
from fonoteka.domain.saved_search import SEARCHES_MAX
from tests.examples import actor

ANNA, BORIS, OTHERS = actor(), actor(name="boris"), actor("theirs")


def test_own_and_shared_ones_are_seen_and_only_the_own_changed(archive: Archive) -> None:
    mine = create_search(archive, ANNA, " Жалобы ", "mark=1-2")
    shared = create_search(archive, ANNA, "Опт", "q=опт", is_shared=True)
    assert list_searches(archive, ANNA) == (mine, shared)
    assert list_searches(archive, BORIS) == (shared,)
    assert list_searches(archive, OTHERS) == ()
    assert (mine.name, mine.query) == ("Жалобы", "mark=1-2")
    for who in (BORIS, OTHERS):
        for ask in (
            lambda who=who: change_search(archive, who, shared.id, "x", is_shared=True),
            lambda who=who: delete_search(archive, who, shared.id),
            lambda who=who: restore_search(archive, who, shared.id),
        ):
            with pytest.raises(SearchNotFound):
                ask()
    renamed = change_search(archive, ANNA, shared.id, "Опт и розница", is_shared=False)
    assert list_searches(archive, BORIS) == ()
    delete_search(archive, ANNA, mine.id)
    delete_search(archive, ANNA, mine.id)
    assert list_searches(archive, ANNA) == (renamed,)
    assert restore_search(archive, ANNA, mine.id) == mine
    assert list_searches(archive, ANNA) == (mine, renamed)


def test_there_is_an_end_to_them(archive: Archive) -> None:
    for n in range(SEARCHES_MAX):
        create_search(archive, ANNA, str(n), "")
    with pytest.raises(RequestInvalid):
        create_search(archive, ANNA, "one more", "")
    create_search(archive, BORIS, "of another", "")


@pytest.mark.parametrize(
    "ask",
    [
        lambda a: create_search(a, ANNA, "", ""),
        lambda a: create_search(a, ANNA, "x" * 61, ""),
        lambda a: create_search(a, ANNA, "a\x00b", ""),
        lambda a: create_search(a, ANNA, "x", "q" * 1_001),
    ],
)
def test_what_cannot_be_kept_is_told(archive: Archive, ask: Callable[[Archive], object]) -> None:
    with pytest.raises(RequestInvalid):
        ask(archive)
