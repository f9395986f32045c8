"""What people say of a call: tags, marks from 1 to 5, the note, comments at a moment.

And of a customer, who is an outside number: one note, shared as that of a call is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fonoteka.domain.errors import RequestInvalid

TAGS_MAX = 500
TAG_CHARACTERS_MAX = 40
TAGS_OF_CALL_MAX = 30
MARK_MIN, MARK_MAX = 1, 5
MARKS_OF_CALL_MAX = 100
MARK_COMMENT_CHARACTERS_MAX = 1_000
NOTE_CHARACTERS_MAX = 10_000
NOTE_VERSIONS_MAX = 200
"""Of more versions of one note the oldest go."""
COMMENT_CHARACTERS_MAX = 2_000
COMMENTS_OF_CALL_MAX = 200
UNDO_DAYS = 30
"""So long a deleted comment can be brought back."""
TAGGING_UNDO_DAYS = 1
"""So long tagging many calls at once can be undone."""
SLIP_MINUTES = 10
"""So long whoever put a tag on may take it off again, whatever it protects."""

_LINE_ENDS = re.compile("\r\n?|\x85|\u2028|\u2029")


class TagColour(StrEnum):
    """The colours that a tag can have; those of the voices are none of them."""

    GREY = "grey"
    RED = "red"
    GREEN = "green"
    TEAL = "teal"
    VIOLET = "violet"
    PINK = "pink"


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a tenant. Its name is unique whatever its case."""

    id: str
    tenant_id: str
    name: str
    colour: TagColour = TagColour.GREY


@dataclass(frozen=True, slots=True)
class TagUse:
    """A tag and on how many calls it is; None where whoever asks may not know."""

    tag: Tag
    calls: int | None


@dataclass(frozen=True, slots=True)
class CallTag:
    """A tag on a call: since when, and who put it there."""

    tag: Tag
    at: datetime
    author_id: str
    author_name: str


@dataclass(frozen=True, slots=True)
class TagChange:
    """What work on many calls did to one of them at that instant: put the tag there, or took it off."""

    call_id: str
    is_put: bool
    at: datetime
    actor_id: str
    tag: CallTag


@dataclass(frozen=True, slots=True)
class CallMark:
    """What somebody thinks of a call, `MARK_MIN` to `MARK_MAX`; each has one mark for a call."""

    author_id: str
    author_name: str
    mark: int
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A version of a note that all share. Version 0 is “never written”, its author and instant are None."""

    version: int = 0
    text: str = ""
    author_id: str | None = None
    author_name: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said of a moment of a recording, or (both None) of a call as a whole.

    `at_ms` counts from the recording's start. `version` grows with each edit, from 1.
    """

    id: str
    call_id: str
    recording_id: str | None
    at_ms: int | None
    text: str
    author_id: str
    author_name: str
    created_at: datetime
    version: int = 1
    edited_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Annotations:
    """All that is said of a call: tags by name, marks and comments in the order in which they came."""

    call_id: str
    tags: tuple[CallTag, ...] = ()
    marks: tuple[CallMark, ...] = ()
    note: Note = Note()
    comments: tuple[Comment, ...] = ()

    @property
    def mean_mark(self) -> float | None:
        """The mean of the marks to a tenth, as lists show it; None without any."""
        tenths = mean_tenths(one.mark for one in self.marks)
        return None if tenths is None else tenths / 10

    def mark_of(self, author_id: str) -> CallMark | None:
        """The mark of one author, or None."""
        return next((one for one in self.marks if one.author_id == author_id), None)


@dataclass(frozen=True, slots=True)
class Gist:
    """What a row of a list shows of a call's annotations. `mark` is the mean to a tenth."""

    tags: tuple[Tag, ...] = ()
    mark: float | None = None
    has_note: bool = False
    comments: int = 0


@dataclass(frozen=True, slots=True)
class Customer:
    """Whoever stands behind the outside number of a call, as far as whoever asks may know.

    `number` may be masked; `name` is what the call says, or empty.
    """

    number: str
    name: str
    note: Note


@dataclass(frozen=True, slots=True)
class Listening:
    """Who heard or took a recording, when, and how (`format=…`)."""

    recording_id: str
    actor_name: str
    at: datetime
    is_download: bool
    detail: str


def mean_tenths(marks: Iterable[int]) -> int | None:
    """The mean of marks in tenths, halves up; None of none. 2 and 3 are 25."""
    given = tuple(marks)
    return None if not given else (20 * sum(given) + len(given)) // (2 * len(given))


def checked_name(name: str) -> str:
    """A tag's name without superfluous spaces. Raises `RequestInvalid` (field `name`)."""
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    if not plain or len(plain) > TAG_CHARACTERS_MAX or not plain.isprintable():
        raise RequestInvalid(
            "name", f"A tag's name has 1 to {TAG_CHARACTERS_MAX} printable characters.", "body"
        )
    return plain


def checked_text(field: str, text: str, characters_max: int, *, may_be_empty: bool = True) -> str:
    """A text of several lines, trimmed, its lines ending in a line feed. Raises `RequestInvalid`."""
    plain = _LINE_ENDS.sub("\n", text).strip()
    if not plain and not may_be_empty:
        raise RequestInvalid(field, "A text is needed.", "body")
    if len(plain) > characters_max:
        raise RequestInvalid(field, f"A text has at most {characters_max} characters.", "body")
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t" for sign in plain):
        raise RequestInvalid(field, "There are control characters in the text.", "body")
    return plain
