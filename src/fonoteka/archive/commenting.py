"""Comments at a moment of a recording: written, edited, deleted, brought back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fonoteka.archive.annotating import locked_call
from fonoteka.archive.archive import Archive
from fonoteka.archive.visibility import masked_text, numbers_of, unmasked_text
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.annotations import (
    COMMENT_CHARACTERS_MAX,
    COMMENTS_OF_CALL_MAX,
    UNDO_DAYS,
    Comment,
    checked_text,
)
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call
from fonoteka.domain.errors import AccessDenied, CommentNotFound, RequestInvalid, VersionConflict
from fonoteka.domain.ids import is_id, new_id
from fonoteka.store import Transaction


def comment_call(
    archive: Archive,
    actor: Actor,
    call_id: str,
    text: str,
    recording_id: str | None = None,
    at_ms: int | None = None,
) -> Comment:
    """Say something of a moment of a recording, or, without both, of the call.

    Raises `CallNotFound`, `RequestInvalid` (fields `text`, `recording_id`, `at_ms`), `AccessDenied`.
    """
    text = checked_text("text", text, COMMENT_CHARACTERS_MAX, may_be_empty=False)
    with archive.store.transaction() as tx:
        call = locked_call(tx, actor, call_id, Permission.CALL_ANNOTATE)
        _check_moment(call, recording_id, at_ms)
        at = archive.now()
        tx.annotations.comments.forget_deleted(call.id, at - timedelta(days=UNDO_DAYS))
        if tx.annotations.comments.count(call.id) >= COMMENTS_OF_CALL_MAX:
            raise RequestInvalid("text", f"A call has at most {COMMENTS_OF_CALL_MAX} comments.", "body")
        comment = Comment(new_id(), call.id, recording_id, at_ms, text, actor.id, actor.name, at)
        tx.annotations.comments.add(call.tenant_id, comment)
        _written(archive, tx, actor, call, comment, "added")
    return _as_seen(actor, comment)


def edit_comment(
    archive: Archive, actor: Actor, call_id: str, comment_id: str, text: str, based_on_version: int
) -> Comment:
    """Write the own comment anew; the text that is there already changes nothing.

    `based_on_version` is the version that was looked at. Raises `CallNotFound`, `CommentNotFound`,
    `RequestInvalid` (field `text`), `VersionConflict`, `AccessDenied`.
    """
    text = checked_text("text", text, COMMENT_CHARACTERS_MAX, may_be_empty=False)
    with archive.store.transaction() as tx:
        call = locked_call(tx, actor, call_id, Permission.CALL_ANNOTATE)
        known = _known(tx, call, comment_id)
        if known.deleted_at is not None:
            raise CommentNotFound
        if known.author_id != actor.id:
            raise AccessDenied("Only the author edits a comment.")
        text = unmasked_text(actor, call.tenant_id, text, known.text)
        if text == known.text:
            return _as_seen(actor, known)
        if known.version != based_on_version:
            raise VersionConflict(version=known.version, based_on_version=based_on_version)
        comment = replace(known, text=text, version=known.version + 1, edited_at=archive.now())
        tx.annotations.comments.change(comment)
        _written(archive, tx, actor, call, comment, "edited")
    return _as_seen(actor, comment)


def delete_comment(archive: Archive, actor: Actor, call_id: str, comment_id: str) -> None:
    """Delete the own comment, or anybody's for who may delete the recording. Repeating changes nothing.

    `restore_comment` brings it back. Raises `CallNotFound`, `CommentNotFound`, `AccessDenied`.
    """
    with archive.store.transaction() as tx:
        call = locked_call(tx, actor, call_id, Permission.CALL_ANNOTATE)
        known = _known(tx, call, comment_id)
        _require_power(actor, call, known)
        if known.deleted_at is None:
            comment = replace(known, deleted_at=archive.now())
            tx.annotations.comments.change(comment)
            _written(archive, tx, actor, call, comment, "deleted")


def restore_comment(archive: Archive, actor: Actor, call_id: str, comment_id: str) -> Comment:
    """Bring a deleted comment back, within `UNDO_DAYS`. Raises as `delete_comment`."""
    with archive.store.transaction() as tx:
        call = locked_call(tx, actor, call_id, Permission.CALL_ANNOTATE)
        known = _known(tx, call, comment_id)
        _require_power(actor, call, known)
        if known.deleted_at is None:
            return _as_seen(actor, known)
        if archive.now() - known.deleted_at > timedelta(days=UNDO_DAYS):
            raise CommentNotFound
        comment = replace(known, deleted_at=None)
        tx.annotations.comments.change(comment)
        _written(archive, tx, actor, call, comment, "restored")
    return _as_seen(actor, comment)


def may_delete_comment(actor: Actor, call: Call, comment: Comment) -> bool:
    """Whether the actor may delete the comment: its author, and who may delete the call's recording."""
    numbers = numbers_of(call)
    return may(actor, Permission.CALL_ANNOTATE, call.tenant_id, numbers) and (
        comment.author_id == actor.id or may(actor, Permission.RECORDING_DELETE, call.tenant_id, numbers)
    )


def _known(tx: Transaction, call: Call, comment_id: str) -> Comment:
    found = tx.annotations.comments.get(call.tenant_id, comment_id) if is_id(comment_id) else None
    if found is None or found.call_id != call.id:
        raise CommentNotFound
    return found


def _require_power(actor: Actor, call: Call, comment: Comment) -> None:
    if not may_delete_comment(actor, call, comment):
        raise AccessDenied("Only the author and who may delete the recording delete a comment.")


def _written(
    archive: Archive, tx: Transaction, actor: Actor, call: Call, comment: Comment, what: str
) -> None:
    tx.annotations.index_words(call)
    tx.audit.append(actor, AuditAction.CALL_COMMENTED, call.id, f"{what}={comment.id}", archive.now())


def _check_moment(call: Call, recording_id: str | None, at_ms: int | None) -> None:
    if (recording_id is None) != (at_ms is None):
        missing = "recording_id" if recording_id is None else "at_ms"
        raise RequestInvalid(missing, "A moment needs a recording and its milliseconds.", "body")
    if recording_id is None or at_ms is None:
        return
    recording = next((one for one in call.recordings if one.id == recording_id), None)
    if recording is None:
        raise RequestInvalid("recording_id", "It is no recording of this call.", "body")
    if not 0 <= at_ms <= recording.duration_ms:
        raise RequestInvalid("at_ms", f"The recording has {recording.duration_ms} ms.", "body")


def _as_seen(actor: Actor, comment: Comment) -> Comment:
    return replace(comment, text=masked_text(actor, actor.tenant_id, comment.text))
