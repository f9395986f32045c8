"""What people say of calls: tags, marks, the note, comments."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from fonoteka import archive
from fonoteka.api import annotation_models as models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import known_call_id
from fonoteka.api.services import GivenServices

router = APIRouter(tags=["annotations"], route_class=LimitedRoute)

CallId = Annotated[str, Depends(known_call_id)]
TagId = Annotated[str, Path(description="A tag's `id`.", max_length=100)]
OneTagId = Annotated[str, Path(alias="id", description="A tag's `id`.", max_length=100)]
CommentId = Annotated[str, Path(description="A comment's `id`.", max_length=100)]
_CHANGE = problems(400, 401, 403, 404, 409, 422)
_READ = problems(401, 403, 404, 422)


@readable(router, "/tags", operation_id="list_tags", responses=problems(401, 403, 422))
def list_tags(actor: SignedIn, services: GivenServices) -> models.Tags:
    """All tags; who may change them sees on how many calls each is."""
    found = archive.list_tags(services.archive, actor)
    return models.Tags(items=tuple(models.TagUse.model_validate(one) for one in found))


@router.post("/tags", operation_id="create_tag", status_code=201, responses=problems(400, 401, 403, 409, 422))
def create_tag(actor: SignedIn, services: GivenServices, given: models.NewTag) -> models.Tag:
    """A new tag."""
    return models.Tag.model_validate(archive.create_tag(services.archive, actor, given.name, given.colour))


@router.put("/tags/{id}", operation_id="save_tag", responses=_CHANGE)
def save_tag(actor: SignedIn, services: GivenServices, tag_id: OneTagId, given: models.NewTag) -> models.Tag:
    """Another name or colour, on every call."""
    changed = archive.change_tag(services.archive, actor, tag_id, given.name, given.colour)
    return models.Tag.model_validate(changed)


@router.post("/tags/{id}/merge", operation_id="merge_tag", responses=_CHANGE)
def merge_tag(
    actor: SignedIn, services: GivenServices, tag_id: OneTagId, given: models.TagMerge
) -> models.Tag:
    """Every call with this tag has the other instead; this one is no more."""
    merged = archive.merge_tags(services.archive, actor, tag_id, given.into, given.agreed_calls)
    return models.Tag.model_validate(merged)


@router.delete("/tags/{id}", operation_id="delete_tag", status_code=204, responses=_CHANGE)
def delete_tag(
    actor: SignedIn,
    services: GivenServices,
    tag_id: OneTagId,
    agreed_calls: Annotated[
        int, Query(description="On so many calls it may be; 409 when it is on more.", ge=0, le=2**31)
    ] = 0,
) -> None:
    """Take a tag off every call, and away. 409 too while the storage has terms for it."""
    archive.delete_tag(services.archive, actor, tag_id, agreed_calls)


@readable(router, "/calls/{call_id}/annotations", operation_id="get_annotations", responses=_READ)
def get_annotations(actor: SignedIn, services: GivenServices, call_id: CallId) -> models.Annotations:
    """All that is said of a call."""
    return models.Annotations.model_validate(archive.get_annotations(services.archive, actor, call_id))


@router.put("/calls/{call_id}/tags/{tag_id}", operation_id="tag_call", status_code=204, responses=_CHANGE)
def tag_call(actor: SignedIn, services: GivenServices, call_id: CallId, tag_id: TagId) -> None:
    """Put a tag on a call; repeating it changes nothing."""
    archive.tag_call(services.archive, actor, call_id, tag_id)


@router.delete(
    "/calls/{call_id}/tags/{tag_id}", operation_id="untag_call", status_code=204, responses=_CHANGE
)
def untag_call(actor: SignedIn, services: GivenServices, call_id: CallId, tag_id: TagId) -> None:
    """Take a tag off a call; repeating it changes nothing."""
    archive.untag_call(services.archive, actor, call_id, tag_id)


@router.put("/calls/{call_id}/mark", operation_id="mark_call", status_code=204, responses=_CHANGE)
def mark_call(actor: SignedIn, services: GivenServices, call_id: CallId, given: models.NewMark) -> None:
    """Give a call a mark, in the place of the own earlier one."""
    archive.mark_call(services.archive, actor, call_id, given.mark, given.comment)


@router.delete("/calls/{call_id}/mark", operation_id="unmark_call", status_code=204, responses=_CHANGE)
def unmark_call(actor: SignedIn, services: GivenServices, call_id: CallId) -> None:
    """Take the own mark away; repeating it changes nothing."""
    archive.unmark_call(services.archive, actor, call_id)


@router.put("/calls/{call_id}/note", operation_id="write_note", responses=_CHANGE)
def write_note(
    actor: SignedIn, services: GivenServices, call_id: CallId, given: models.NoteText
) -> models.Note:
    """Write the call's note. 409 when somebody else wrote meanwhile: nobody's text is lost."""
    note = archive.write_note(services.archive, actor, call_id, given.text, given.based_on_version)
    return models.Note.model_validate(note)


@readable(router, "/calls/{call_id}/note/history", operation_id="get_note_history", responses=_READ)
def get_note_history(actor: SignedIn, services: GivenServices, call_id: CallId) -> models.NoteHistory:
    """The versions of the call's note."""
    found = archive.note_history(services.archive, actor, call_id)
    return models.NoteHistory(items=tuple(models.Note.model_validate(one) for one in found))


@router.post("/calls/{call_id}/comments", operation_id="create_comment", status_code=201, responses=_CHANGE)
def create_comment(
    actor: SignedIn, services: GivenServices, call_id: CallId, given: models.NewComment
) -> models.Comment:
    """Say something of a moment of a recording, or of the call."""
    made = archive.comment_call(services.archive, actor, call_id, given.text, given.recording_id, given.at_ms)
    return models.Comment.model_validate(made)


@router.put("/calls/{call_id}/comments/{comment_id}", operation_id="save_comment", responses=_CHANGE)
def save_comment(
    actor: SignedIn,
    services: GivenServices,
    call_id: CallId,
    comment_id: CommentId,
    given: models.CommentText,
) -> models.Comment:
    """Write the own comment anew."""
    edited = archive.edit_comment(
        services.archive, actor, call_id, comment_id, given.text, given.based_on_version
    )
    return models.Comment.model_validate(edited)


@router.delete(
    "/calls/{call_id}/comments/{comment_id}",
    operation_id="delete_comment",
    status_code=204,
    responses=_CHANGE,
)
def delete_comment(actor: SignedIn, services: GivenServices, call_id: CallId, comment_id: CommentId) -> None:
    """Delete a comment: the own, or anybody's for who may delete the recording. It can be restored."""
    archive.delete_comment(services.archive, actor, call_id, comment_id)


@router.post(
    "/calls/{call_id}/comments/{comment_id}/restore", operation_id="restore_comment", responses=_CHANGE
)
def restore_comment(
    actor: SignedIn, services: GivenServices, call_id: CallId, comment_id: CommentId
) -> models.Comment:
    """Bring a deleted comment back, within 30 days."""
    return models.Comment.model_validate(
        archive.restore_comment(services.archive, actor, call_id, comment_id)
    )
