"""Content-Disposition with a file name in any script (RFC 6266, RFC 8187)."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

_NAME_MAX = 150
_ATTR_CHARS = "!#$&+-.^_`|~"
"""What RFC 8187 §3.2.1 lets stand beside letters and digits."""


def content_disposition(file_name: str, *, attachment: bool) -> str:
    """The header's value: the name in ASCII for old clients, and in UTF-8 as `filename*`.

    Characters that could leave the folder, end the header or confuse a file system become `_`.
    """
    name = "".join(_safe(character) for character in file_name)[-_NAME_MAX:].lstrip(".") or "audio"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "replace").decode().replace("?", "_")
    kind = "attachment" if attachment else "inline"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=_ATTR_CHARS)}"


def _safe(character: str) -> str:
    unsafe = unicodedata.category(character).startswith("C") or re.match(r'[\\/:*?"<>|%]', character)
    return "_" if unsafe else character
