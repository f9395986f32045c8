"""The address that a telephone exchange is to send recordings to."""

from __future__ import annotations

_ANY = frozenset({"", "0.0.0.0", "::", "[::]", "*"})  # noqa: S104 - recognised, not bound


def sip_address(bound: str, page_host: str | None) -> str:
    """`sip:HOST:PORT` of what the recorder is bound to.

    Bound to every address, it is shown with the name under which the visitor reached this page.
    """
    host, _, port = bound.removeprefix("sip:").rpartition(":")
    if host in _ANY:
        host = page_host or "127.0.0.1"
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"sip:{host}:{port}"
