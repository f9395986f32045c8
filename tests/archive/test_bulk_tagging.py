"""Tags of many calls: put on and taken off in steps, undone, and nobody's term is changed by who may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fonoteka.archive import (
    Archive,
    change_retention,
    create_tag,
    get_annotations,
    kept_until,
    register_call,
    retention_terms,
    tag_call,
    tag_selection,
    undo_tagging,
    untag_call,
    untag_selection,
)
from fonoteka.domain.access import Actor, Permission, Role
from fonoteka.domain.annotations import TAGS_OF_CALL_MAX
from fonoteka.domain.bulk import BulkStep, LeftAlone
from fonoteka.domain.call import Call
from fonoteka.domain.errors import AccessDenied, RequestInvalid, TagNotFound, TagProtects
from fonoteka.domain.ids import new_id
from fonoteka.domain.query import CallQuery, CallSelection
from fonoteka.domain.retention import RetentionTerm, RetentionTerms, TermScope
from tests.archive.test_bulk import EVERYTHING, filled, whole
from tests.examples import NOON, actor, call

OTHER = replace(actor(name="boris"), id="boris", role=Role.SUPERVISOR)


def tags_of(archive: Archive, one: Call) -> list[tuple[str, str]]:
    found = get_annotations(archive, actor(one.tenant_id), one.id).tags
    return [(tag.tag.name, tag.author_name) for tag in found]


def named(*some: Call) -> CallSelection:
    return CallSelection(tuple(one.id for one in some))


def governed(archive: Archive, tag_id: str, delete_after_days: int | None) -> None:
    """From now on the tag keeps recordings, or deletes them."""
    days = (None, delete_after_days) if delete_after_days else (3_650, None)
    terms = RetentionTerms("default", terms=(RetentionTerm(TermScope.TAG, tag_id, *days),))
    change_retention(archive, actor(), replace(terms, version=retention_terms(archive, actor()).version))


def test_all_of_a_search_is_tagged_untagged_and_back(archive: Archive) -> None:
    calls = filled(archive, 405)
    tag = create_tag(archive, actor(), "Спор")
    before, full, left_out = calls[3], calls[5], calls[7]
    tag_call(archive, OTHER, before.id, tag.id)
    for n in range(TAGS_OF_CALL_MAX):
        tag_call(archive, actor(), full.id, create_tag(archive, actor(), str(n)).id)
    selection = replace(EVERYTHING, without=frozenset({left_out.id}))
    put = new_id()
    done = whole(lambda at: tag_selection(archive, actor(), selection, put, tag.id, at), repeated=True)
    assert done == BulkStep(404, 402, {LeftAlone.TAGGED: 1, LeftAlone.FULL: 1})
    assert tags_of(archive, calls[0]) == [("Спор", actor().name)]
    assert tags_of(archive, left_out) == []

    # What the search asks for is what is taken away: none is passed over.
    tagged = CallSelection(query=CallQuery(tag_ids=frozenset({tag.id}), include_unheard=True))
    taken = new_id()
    gone = whole(lambda at: untag_selection(archive, actor(), tagged, taken, tag.id, at))
    assert gone == BulkStep(403, 403)
    assert tags_of(archive, before) == []
    back = whole(lambda at: undo_tagging(archive, actor(), taken, at))
    assert back == BulkStep(403, 403)
    assert tags_of(archive, before) == [("Спор", "boris")]

    # Undone is what is still as it was made: somebody else's tag stays.
    untag_call(archive, actor(), calls[0].id, tag.id)
    tag_call(archive, OTHER, calls[0].id, tag.id)
    assert undo_tagging(archive, OTHER, put) == BulkStep(0, 0)
    back = whole(lambda at: undo_tagging(archive, actor(), put, at))
    assert back == BulkStep(402, 401, {LeftAlone.UNTAGGED: 1})
    assert tags_of(archive, calls[1]) == []
    assert undo_tagging(archive, actor(), put).done == 0
    with archive.store.reading() as tx:
        events = tx.audit.newest("default", 10_000)
    assert sum(one.detail == f"tag=Спор bulk={put}" for one in events) == 402
    assert sum(one.detail == f"tag=Спор undone={put}" for one in events) == 401


def test_what_is_not_ones_own_stays(archive: Archive) -> None:
    mine, others = filled(archive, 2), filled(archive, 2, "102")
    theirs = call(tenant_id="theirs")
    register_call(archive, theirs)
    tag = create_tag(archive, actor(), "Спор")
    who = replace(OTHER, extensions=frozenset({"101"}))
    selection = named(*mine, *others, theirs)
    assert tag_selection(archive, who, selection, new_id(), tag.id) == BulkStep(
        2, 2, {LeftAlone.NOT_FOUND: 3}
    )
    assert tag_selection(archive, who, EVERYTHING, new_id(), tag.id).left == {LeftAlone.TAGGED: 2}
    assert tags_of(archive, others[0]) == []
    operation = new_id()
    assert tag_selection(archive, OTHER, named(*others), operation, tag.id).done == 2
    # By then the right to these calls is gone.
    assert undo_tagging(archive, who, operation) == BulkStep(2, 0, {LeftAlone.NOT_FOUND: 2})
    for stranger in (actor("theirs"), replace(actor("theirs"), id=OTHER.id)):
        with pytest.raises(TagNotFound):
            tag_selection(archive, stranger, EVERYTHING, new_id(), tag.id)
        assert undo_tagging(archive, stranger, operation) == BulkStep(0, 0)
    auditor = replace(actor(), role=Role.AUDITOR)
    for ask in (
        lambda: tag_selection(archive, auditor, EVERYTHING, new_id(), tag.id),
        lambda: untag_selection(archive, auditor, EVERYTHING, new_id(), tag.id),
        lambda: undo_tagging(archive, auditor, operation),
    ):
        with pytest.raises(AccessDenied):
            ask()


def test_a_tag_that_keeps_is_taken_off_by_who_may_or_as_a_slip(archive: Archive) -> None:
    old, fresh = filled(archive, 2)
    tag = create_tag(archive, actor(), "Спор")
    governed(archive, tag.id, None)
    tag_call(archive, actor(), old.id, tag.id)
    operation = new_id()
    assert tag_selection(archive, OTHER, named(fresh), operation, tag.id).done == 1
    assert kept_until(archive, actor(), fresh.recordings[0].id).protected_until is not None
    look = untag_selection(archive, OTHER, named(old, fresh), new_id(), tag.id)
    assert look == BulkStep(2, 1, {LeftAlone.GOVERNED: 1})
    assert kept_until(archive, actor(), fresh.recordings[0].id).protected_until is None
    assert tag_selection(archive, OTHER, named(fresh), operation := new_id(), tag.id).done == 1
    later = replace(archive, now=lambda: NOON + timedelta(days=400))
    assert undo_tagging(later, OTHER, operation).left == {LeftAlone.GOVERNED: 1}
    assert untag_selection(archive, actor(), named(old, fresh), new_id(), tag.id).done == 2


def test_a_tag_that_deletes_is_put_by_who_may_delete(archive: Archive) -> None:
    (one,) = filled(archive, 1)
    tag = create_tag(archive, actor(), "Личное")
    governed(archive, tag.id, 30)
    quality = replace(OTHER, role=Role.QUALITY)
    assert Permission.RECORDING_DELETE not in quality.granted
    with pytest.raises(TagProtects):
        tag_selection(archive, quality, named(one), new_id(), tag.id)
    assert tags_of(archive, one) == []
    assert tag_selection(archive, OTHER, named(one), new_id(), tag.id).done == 1


@pytest.mark.parametrize(
    ("who", "selection", "operation", "cursor", "field"),
    [
        (actor(), CallSelection(), None, None, "ids"),
        (actor(), EVERYTHING, "' OR 1=1", None, "operation"),
        (actor(), EVERYTHING, None, "nonsense", "cursor"),
    ],
)
def test_what_cannot_be_understood_is_told(
    archive: Archive,
    who: Actor,
    selection: CallSelection,
    operation: str | None,
    cursor: str | None,
    field: str,
) -> None:
    tag = create_tag(archive, actor(), "Спор")
    with pytest.raises(RequestInvalid) as caught:
        tag_selection(archive, who, selection, new_id() if operation is None else operation, tag.id, cursor)
    assert caught.value.field == field


def test_an_operation_is_one_work(archive: Archive) -> None:
    (one,) = filled(archive, 1)
    tag, other = (create_tag(archive, actor(), name) for name in ("Спор", "Иное"))
    operation = new_id()
    tag_selection(archive, actor(), named(one), operation, tag.id)
    for ask in (
        lambda: tag_selection(archive, actor(), named(one), operation, other.id),
        lambda: untag_selection(archive, actor(), named(one), operation, tag.id),
        lambda: tag_selection(archive, OTHER, named(one), operation, tag.id),
        lambda: undo_tagging(archive, actor(), operation, "nonsense"),
        lambda: undo_tagging(archive, actor(), ""),
    ):
        with pytest.raises(RequestInvalid):
            ask()
    with pytest.raises(TagNotFound):
        tag_selection(archive, actor(), named(one), new_id(), new_id())
    assert tags_of(archive, one) == [("Спор", actor().name)]


def test_what_is_long_ago_is_forgotten(archive: Archive) -> None:
    one, other = filled(archive, 2)
    tag = create_tag(archive, actor(), "Спор")
    operation = new_id()
    tag_selection(archive, actor(), named(one), operation, tag.id)
    later = replace(archive, now=lambda: archive.now() + timedelta(days=2))
    tag_selection(later, actor(), named(other), new_id(), tag.id)
    assert undo_tagging(later, actor(), operation) == BulkStep(0, 0)
    assert tags_of(archive, one) == [("Спор", actor().name)]
