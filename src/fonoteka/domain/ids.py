"""Identifiers of calls and recordings: sortable by time, safe in file names and addresses."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from datetime import UTC, datetime, timedelta

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
# Of the form of ids, before and after all of them.
FIRST_ID, LAST_ID = "00000000-0000-7000-8000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff"


def new_id(at_ms: int | None = None) -> str:
    """A UUID version 7 (RFC 9562 §5.7) in lower case; its order is the order of creation in ms."""
    return _uuid7(time.time_ns() // 1_000_000 if at_ms is None else at_ms, secrets.randbits(80))


def stable_id(at: datetime, key: str) -> str:
    """An id of the form of `new_id` that is the same whenever it is made for that instant and that key."""
    at_ms = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return _uuid7(at_ms, int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()[:10]))


def _uuid7(at_ms: int, rest: int) -> str:
    value = (at_ms & (1 << 48) - 1) << 80 | rest
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def created_at(id_: str) -> datetime:
    """When an id of `new_id` was made, aware UTC, to the ms. Raises ValueError for another form."""
    if not is_id(id_):
        raise ValueError(f"not an id: {id_[:40]!r}")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(id_[:8] + id_[9:13], 16))


def is_id(text: str) -> bool:
    """Whether `text` has the form of `new_id`; ask before using outside input as a file name."""
    return _ID.fullmatch(text) is not None
