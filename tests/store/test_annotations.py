"""Annotations are found by the list as they are read by the page, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Connection, select, text

from fonoteka.domain.annotations import NOTE_VERSIONS_MAX, CallMark, CallTag, Note, Tag, mean_tenths
from fonoteka.domain.call import Call
from fonoteka.domain.ids import new_id
from fonoteka.store import NoteKind, Store, Transaction
from fonoteka.store.annotation_search import (
    Branch,
    has_mark,
    has_tag,
    mark_branches,
    says,
    tag_branch,
)
from fonoteka.store.call_candidates import way_of
from fonoteka.store.note_words import NoteWords, words_of
from fonoteka.store.search_terms import Found
from fonoteka.store.tables import calls
from tests.examples import NOON, call


def make_calls(store: Store, count: int) -> list[Call]:
    """Calls a minute apart, the oldest first."""
    made = [call(started_at=NOON + timedelta(minutes=n)) for n in range(count)]
    with store.transaction() as tx:
        for one in made:
            tx.calls.add(one)
    return made


def put(tx: Transaction, one: Call, tag: Tag) -> bool:
    return tx.tags.put(one, CallTag(tag, NOON, "u", "U"))


def mark(tx: Transaction, one: Call, author: str, value: int) -> None:
    tx.annotations.marks.put(one, CallMark(author, author, value, "", NOON))


def note(tx: Transaction, one: Call, words: str, version: int = 1) -> None:
    assert tx.annotations.notes.add(
        one.tenant_id, NoteKind.CALL, one.id, Note(version, words, "u", "U", NOON)
    )
    tx.annotations.index_words(one)


def connection_of(tx: Transaction) -> Connection:
    return tx.tags._connection


def found(tx: Transaction, branches: Sequence[Branch], condition: ColumnElement[bool]) -> list[str]:
    """The ids that both forms find, the oldest first."""
    connection = connection_of(tx)
    rows = {tuple(row) for branch in branches for row in connection.execute(branch)}
    asked = select(calls.c.started_at, calls.c.id).where(calls.c.tenant_id == "default", condition)
    assert rows == {tuple(row) for row in connection.execute(asked)}
    return [call_id for _, call_id in sorted(rows)]


def test_names_of_tags_are_unique_whatever_their_case(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.tags.add(Tag(new_id(), "default", "Жалоба"))
        assert not tx.tags.add(Tag(new_id(), "default", "ЖАЛОБА"))
        assert tx.tags.add(Tag(new_id(), "other", "жалоба"))
        assert [one.name for one in tx.tags.all("default")] == ["Жалоба"]


def test_calls_are_found_by_tag_and_merging_keeps_each_once(store: Store) -> None:
    first, second, third = make_calls(store, 3)
    one, other = Tag(new_id(), "default", "one"), Tag(new_id(), "default", "other")
    with store.transaction() as tx:
        tx.tags.add(one)
        tx.tags.add(other)
        assert put(tx, first, one)
        assert not put(tx, first, one)
        assert put(tx, first, other)
        assert put(tx, third, one)
        assert found(tx, [tag_branch("default", one.id)], has_tag(one.id)) == [first.id, third.id]
        assert tx.tags.uses("default") == {one.id: 2, other.id: 1}
        tx.tags.merge(one, other)
        assert found(tx, [tag_branch("default", other.id)], has_tag(other.id)) == [first.id, third.id]
        assert tx.tags.all("default") == (other,)
        assert second.id not in tx.tags.of_calls([first.id, second.id, third.id])
        tx.tags.delete(other.id)
        assert tx.tags.of_calls([first.id, third.id]) == {}


def test_calls_are_found_by_their_mean_mark(store: Store) -> None:
    first, second, third = make_calls(store, 3)
    with store.transaction() as tx:
        mark(tx, first, "a", 1)
        mark(tx, first, "b", 4)
        mark(tx, second, "a", 2)
        mark(tx, second, "a", 3)  # in the place of the earlier one
        assert tx.annotations.marks.means_of([first.id, second.id, third.id]) == {
            first.id: 2.5,
            second.id: 3.0,
        }
        assert found(tx, mark_branches("default", 0, 25), has_mark(10, 25)) == [first.id]
        assert found(tx, mark_branches("default", 0, 99), has_mark()) == [first.id, second.id]
        tx.annotations.marks.take(first, "b")
        assert found(tx, mark_branches("default", 10, 20), has_mark(10, 20)) == [first.id]
        tx.annotations.marks.take(first, "a")
        assert found(tx, mark_branches("default", 10, 20), has_mark(10, 20)) == []


@pytest.mark.parametrize(
    ("marks", "tenths"),
    [((), None), ((5,), 50), ((1, 2), 15), ((1, 1, 2), 13), ((1, 2, 2), 17), ((2, 3), 25)],
)
def test_means(marks: tuple[int, ...], tenths: int | None) -> None:
    assert mean_tenths(marks) == tenths


def says_word(tx: Transaction, word: str, **how: Any) -> list[str]:
    (one,) = words_of(word)
    how = {"whole_numbers": False, **how}
    ids = NoteWords(connection_of(tx)).ids_of("default", one, **how)
    assert ids is not None
    return found(tx, way_of("default", Found((), ids)).in_order, says("default", one, **how))


def test_calls_are_found_by_words_of_their_notes(store: Store) -> None:
    first, second, _ = make_calls(store, 3)
    with store.transaction() as tx:
        note(tx, first, "Жалоба: просит перезвонить Щукину, заказ 4217001")
        note(tx, second, "жалобы нет; 100%_ok")
        for word, ids in (
            ("ЖАЛОБ", [first.id, second.id]),
            ("жалобы", [second.id]),
            ("нет", [second.id]),
            ("не", []),
            ("щукин", [first.id]),
            ("42170", [first.id]),
            ("100", [second.id]),
            ("алоба", []),
        ):
            assert says_word(tx, word) == ids, word
        # Who sees no numbers cannot feel for those in notes.
        assert says_word(tx, "4217001", whole_numbers=True) == []
        assert says_word(tx, "щукин", whole_numbers=True) == [first.id]
        note(tx, first, "", version=2)
        assert says_word(tx, "жалоба") == []


def test_what_is_found_moves_with_the_call(store: Store) -> None:
    one, _ = make_calls(store, 2)
    tag = Tag(new_id(), "default", "tag")
    with store.transaction() as tx:
        tx.tags.add(tag)
        put(tx, one, tag)
        mark(tx, one, "a", 1)
        note(tx, one, "words")
    moved = replace(one, started_at=NOON - timedelta(days=2))
    with store.transaction() as tx:
        tx.calls.replace(moved)
        assert found(tx, [tag_branch("default", tag.id)], has_tag(tag.id)) == [one.id]
        assert found(tx, mark_branches("default", 10, 10), has_mark(10, 10)) == [one.id]
        assert says_word(tx, "words") == [one.id]


def test_one_writes_a_version_and_old_ones_go(store: Store) -> None:
    (one,) = make_calls(store, 1)
    with store.transaction() as tx:
        for version in range(1, NOTE_VERSIONS_MAX + 3):
            note(tx, one, f"v{version}", version)
        again = Note(NOTE_VERSIONS_MAX + 2, "lost?", "u", "U", NOON)
        assert not tx.annotations.notes.add("default", NoteKind.CALL, one.id, again)
        kept = tx.annotations.notes.history("default", NoteKind.CALL, one.id, 9_999)
        assert [len(kept), kept[0].text, kept[-1].text] == [
            NOTE_VERSIONS_MAX,
            f"v{NOTE_VERSIONS_MAX + 2}",
            "v3",
        ]
        assert tx.annotations.notes.newest("other", NoteKind.CALL, one.id) == Note()
        gists = tx.annotations.gists("default", [one.id, "none"])
        assert (gists[one.id].has_note, gists["none"].has_note) == (True, False)


def test_each_branch_is_a_range_of_an_index(store: Store) -> None:
    (one,) = make_calls(store, 1)
    with store.transaction() as tx:
        connection = connection_of(tx)
        if connection.dialect.name != "sqlite":
            return  # PostgreSQL's plan depends on the number of rows
        for branch in (
            tag_branch("default", one.id),
            mark_branches("default", 10, 10)[0],
            way_of("default", Found((), (1,))).in_order[0],
        ):
            newest = branch.order_by(*[column.desc() for column in branch.selected_columns]).limit(50)
            sql = str(newest.compile(connection, compile_kwargs={"literal_binds": True}))
            plan = " ".join(row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {sql}")))
            assert "SEARCH" in plan
            assert "TEMP B-TREE" not in plan
