"""What people say of calls: tags put on, marks given, the note written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fonoteka.archive.archive import Archive
from fonoteka.archive.tags import known_tag
from fonoteka.archive.terms import bring_terms, terms_of_tag
from fonoteka.archive.visibility import masked_text, numbers_of, unmasked_text, visible_call
from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.annotations import (
    MARK_COMMENT_CHARACTERS_MAX,
    MARK_MAX,
    MARK_MIN,
    MARKS_OF_CALL_MAX,
    NOTE_CHARACTERS_MAX,
    NOTE_VERSIONS_MAX,
    SLIP_MINUTES,
    TAGS_OF_CALL_MAX,
    Annotations,
    CallMark,
    CallTag,
    Note,
    Tag,
    checked_text,
)
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call
from fonoteka.domain.errors import CallNotFound, RequestInvalid, TagProtects, VersionConflict
from fonoteka.store import NoteKind, Transaction


def get_annotations(archive: Archive, actor: Actor, call_id: str) -> Annotations:
    """All that is said of a call, numbers masked for who may not see them. Raises `CallNotFound`."""
    with archive.store.reading() as tx:
        call = visible_call(tx, actor, call_id)
        return _as_seen(actor, call, tx.annotations.of_call(call.tenant_id, call.id))


def tag_call(archive: Archive, actor: Actor, call_id: str, tag_id: str) -> None:
    """Put a tag on a call; repeating it changes nothing.

    A tag after whose term recordings are deleted is for who may delete them. Raises `CallNotFound`,
    `TagNotFound`, `RequestInvalid` (field `tag`), `TagProtects`, `AccessDenied`.
    """
    with archive.store.transaction() as tx:
        call, tag = _locked_both(tx, actor, call_id, tag_id)
        there = tx.tags.of_calls([call.id]).get(call.id, ())
        if any(one.tag.id == tag.id for one in there):
            return
        if len(there) >= TAGS_OF_CALL_MAX:
            raise RequestInvalid("tag", f"A call has at most {TAGS_OF_CALL_MAX} tags.", "body")
        deletes = any(one.delete_after_days is not None for one in terms_of_tag(tx, tag))
        if deletes and not may(actor, Permission.RECORDING_DELETE, call.tenant_id, numbers_of(call)):
            raise TagProtects
        at = archive.now()
        tx.tags.put(call, CallTag(tag, at, actor.id, actor.name))
        bring_terms(tx, call, at)
        tx.audit.append(actor, AuditAction.CALL_TAGGED, call.id, f"tag={tag.name}", at)


def untag_call(archive: Archive, actor: Actor, call_id: str, tag_id: str) -> None:
    """Take a tag off a call; repeating it changes nothing.

    One that protects recordings is for who may change the storage, except that whoever put it there by
    mistake may take it off again within minutes. Raises `CallNotFound`, `TagNotFound`, `TagProtects`,
    `AccessDenied`.
    """
    with archive.store.transaction() as tx:
        call, tag = _locked_both(tx, actor, call_id, tag_id)
        there = next((one for one in tx.tags.of_calls([call.id]).get(call.id, ()) if one.tag == tag), None)
        if there is None:
            return
        at = archive.now()
        is_slip = there.author_id == actor.id and at - there.at <= timedelta(minutes=SLIP_MINUTES)
        if not (is_slip or may(actor, Permission.STORAGE_CHANGE, call.tenant_id)) and terms_of_tag(tx, tag):
            raise TagProtects
        tx.tags.take(call.id, tag.id)
        bring_terms(tx, call, at)
        tx.audit.append(actor, AuditAction.CALL_UNTAGGED, call.id, f"tag={tag.name}", at)


def mark_call(archive: Archive, actor: Actor, call_id: str, mark: int, comment: str = "") -> None:
    """Give a call a mark, in the place of the actor's earlier one.

    Raises `CallNotFound`, `RequestInvalid` (fields `mark`, `comment`), `AccessDenied`.
    """
    if not MARK_MIN <= mark <= MARK_MAX:
        raise RequestInvalid("mark", f"A mark is {MARK_MIN} to {MARK_MAX}.", "body")
    comment = checked_text("comment", comment, MARK_COMMENT_CHARACTERS_MAX)
    with archive.store.transaction() as tx:
        call = locked_call(tx, actor, call_id, Permission.CALL_MARK)
        known = tx.annotations.marks.of_call(call.id)
        mine = next((one for one in known if one.author_id == actor.id), None)
        if mine is None and len(known) >= MARKS_OF_CALL_MAX:
            raise RequestInvalid("mark", f"A call has at most {MARKS_OF_CALL_MAX} marks.", "body")
        comment = unmasked_text(actor, call.tenant_id, comment, "" if mine is None else mine.comment)
        if mine is not None and (mine.mark, mine.comment) == (mark, comment):
            return
        at = archive.now()
        tx.annotations.marks.put(call, CallMark(actor.id, actor.name, mark, comment, at))
        was = "" if mine is None else f" was={mine.mark}"
        tx.audit.append(actor, AuditAction.CALL_MARKED, call.id, f"mark={mark}{was}", at)


def unmark_call(archive: Archive, actor: Actor, call_id: str) -> None:
    """Take the actor's own mark away; repeating it changes nothing. Raises `CallNotFound`, `AccessDenied`."""
    with archive.store.transaction() as tx:
        call = locked_call(tx, actor, call_id, Permission.CALL_MARK)
        mine = tx.annotations.of_call(call.tenant_id, call.id).mark_of(actor.id)
        if mine is None:
            return
        tx.annotations.marks.take(call, actor.id)
        detail = f"removed was={mine.mark}"
        tx.audit.append(actor, AuditAction.CALL_MARKED, call.id, detail, archive.now())


def write_note(archive: Archive, actor: Actor, call_id: str, text: str, based_on_version: int) -> Note:
    """Write the call's note; the text that is there already makes no new version.

    `based_on_version` is the version that was looked at. Raises `VersionConflict` when somebody else wrote
    meanwhile, `CallNotFound`, `RequestInvalid` (field `text`), `AccessDenied`.
    """
    text = checked_text("text", text, NOTE_CHARACTERS_MAX)
    with archive.store.transaction() as tx:
        call = locked_call(tx, actor, call_id, Permission.CALL_ANNOTATE)
        written = next_version(
            archive,
            actor,
            tx.annotations.notes.newest(call.tenant_id, NoteKind.CALL, call.id),
            text,
            based_on_version,
        )
        if written is not None:
            tx.annotations.notes.add(call.tenant_id, NoteKind.CALL, call.id, written)
            tx.annotations.index_words(call)
            detail = f"version={written.version}"
            tx.audit.append(actor, AuditAction.CALL_NOTED, call.id, detail, archive.now())
        note = tx.annotations.notes.newest(call.tenant_id, NoteKind.CALL, call.id)
    return seen_note(actor, note)


def note_history(archive: Archive, actor: Actor, call_id: str) -> tuple[Note, ...]:
    """The versions of the call's note, newest first. Raises `CallNotFound`."""
    with archive.store.reading() as tx:
        call = visible_call(tx, actor, call_id)
        found = tx.annotations.notes.history(call.tenant_id, NoteKind.CALL, call.id, NOTE_VERSIONS_MAX)
    return tuple(seen_note(actor, one) for one in found)


def next_version(
    archive: Archive, actor: Actor, known: Note, text: str, based_on_version: int
) -> Note | None:
    """The version that the text makes; None when it is the text already. Raises `VersionConflict`."""
    text = unmasked_text(actor, actor.tenant_id, text, known.text)
    if text == known.text:
        return None
    if known.version != based_on_version:
        raise conflict(known, based_on_version)
    return Note(known.version + 1, text, actor.id, actor.name, archive.now())


def conflict(known: Note, based_on_version: int) -> VersionConflict:
    """Somebody else wrote meanwhile."""
    return VersionConflict(version=known.version, based_on_version=based_on_version)


def seen_note(actor: Actor, note: Note) -> Note:
    """The note as the actor may see it."""
    return replace(note, text=masked_text(actor, actor.tenant_id, note.text))


def locked_call(tx: Transaction, actor: Actor, call_id: str, permission: Permission) -> Call:
    """The call, kept from others, if the actor may do that to it. Raises `CallNotFound`, `AccessDenied`."""
    seen = visible_call(tx, actor, call_id)
    call = tx.calls.get_locked(seen.id)
    if call is None:
        raise CallNotFound
    require(actor, permission, call.tenant_id, numbers_of(call))
    return call


def _locked_both(tx: Transaction, actor: Actor, call_id: str, tag_id: str) -> tuple[Call, Tag]:
    """The tag before the call: whoever merges tags holds them while it waits for calls."""
    visible_call(tx, actor, call_id)
    tag = known_tag(tx, actor, tag_id)
    return locked_call(tx, actor, call_id, Permission.CALL_ANNOTATE), tag


def _as_seen(actor: Actor, call: Call, said: Annotations) -> Annotations:
    def seen(text: str) -> str:
        return masked_text(actor, call.tenant_id, text)

    return replace(
        said,
        marks=tuple(replace(one, comment=seen(one.comment)) for one in said.marks),
        note=seen_note(actor, said.note),
        comments=tuple(replace(one, text=seen(one.text)) for one in said.comments),
    )
