"""XML from the network as a small bounded tree: no entities, no DTD, limits enforced while parsing."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

from fonoteka.domain.errors import MetadataMalformed

DOCUMENT_BYTES_MAX = 512 * 1024
ELEMENTS_MAX = 20_000
ATTRIBUTES_MAX = 64
DEPTH_MAX = 64

_FEED_BYTES = 16 * 1024
_AMPERSAND = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));|&")
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_PREFIXED_TAG = re.compile(r"<(/?)[A-Za-z_][\w.\-]*:")
_PREFIXED_ATTRIBUTE = re.compile(
    r"(?<=\s)(?:xmlns:[\w.\-]+\s*=\s*(?:\"[^\"]*\"|'[^']*')|[\w.\-]+:(?=[\w.\-]+\s*=))"
)


@dataclass(slots=True)
class Element:
    """An element by its local name; attribute names are local too."""

    name: str
    key: str
    """The name without case, hyphens and underscores: dialects differ in these."""
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What stands directly inside, pieces between children joined."""
        return "".join(self.pieces)

    def named(self, *keys: str) -> Iterator[Element]:
        """Children with one of these keys."""
        return (child for child in self.children if child.key in keys)

    def first(self, *keys: str) -> Element | None:
        """The first child with one of these keys."""
        return next(self.named(*keys), None)

    def walk(self) -> Iterator[Element]:
        """This element and all below, in document order."""
        stack = [self]
        while stack:
            element = stack.pop()
            yield element
            stack.extend(reversed(element.children))

    @property
    def content(self) -> str:
        """All text in and below, without the white space around it."""
        return "".join(element.text for element in self.walk()).strip()

    def attribute(self, *keys: str) -> str:
        """The first of these attributes (by key) that is not empty; else empty."""
        values = {plain(name): value.strip() for name, value in self.attributes.items()}
        return next((values[key] for key in keys if values.get(key)), "")


def plain(name: str) -> str:
    """The form in which names are compared."""
    return name.lower().replace("-", "").replace("_", "")


class _TreeTarget:
    """What the parser calls; stops it at the first limit crossed."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > ELEMENTS_MAX:
            raise MetadataMalformed(f"XML of more than {ELEMENTS_MAX} elements")
        if len(self._open) >= DEPTH_MAX:
            raise MetadataMalformed(f"XML nested deeper than {DEPTH_MAX}")
        if len(attributes) > ATTRIBUTES_MAX:
            raise MetadataMalformed(f"an XML element with more than {ATTRIBUTES_MAX} attributes")
        name = _local(tag)
        element = Element(name, plain(name), {_local(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def data(self, text: str) -> None:
        if self._open:
            self._open[-1].pieces.append(text)

    def end(self, tag: str) -> None:
        self._open.pop()

    def close(self) -> Element | None:
        return self.root


def parse_xml(document: bytes) -> Element:
    """Parse a document; one that is not well-formed gets a second chance with its usual faults repaired.

    Repaired are: `&` that is no reference, bytes that are not what the declaration says, characters that
    XML forbids, prefixes without a namespace. Raises `MetadataMalformed`.
    """
    if len(document) > DOCUMENT_BYTES_MAX:
        raise MetadataMalformed(f"XML of {len(document)} bytes")
    document = document.strip(b"\x00\t\r\n ").removeprefix(b"\xef\xbb\xbf")
    try:
        return _parse(document)
    except (ParseError, LookupError, ValueError) as fault:
        if isinstance(fault, DefusedXmlException):
            raise MetadataMalformed(f"XML with {type(fault).__name__}") from fault
    text = _repaired(document)
    try:
        return _parse(text.encode())
    except (ParseError, LookupError, ValueError) as fault:
        if "unbound prefix" not in str(fault):
            raise MetadataMalformed(f"XML: {fault}") from fault
    try:
        return _parse(_PREFIXED_ATTRIBUTE.sub("", _PREFIXED_TAG.sub(r"<\1", text)).encode())
    except (ParseError, LookupError, ValueError) as fault:
        raise MetadataMalformed(f"XML: {fault}") from fault


def _parse(document: bytes) -> Element:
    parser = XMLParser(target=_TreeTarget(), forbid_dtd=True)
    for at in range(0, len(document), _FEED_BYTES):
        parser.feed(document[at : at + _FEED_BYTES])
    root: Element | None = parser.close()
    if root is None:
        raise MetadataMalformed("no XML element")
    return root


def _repaired(document: bytes) -> str:
    try:
        text = document.decode()
    except UnicodeDecodeError:
        text = document.decode("latin-1")
    text = FORBIDDEN.sub("", _DECLARATION.sub("", text))
    return _AMPERSAND.sub(_reference, text)


def _reference(match: re.Match[str]) -> str:
    """An ampersand as it stands if it begins a reference that XML allows, else escaped."""
    name, decimal, hexadecimal = match.groups()
    code = int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else None
    allowed = name or (code is not None and code <= sys.maxunicode and not FORBIDDEN.match(chr(code)))
    return match[0] if allowed else f"&amp;{match[0][1:]}"


def _local(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2]
