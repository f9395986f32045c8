"""Passwords: argon2id with the parameters that OWASP names for servers which do other work too."""

from __future__ import annotations

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PASSWORD_CHARACTERS_MIN = 8
PASSWORD_CHARACTERS_MAX = 1024

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# What an unknown login is checked against, so that it takes as long as a known one; nobody has its password.
_NOBODYS_HASH = _HASHER.hash(secrets.token_bytes(32))
# Hashing is dear on purpose; so many at once, or a crowd at the sign-in page takes memory and processor.
_HASHING = threading.BoundedSemaphore(4)
# Without the letters and digits that people mistake for one another.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def make_password() -> str:
    """A password of 80 bits in four groups, to be read from a screen and typed."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def hash_password(password: str) -> str:
    """Argon2's own text of parameters, salt and hash."""
    with _HASHING:
        return _HASHER.hash(_encoded(password))


def fits(password: str, password_hash: str | None) -> bool:
    """Whether the password is that of the hash. Without a hash it takes as long and says no."""
    if len(password) > PASSWORD_CHARACTERS_MAX:
        password, password_hash = "", None
    with _HASHING:
        try:
            _HASHER.verify(password_hash or _NOBODYS_HASH, _encoded(password))
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def _encoded(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
