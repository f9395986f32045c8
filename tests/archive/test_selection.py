"""Walking over chosen calls: all of them, each once, and none that is somebody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fonoteka.archive import Archive, register_call, walk_selection
from fonoteka.domain.access import Actor, Permission, Role
from fonoteka.domain.errors import AccessDenied, RequestInvalid
from fonoteka.domain.ids import new_id
from fonoteka.domain.query import CallQuery, CallSelection
from tests.examples import NOON, actor, call, people

EVERYTHING = CallSelection(query=CallQuery())


def register(archive: Archive, count: int, calling: str = "101") -> list[str]:
    some = [
        call(started_at=NOON + timedelta(seconds=n), participants=people(calling, "+79161234567"))
        for n in range(count)
    ]
    return [register_call(archive, one) for one in some]


def walked(
    archive: Archive, who: Actor, selection: CallSelection, permission: Permission
) -> tuple[list[str], list[str]]:
    pages = list(walk_selection(archive, who, selection, permission))
    return (
        [one.id for page in pages for one in page.calls],
        [one for page in pages for one in page.not_found],
    )


def test_a_query_is_walked_to_its_end_less_what_was_left_out(archive: Archive) -> None:
    ids = register(archive, 401)
    pages = walk_selection(
        archive, actor(), replace(EVERYTHING, without=frozenset(ids[:3])), Permission.RECORDING_DOWNLOAD
    )
    first = next(pages)
    register_call(archive, call(started_at=NOON + timedelta(days=1)))  # came later: not of the selection
    found = [*first.calls, *(one for page in pages for one in page.calls)]
    assert [one.id for one in found] == ids[3:][::-1]
    assert len(first.calls) == 200


def test_nobody_walks_over_what_is_not_theirs(archive: Archive) -> None:
    mine, theirs = register(archive, 2), register(archive, 2, "102")
    agent = replace(actor(), role=Role.AGENT, extensions=frozenset({"101"}))
    gone = new_id()
    named = CallSelection((theirs[0], mine[1], "../x", mine[0], mine[0], gone))
    assert walked(archive, agent, named, Permission.RECORDING_LISTEN) == (
        [mine[1], mine[0]],
        [theirs[0], "../x", gone],
    )
    assert walked(archive, agent, EVERYTHING, Permission.RECORDING_LISTEN)[0] == mine[::-1]
    assert walked(archive, actor("another"), named, Permission.RECORDING_LISTEN)[0] == []
    assert walked(archive, actor("another"), EVERYTHING, Permission.RECORDING_LISTEN) == ([], [])
    for refused in (EVERYTHING, named):
        with pytest.raises(AccessDenied):
            walk_selection(archive, agent, refused, Permission.RECORDING_DOWNLOAD)


def test_numbers_are_masked_for_who_may_not_see_them(archive: Archive) -> None:
    register(archive, 1)
    quality = replace(actor(), role=Role.QUALITY)
    (page,) = walk_selection(archive, quality, EVERYTHING, Permission.RECORDING_LISTEN)
    assert page.calls[0].participants[1].number == "+7916•••••67"


def test_rights_that_end_meanwhile_end_the_walk(archive: Archive) -> None:
    register(archive, 201)
    rights = [actor(), replace(actor(), extensions=frozenset({"102"})), replace(actor(), role=Role.AGENT)]
    for after, found in ((rights[1], 200), (rights[2], 200)):
        now = [rights[0], after]
        pages = walk_selection(
            archive, rights[0], EVERYTHING, Permission.RECORDING_DOWNLOAD, lambda now=now: now.pop(0)
        )
        assert len(next(pages).calls) == found
        if after is rights[2]:
            with pytest.raises(AccessDenied):
                next(pages)
        else:
            assert list(pages) == []


@pytest.mark.parametrize(
    ("selection", "field"),
    [
        (CallSelection(), "ids"),
        (CallSelection(tuple(str(n) for n in range(1001))), "ids"),
        (replace(EVERYTHING, without=frozenset(str(n) for n in range(1001))), "without"),
        (CallSelection(query=CallQuery(number="7" * 201)), "number"),
    ],
)
def test_what_cannot_be_walked_over_is_named(archive: Archive, selection: CallSelection, field: str) -> None:
    with pytest.raises(RequestInvalid) as caught:
        walk_selection(archive, actor(), selection, Permission.CALL_SEE)
    assert caught.value.field == field
