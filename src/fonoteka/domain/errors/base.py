"""The base of all errors, and those that every room may raise."""

from __future__ import annotations

from typing import ClassVar


class FonotekaError(Exception):
    """Base of all typed errors. `code` is stable; `str(error)` is one English sentence for logs."""

    code: ClassVar[str] = "internal"

    def __init__(self, detail: str = "", **context: object) -> None:
        super().__init__(detail or (type(self).__doc__ or "").splitlines()[0])
        self.context = context


class RequestInvalid(FonotekaError):
    """A parameter cannot be understood; `field` names it."""

    code = "request.invalid"

    def __init__(self, field: str, detail: str, place: str = "query") -> None:
        super().__init__(detail, field=field)
        self.field = field
        self.place = place


class RangeUnsatisfiable(FonotekaError):
    """The byte range lies outside the file."""

    code = "range.unsatisfiable"

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"The range lies outside the file of {size_bytes} bytes.", size_bytes=size_bytes)
        self.size_bytes = size_bytes


class VersionConflict(FonotekaError):
    """Somebody else has changed it meanwhile; look at the newer version first."""

    code = "version.conflict"
