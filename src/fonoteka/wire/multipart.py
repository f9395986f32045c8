"""Multipart bodies (RFC 2046 §5.1, RFC 5621) as SIPREC clients send them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fonoteka.domain.errors import WireMalformed

BOUNDARY_BYTES_MAX = 256
"""RFC 2046 allows 70 characters."""
PARTS_MAX = 32
PART_HEADERS_MAX = 64
PART_HEADER_BYTES_MAX = 16 * 1024

_BOUNDARY = re.compile(r""";\s*boundary\s*=\s*(?:"([^"]*)"|([^;\s]+))""", re.IGNORECASE)
_DASHES = re.compile(rb"^--([^\r\n]+)", re.MULTILINE)
_PART_HEAD_END = re.compile(rb"(?:\A|\r?\n)\r?\n")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a body. `headers` has the part's fields as written, names in lower case."""

    content_type: str
    """Media type in lower case, without parameters; empty when the part does not say."""
    disposition: str
    """Content-Disposition in lower case, without parameters; empty when missing."""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def parse_multipart(content_type: str, body: bytes) -> tuple[Part, ...]:
    """The parts of a SIP body; a body of any other type is one part, an empty body has none.

    Survives blank lines before the first boundary, white space after a boundary, a missing closing
    delimiter, LF line ends and part headers without a space after the colon.
    Raises `WireMalformed` when a multipart body has no part, or too many.
    """
    media_type = _bare(content_type)
    if not body.strip():
        return ()
    if not media_type.startswith("multipart/"):
        return (Part(media_type, "", {}, body),)
    parts = tuple(_part(chunk) for chunk in _chunks(body, _boundary(content_type, body)))
    if not parts:
        raise WireMalformed("a multipart body without a part")
    return parts


def build_multipart(parts: Sequence[Part], boundary: str) -> tuple[str, bytes]:
    """The value of Content-Type and the bytes of the body. `parse_multipart` reads them back.

    Raises `ValueError` when the boundary occurs in a part.
    """
    delimiter = b"--" + boundary.encode("ascii")
    lines = []
    for part in parts:
        if delimiter in part.body:
            raise ValueError("the boundary occurs in a part")
        headers = {"content-type": part.content_type, "content-disposition": part.disposition} | part.headers
        head = "".join(f"{name.title()}: {value}\r\n" for name, value in headers.items() if value)
        lines.append(b"%s\r\n%s\r\n%s\r\n" % (delimiter, head.encode(), part.body))
    return f'multipart/mixed;boundary="{boundary}"', b"".join(lines) + delimiter + b"--\r\n"


def _boundary(content_type: str, body: bytes) -> bytes:
    match = _BOUNDARY.search(content_type)
    if match is not None:
        named = (match[1] if match[1] is not None else match[2]).strip().encode(errors="replace")
        if 0 < len(named) <= BOUNDARY_BYTES_MAX and b"--" + named in body:
            return named
    # The parameter is missing or wrong: the first line of dashes in the body says what it should have been.
    first = _DASHES.search(body)
    guessed = first[1].rstrip() if first is not None else b""
    if not 0 < len(guessed) <= BOUNDARY_BYTES_MAX:
        raise WireMalformed("a multipart body without a boundary")
    return guessed


def _chunks(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """What lies between delimiter lines; the line end before a delimiter belongs to the delimiter."""
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)\r?\n?")
    started: int | None = None
    count = 0
    position = 0
    while (match := delimiter.search(body, position)) is not None:
        if started is not None:
            yield body[started : match.start()]
            count += 1
        if match[1]:
            return
        if count >= PARTS_MAX:
            raise WireMalformed(f"more than {PARTS_MAX} parts in a body")
        started = match.end()
        # A part may be empty: its delimiter's line end is also the one before the next delimiter.
        position = max(match.end() - 2, match.start() + 1)
    if started is not None and body[started:].strip():
        yield body[started:]


def _part(chunk: bytes) -> Part:
    end = _PART_HEAD_END.search(chunk, 0, PART_HEADER_BYTES_MAX)
    if end is None:
        return Part("", "", {}, chunk)
    headers: dict[str, str] = {}
    name = ""
    for line in chunk[: end.start()].decode(errors="replace").split("\n")[:PART_HEADERS_MAX]:
        if line[:1] in (" ", "\t") and name:
            headers[name] += " " + line.strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            headers[name] = value.strip()
    return Part(
        content_type=_bare(headers.get("content-type", headers.get("c", ""))),
        disposition=_bare(headers.get("content-disposition", "")),
        headers=headers,
        body=chunk[end.end() :],
    )


def _bare(value: str) -> str:
    return value.partition(";")[0].strip().lower()
