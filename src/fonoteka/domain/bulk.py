"""Work on many calls at once: done in steps, each of which says what it did and what it left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class LeftAlone(StrEnum):
    """Why a recording or a call was left as it is."""

    HELD = "held"
    """Under legal hold."""
    PROTECTED = "protected"
    """Inside its minimum term."""
    BINNED = "binned"
    """In the bin already."""
    NOTHING = "nothing"
    """A call without a recording that this could be done to."""
    TAGGED = "tagged"
    """A call that has the tag already."""
    UNTAGGED = "untagged"
    """A call without the tag."""
    FULL = "full"
    """A call that has as many tags as one may have."""
    GOVERNED = "governed"
    """The tag says how long the recording is kept, and the actor may not change that."""
    NOT_FOUND = "not_found"
    """No such call, or none that is the actor's to do this to."""


@dataclass(frozen=True, slots=True)
class BulkStep:
    """One step: of `calls` looked at, to how many recordings (of tags: calls) it was done, and what was left
    alone and why.

    `next` is the cursor of the step after it, None when all is done.
    """

    calls: int
    done: int
    left: Mapping[LeftAlone, int] = field(default_factory=dict)
    next: str | None = None


@dataclass(frozen=True, slots=True)
class BulkLook:
    """What a deletion would do: to how many calls of what length, and how many recordings it would move.

    Unless `is_exact` there are more: they were not looked at to the end.
    """

    calls: int
    duration_ms: int
    recordings: int
    left: Mapping[LeftAlone, int]
    is_exact: bool = True
