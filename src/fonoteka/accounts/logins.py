"""Logins as they are stored and compared."""

from __future__ import annotations

import unicodedata

_CHARACTERS_MAX = 200


def folded_login(login: str) -> str:
    """Composed, without case and outer space, and no longer than any login."""
    return unicodedata.normalize("NFKC", login[:_CHARACTERS_MAX]).casefold().strip()
