"""Tags, marks, notes and comments as the API reads and writes them."""

from __future__ import annotations

from pydantic import Field

from fonoteka.api.instants import Instant
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.domain import annotations as domain
from fonoteka.domain.annotations import TagColour

VERSION = Field(description="The version that was looked at; 409 when there is a newer one.", ge=0, le=2**31)
AGREED_CALLS = Field(0, description="On so many calls it may be; 409 when it is on more.", ge=0, le=2**31)


class Tag(Given):
    """A tag."""

    id: str = Field(description="Its id.")
    name: str = Field(description="Unique, whatever its case.")
    colour: TagColour = Field(description="Its colour.")


class TagUse(Given):
    """A tag and its use."""

    tag: Tag = Field(description="The tag.")
    calls: int | None = Field(description="On how many calls it is; null: not yours to know.")


class Tags(Given):
    """All tags."""

    items: tuple[TagUse, ...] = Field(description="By name.")


class NewTag(Given):
    """A tag to make, or as it shall be."""

    name: PlainText = Field(description="1 to 40 characters.", examples=["complaint"], max_length=200)
    colour: TagColour = Field(TagColour.GREY, description="Its colour.")


class TagMerge(Given):
    """Which tag takes the place of the other."""

    into: PlainText = Field(description="The `id` of the tag that stays.", max_length=100)
    agreed_calls: int = AGREED_CALLS


class CallTag(Given):
    """A tag on a call."""

    tag: Tag = Field(description="The tag.")
    at: Instant = Field(description="Since when.")
    author_id: str = Field(description="Who put it there: a user's or a token's id.")
    author_name: str = Field(description="The name.")


class CallMark(Given):
    """Somebody's mark."""

    author_id: str = Field(description="Who gave it: a user's or a token's id.")
    author_name: str = Field(description="The name.")
    mark: int = Field(description="1 to 5.")
    comment: str = Field(description="Why; may be empty.")
    at: Instant = Field(description="When.")


class NewMark(Given):
    """A mark to give."""

    mark: int = Field(description="1 to 5.", ge=domain.MARK_MIN, le=domain.MARK_MAX, examples=[4])
    comment: str = Field(
        "", description="Why. Lines end in a line feed.", max_length=domain.MARK_COMMENT_CHARACTERS_MAX
    )


class Note(Given):
    """A version of a note."""

    version: int = Field(description="0: never written.")
    text: str = Field(description="May be empty.")
    author_id: str | None = Field(description="Who wrote it; null: nobody yet.")
    author_name: str | None = Field(description="The name.")
    at: Instant | None = Field(description="When.")


class NoteHistory(Given):
    """Versions of a note."""

    items: tuple[Note, ...] = Field(description="Newest first, up to 200.")


class NoteText(Given):
    """A note to write."""

    text: str = Field(
        description="The whole note. Lines end in a line feed.", max_length=domain.NOTE_CHARACTERS_MAX
    )
    based_on_version: int = VERSION


class Comment(Given):
    """A comment."""

    id: str = Field(description="Its id.")
    call_id: str = Field(description="The call's.")
    recording_id: str | None = Field(description="The recording whose moment it is about; null: the call.")
    at_ms: int | None = Field(description="The moment in milliseconds from the recording's start.")
    text: str = Field(description="What it says.")
    author_id: str = Field(description="Who wrote it: a user's or a token's id.")
    author_name: str = Field(description="The name.")
    created_at: Instant = Field(description="When.")
    version: int = Field(description="Grows with each edit, from 1.")
    edited_at: Instant | None = Field(description="When it was edited last.")
    deleted_at: Instant | None = Field(description="Always null: deleted ones are not shown.")


class NewComment(Given):
    """A comment to write; a moment needs both its recording and its milliseconds."""

    text: str = Field(
        description="Lines end in a line feed.",
        min_length=1,
        max_length=domain.COMMENT_CHARACTERS_MAX,
        examples=["Names the price"],
    )
    recording_id: PlainText | None = Field(None, description="A recording of the call.", max_length=100)
    at_ms: int | None = Field(
        None, description="Milliseconds from its start.", ge=0, le=2**53, examples=[83_000]
    )


class CommentText(Given):
    """A comment as it shall be."""

    text: str = Field(description="The whole text.", min_length=1, max_length=domain.COMMENT_CHARACTERS_MAX)
    based_on_version: int = VERSION


class Customer(Given):
    """Whoever stands behind the outside number of a call."""

    number: str = Field(description="The number; masked for who may not see numbers.")
    name: str = Field(description="The name that the call tells; may be empty.")
    note: Note = Field(description="The note about the customer that all share.")


class Listening(Given):
    """Somebody heard or took a recording."""

    recording_id: str = Field(description="Which.")
    actor_name: str = Field(description="Who.")
    at: Instant = Field(description="When.")
    is_download: bool = Field(description="Taken as a file, not only heard.")
    detail: str = Field(description="How, such as `format=opus`.")


class Listenings(Given):
    """Who listened."""

    items: tuple[Listening, ...] = Field(description="Newest first, up to 200.")


class Annotations(Given):
    """All that is said of a call."""

    call_id: str = Field(description="The call's.")
    tags: tuple[CallTag, ...] = Field(description="By name.")
    marks: tuple[CallMark, ...] = Field(description="Oldest first, one of each author.")
    mean_mark: float | None = Field(description="Their mean to a tenth; null without any.")
    note: Note = Field(description="The note that all share.")
    comments: tuple[Comment, ...] = Field(description="Oldest first.")
