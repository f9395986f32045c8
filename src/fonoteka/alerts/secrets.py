"""Secrets of webhooks and what they sign."""

from __future__ import annotations

import hashlib
import hmac
import secrets

_PREFIX = "whsec_"


def make_secret() -> str:
    """A secret of 256 bits that people and scanners recognise as one."""
    return _PREFIX + secrets.token_urlsafe(32)


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The value of the header `Fonoteka-Signature`: HMAC-SHA256 over `TIMESTAMP.BODY`, in hexadecimal."""
    signed = b"%d." % timestamp + body
    return f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"
