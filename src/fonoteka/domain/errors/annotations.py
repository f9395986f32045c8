"""What people write on calls and customers."""

from __future__ import annotations

from fonoteka.domain.errors.base import FonotekaError


class TagNotFound(FonotekaError):
    """There is no such tag."""

    code = "tag.not_found"


class TagTaken(FonotekaError):
    """There is a tag of that name already."""

    code = "tag.taken"


class TagInUse(FonotekaError):
    """The tag is on more calls than was agreed to."""

    code = "tag.in_use"

    def __init__(self, calls: int) -> None:
        super().__init__(f"The tag is on {calls} calls: agree to that many.", calls=calls)
        self.calls = calls


class TagGoverns(FonotekaError):
    """The storage has terms for the tag; change those first."""

    code = "tag.governs"


class TagProtects(FonotekaError):
    """Taking the tag off, or putting it on, would shorten how long the recording is kept."""

    code = "tag.protects"


class CustomerUnknown(FonotekaError):
    """The call has no outside number."""

    code = "customer.unknown"


class CommentNotFound(FonotekaError):
    """There is no such comment, or it was deleted too long ago."""

    code = "comment.not_found"
