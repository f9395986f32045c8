"""Text that clients give."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator


def _plain(text: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError("control characters are not allowed")
    return text


PlainText = Annotated[str, AfterValidator(_plain)]
"""Text without control characters: databases disagree about NUL, and nobody searches for one."""
