"""Secrets that this program makes: 256 bits, kept as SHA-256 alone, so a stolen database opens nothing.

A plain hash is enough for them: nobody guesses 256 bits. Passwords are another matter (`passwords`).
"""

from __future__ import annotations

import hashlib
import secrets

_CHARACTERS_MAX = 200


def make_secret() -> str:
    """A new secret of 43 characters that are safe in headers, cookies and addresses."""
    return secrets.token_urlsafe(32)


def sha256_of(secret: str) -> str:
    """How a secret is stored and looked up; what is longer than any secret is cut, so it matches none."""
    return hashlib.sha256(secret[:_CHARACTERS_MAX].encode("utf-8", "replace")).hexdigest()
