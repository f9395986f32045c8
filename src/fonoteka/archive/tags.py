"""A tenant's tags: listed, made, changed, merged, deleted."""

from __future__ import annotations

from dataclasses import replace

from fonoteka.archive.archive import Archive
from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.annotations import TAGS_MAX, Tag, TagColour, TagUse, checked_name
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import RequestInvalid, TagGoverns, TagInUse, TagNotFound, TagTaken
from fonoteka.domain.ids import is_id, new_id
from fonoteka.domain.retention import TermScope
from fonoteka.store import Transaction


def list_tags(archive: Archive, actor: Actor) -> tuple[TagUse, ...]:
    """The tenant's tags by name. Only who may change them is told on how many calls each is.

    Raises `AccessDenied`.
    """
    require(actor, Permission.CALL_SEE, actor.tenant_id)
    with archive.store.reading() as tx:
        known = tx.tags.all(actor.tenant_id)
        if not may(actor, Permission.TAGS_CHANGE, actor.tenant_id):
            return tuple(TagUse(one, None) for one in known)
        uses = tx.tags.uses(actor.tenant_id)
    return tuple(TagUse(one, uses.get(one.id, 0)) for one in known)


def create_tag(archive: Archive, actor: Actor, name: str, colour: TagColour = TagColour.GREY) -> Tag:
    """Make a tag. Raises `RequestInvalid` (field `name`), `TagTaken`, `AccessDenied`."""
    require(actor, Permission.TAG_CREATE, actor.tenant_id)
    tag = Tag(new_id(), actor.tenant_id, checked_name(name), colour)
    with archive.store.transaction() as tx:
        if tx.tags.count(tag.tenant_id) >= TAGS_MAX:
            raise RequestInvalid("name", f"There are {TAGS_MAX} tags, and no more can be made.", "body")
        if not tx.tags.add(tag):
            raise TagTaken
        tx.audit.append(actor, AuditAction.TAGS_CHANGED, tag.id, f"created={tag.name}", archive.now())
    return tag


def tag_of_name(archive: Archive, actor: Actor, name: str, *, make: bool = True) -> Tag:
    """The tag of that name, whatever its case, made if need be and allowed.

    Raises `RequestInvalid` (field `name`), `TagNotFound` when there is none and none is to be made or the
    actor may not, `AccessDenied`.
    """
    plain = checked_name(name)
    require(actor, Permission.CALL_SEE, actor.tenant_id)
    with archive.store.reading() as tx:
        known = tx.tags.of_name(actor.tenant_id, plain)
    if known is None and not (make and may(actor, Permission.TAG_CREATE, actor.tenant_id)):
        raise TagNotFound
    return create_tag(archive, actor, plain) if known is None else known


def change_tag(
    archive: Archive, actor: Actor, tag_id: str, name: str | None = None, colour: TagColour | None = None
) -> Tag:
    """Give a tag another name or colour, on every call; None leaves it.

    Raises `TagNotFound`, `RequestInvalid` (field `name`), `TagTaken`, `AccessDenied`.
    """
    require(actor, Permission.TAGS_CHANGE, actor.tenant_id)
    with archive.store.transaction() as tx:
        known = known_tag(tx, actor, tag_id)
        changed = replace(
            known,
            name=known.name if name is None else checked_name(name),
            colour=known.colour if colour is None else colour,
        )
        namesake = tx.tags.of_name(actor.tenant_id, changed.name)
        if namesake is not None and namesake.id != known.id:
            raise TagTaken
        if changed != known:
            tx.tags.change(changed)
            detail = f"was={known.name} is={changed.name} colour={changed.colour}"
            tx.audit.append(actor, AuditAction.TAGS_CHANGED, known.id, detail, archive.now())
    return changed


def merge_tags(archive: Archive, actor: Actor, tag_id: str, into_id: str, agreed_calls: int = 0) -> Tag:
    """Every call with the one tag has the other instead; the one is no more. The other is returned.

    `agreed_calls` are the calls of which it was said that they would change. Raises `TagNotFound`,
    `RequestInvalid` (field `into`), `TagInUse`, `TagGoverns` when the storage has terms for either,
    `AccessDenied`.
    """
    require(actor, Permission.TAGS_CHANGE, actor.tenant_id)
    if tag_id == into_id:
        raise RequestInvalid("into", "A tag cannot be merged with itself.", "body")
    with archive.store.transaction() as tx:
        tx.identities.take_turns(actor.tenant_id)  # no call begins at another instant meanwhile
        known, target = _both(tx, actor, tag_id, into_id)
        _refuse_governing(tx, known, target)
        calls = _agreed(tx, known, agreed_calls)
        tx.tags.merge(known, target)
        detail = f"merged={known.name} into={target.name} calls={calls}"
        tx.audit.append(actor, AuditAction.TAGS_CHANGED, known.id, detail, archive.now())
    return target


def delete_tag(archive: Archive, actor: Actor, tag_id: str, agreed_calls: int = 0) -> None:
    """Take a tag off every call, and away.

    Raises `TagNotFound`, `TagInUse` when it is on more calls than `agreed_calls`, `TagGoverns` when the
    storage has terms for it, `AccessDenied`.
    """
    require(actor, Permission.TAGS_CHANGE, actor.tenant_id)
    with archive.store.transaction() as tx:
        tx.identities.take_turns(actor.tenant_id)
        known = known_tag(tx, actor, tag_id)
        _refuse_governing(tx, known)
        calls = _agreed(tx, known, agreed_calls)
        tx.tags.delete(known.id)
        detail = f"deleted={known.name} calls={calls}"
        tx.audit.append(actor, AuditAction.TAGS_CHANGED, known.id, detail, archive.now())


def known_tag(tx: Transaction, actor: Actor, tag_id: str) -> Tag:
    """The tag, kept from others until the transaction ends. Raises `TagNotFound`."""
    tag = tx.tags.get_locked(actor.tenant_id, tag_id) if is_id(tag_id) else None
    if tag is None:
        raise TagNotFound
    return tag


def _both(tx: Transaction, actor: Actor, one: str, other: str) -> tuple[Tag, Tag]:
    """The tags in the order asked for, locked in that of their ids: two who merge wait for each other."""
    locked = {id_: known_tag(tx, actor, id_) for id_ in sorted((one, other))}
    return locked[one], locked[other]


def _agreed(tx: Transaction, tag: Tag, agreed_calls: int) -> int:
    calls = tx.tags.calls_of(tag)
    if calls > agreed_calls:
        raise TagInUse(calls)
    return calls


def _refuse_governing(tx: Transaction, *tags: Tag) -> None:
    ids = {one.id for one in tags}
    terms = tx.terms.newest(tags[0].tenant_id).terms
    if any(one.scope is TermScope.TAG and one.subject_id in ids for one in terms):
        raise TagGoverns
