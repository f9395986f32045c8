"""What a list of calls asks of their annotations, in two forms that mean the same.

A **branch** is a select of (started_at, call_id) that is a range of one index in the order of the list: with
a limit it costs the same at a million calls as at a thousand. Give each branch the order and the limit, join
them with UNION ALL, and take the calls (as `call_postings` does with speakers); a call may come in
several branches. Use branches for the condition that few calls fulfil.

A **condition** is about a row of `calls`, one look at an index by its id. Use it for all further ones, or
where there are no branches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, exists, select

from fonoteka.store.note_words import beginning
from fonoteka.store.tables import call_tags, call_words, calls, mark_means, note_words

TENTHS_MIN, TENTHS_MAX = 10, 50
Branch = Select[Any]


def tag_branch(tenant_id: str, tag_id: str) -> Branch:
    """Calls with the tag."""
    c = call_tags.c
    return select(c.started_at, c.call_id).where(c.tenant_id == tenant_id, c.tag_id == tag_id)


def has_tag(tag_id: str) -> ColumnElement[bool]:
    """The call has the tag. Whoever asks has made sure that the tag is the tenant's."""
    c = call_tags.c
    return exists(select(1).where(c.call_id == calls.c.id, c.tag_id == tag_id))


def mark_branches(tenant_id: str, tenths_min: int, tenths_max: int) -> list[Branch]:
    """Calls whose mean mark, in tenths, lies between (both inclusive): a branch for each tenth.

    “Mark 2 or less” is 10 to 20. There are at most 41 branches, most of them empty.
    """
    c = mark_means.c
    of_tenant = select(c.started_at, c.call_id).where(c.tenant_id == tenant_id)
    tenths = range(max(TENTHS_MIN, tenths_min), min(TENTHS_MAX, tenths_max) + 1)
    return [of_tenant.where(c.tenths == one) for one in tenths]


def has_mark(tenths_min: int = TENTHS_MIN, tenths_max: int = TENTHS_MAX) -> ColumnElement[bool]:
    """The call's mean mark, in tenths, lies between, both inclusive; `~has_mark()`: it has none."""
    c = mark_means.c
    return exists(select(1).where(c.call_id == calls.c.id, c.tenths >= tenths_min, c.tenths <= tenths_max))


def has_word(tenant_id: str, word_ids: Sequence[int], call_id: ColumnElement[str]) -> ColumnElement[bool]:
    """The call's note or a comment has one of the words."""
    c = call_words.c
    ids: BindParameter[int] = bindparam("ids", word_ids, expanding=True, literal_execute=True, unique=True)
    return exists(select(1).where(c.call_id == call_id, c.tenant_id == tenant_id, c.word_id.in_(ids)))


def says(
    tenant_id: str, word: str, *, whole_numbers: bool, call_id: ColumnElement[str] = calls.c.id
) -> ColumnElement[bool]:
    """The call's note or a comment has a word that begins so. `word` is one of `note_words.words_of`.

    Of several words each is a condition of its own. `whole_numbers` as in `CallQuery`.
    """
    alike = beginning(tenant_id, word, whole_numbers=whole_numbers)
    c = call_words.c
    return exists(
        select(1)
        .select_from(call_words.join(note_words, note_words.c.id == c.word_id))
        .where(c.call_id == call_id, *alike)
    )
