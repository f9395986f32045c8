"""What the page of a call shows of what people say of it, and what this visitor may do about it."""

from __future__ import annotations

from dataclasses import dataclass

from fonoteka.archive import Archive, get_annotations, list_tags, listeners, may_delete_comment
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.annotations import Annotations, CallMark, Comment, Listening, Tag
from fonoteka.domain.call import Call

_LISTENINGS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Undo:
    """How to take back what was just done: a form that goes to `action` with these fields."""

    text: str
    action: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a change: in which section, what is wrong (empty: all is well), the way back.

    `draft` is a text that could not be saved; nobody has to write it again.
    """

    section: str = ""
    problem: str = ""
    undo: Undo | None = None
    draft: str | None = None


@dataclass(frozen=True, slots=True)
class SaidView:
    """One visitor's view. `tags` are those that could still be put on; `listenings` None: not to be seen."""

    call: Call
    said: Annotations
    mine: CallMark | None
    tags: tuple[Tag, ...]
    deletable: frozenset[str]
    own: frozenset[str]
    listenings: tuple[Listening, ...] | None
    told: Told

    def moment(self, comment: Comment) -> str:
        """The address of the comment's moment within the page."""
        return f"#t={(comment.at_ms or 0) // 1000}"


def said_view(archive: Archive, actor: Actor, call: Call, told: Told) -> SaidView:
    """Raises `CallNotFound`."""
    said = get_annotations(archive, actor, call.id)
    there = {one.tag.id for one in said.tags}
    return SaidView(
        call=call,
        said=said,
        mine=said.mark_of(actor.id),
        tags=tuple(one.tag for one in list_tags(archive, actor) if one.tag.id not in there),
        deletable=frozenset(one.id for one in said.comments if may_delete_comment(actor, call, one)),
        own=frozenset(one.id for one in said.comments if one.author_id == actor.id),
        listenings=_listenings(archive, actor, call),
        told=told,
    )


def _listenings(archive: Archive, actor: Actor, call: Call) -> tuple[Listening, ...] | None:
    if not may(actor, Permission.LISTENERS_SEE, call.tenant_id):
        return None
    return listeners(archive, actor, call.id, _LISTENINGS_SHOWN)
