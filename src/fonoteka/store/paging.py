"""Keyset pages: the place where one page ends, and the opaque cursor that carries it."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime

from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.ids import is_id
from fonoteka.store.columns import from_microseconds, to_microseconds

_CURSOR_MAX = 128
_TEXT = re.compile(r"1:(-?\d{1,18}):([0-9a-f-]{36})(?::(\d{1,18}))?")


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a list of calls, ordered by (started_at, id), or by (duration_ms, started_at, id)."""

    started_at: datetime
    id: str
    duration_ms: int | None = None

    def cursor(self) -> str:
        """This place as text for outside; `of_cursor` reads it back."""
        text = f"1:{to_microseconds(self.started_at)}:{self.id}"
        if self.duration_ms is not None:
            text += f":{self.duration_ms}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def of_cursor(cls, cursor: str) -> Position:
        """Raises `RequestInvalid` (field `cursor`) for anything that `cursor` did not make."""
        try:
            if len(cursor) > _CURSOR_MAX:
                raise ValueError("too long")
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            text = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
            match = _TEXT.fullmatch(text)
            if match is None or not is_id(match[2]):
                raise ValueError("another form")
            return cls(
                from_microseconds(int(match[1])), match[2], None if match[3] is None else int(match[3])
            )
        except (ValueError, binascii.Error, OverflowError) as error:
            raise RequestInvalid("cursor", "The cursor is not one that a page gave.") from error
