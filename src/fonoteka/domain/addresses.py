"""Addresses that messages can go to: checked when they are typed, not when something is on fire."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from fonoteka.domain.errors import AddressInvalid

EMAIL_MAX, URL_MAX = 254, 2000
_LOCAL = re.compile(r"[^\s@<>(),;:\\\"\[\]\x00-\x20\x7f]{1,64}")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def clean_email(text: str, field: str = "address") -> str:
    """A mail address, its domain in the form of the wire (`почта.рф` → `xn--80a1acny.xn--p1ai`).

    Raises `AddressInvalid`. Quoted local parts and address literals are not taken.
    """
    text = text.strip()
    local, at, domain = text.rpartition("@")
    good = at and len(text) <= EMAIL_MAX and _LOCAL.fullmatch(local) and text.isprintable()
    ascii_domain = host_of(domain) if good else ""
    if (
        not ascii_domain
        or "." not in ascii_domain
        or local.startswith(".")
        or local.endswith(".")
        or ".." in local
    ):
        raise AddressInvalid(f"“{text[:60]}” is no e-mail address.", field=field)
    return f"{local}@{ascii_domain}"


def clean_url(text: str, field: str = "address") -> str:
    """A web address that a webhook can be sent to. Raises `AddressInvalid`."""
    text = text.strip()
    if len(text) > URL_MAX or not text.isprintable() or " " in text:
        raise AddressInvalid(f"“{text[:60]}” is no web address.", field=field)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise AddressInvalid(f"“{text[:60]}” is no web address.", field=field) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise AddressInvalid(f"“{text[:60]}” is no web address.", field=field)
    if parts.username is not None or parts.password is not None:
        raise AddressInvalid("A web address must not hold a user or a password.", field=field)
    return _spelt(parts, text, field)


def _spelt(parts: SplitResult, text: str, field: str) -> str:
    host = parts.hostname or ""
    spelt = f"[{host}]" if ":" in host else host_of(host)
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    if not spelt or not path.isascii():
        raise AddressInvalid(f"“{text[:60]}” is no web address.", field=field)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{spelt}{port}{path}"


def host_of(name: str) -> str:
    """A host name in the form of the wire, in lower case; empty for what is none."""
    try:
        spelt = name.rstrip(".").encode("idna").decode("ascii").lower()
    except (UnicodeError, ValueError):
        return ""
    good = 0 < len(spelt) <= 253 and all(_LABEL.fullmatch(label) for label in spelt.split("."))
    return spelt if good else ""
