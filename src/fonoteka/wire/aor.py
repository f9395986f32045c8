"""Addresses of record as metadata carries them, which is not always a URI (RFC 3261 §19.1, RFC 3966)."""

from __future__ import annotations

import re
from urllib.parse import unquote

_NAME_ADDR = re.compile(r"[^<>]*<([^<>]+)>.*", re.DOTALL)
_SCHEME = re.compile(r"(?:sips?|tel):", re.IGNORECASE)
_USER_END = re.compile(r"[:;]")
_HOST_END = re.compile(r"[:;?]")
_DIALABLE = re.compile(r"[+*#0-9()\-. ]+")
_SEPARATORS = re.compile(r"[()\-. ]")
_IPV4 = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")


def bare_aor(text: str) -> str:
    """The URI of an address, which may stand in angle brackets behind a display name."""
    match = _NAME_ADDR.fullmatch(text)
    return (match[1] if match else text).strip()


def number_of(aor: str) -> str:
    """The number or user name to show for an address of record; empty for an address without a user.

    Works without a scheme and without a host, too; cuts off a password and parameters of the user part
    (`;noa=4`), and of a number the visual separators (RFC 3966 §5.1.1).
    """
    uri = bare_aor(aor)
    rest = _SCHEME.sub("", uri, count=1)
    user, at, _ = rest.rpartition("@")
    if at:
        user = unquote(_USER_END.split(user, maxsplit=1)[0]).strip()
    else:
        # Without a host this is a number, or it is the host: `sip:pbx`, `10.0.0.1`, `pbx.example`.
        user = unquote(_HOST_END.split(rest, maxsplit=1)[0]).strip()
        is_host = _SCHEME.match(uri) is not None or "." in user or "[" in user
        if _IPV4.fullmatch(user) or (is_host and not _DIALABLE.fullmatch(user)):
            user = ""
    return _SEPARATORS.sub("", user) if _DIALABLE.fullmatch(user) else user
