"""Recording metadata (RFC 7865) of every dialect met, read by local name, whatever the namespace.

Dialects differ in where they put associations (elements of their own, or inside the participant), in the
names of id attributes, and in extensions; the latter are kept in `vendor` by their dotted path.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

from fonoteka.domain.errors import MetadataMalformed
from fonoteka.wire.aor import bare_aor, number_of
from fonoteka.wire.metadata_values import (
    COMPLETE,
    PARTIAL,
    PARTICIPANTS_MAX,
    STREAMS_MAX,
    MetadataParticipant,
    MetadataStream,
    RecordingMetadata,
    merge,
)
from fonoteka.wire.xml_tree import FORBIDDEN, Element, parse_xml

__all__ = [
    "MetadataParticipant",
    "MetadataStream",
    "RecordingMetadata",
    "build_metadata",
    "merge",
    "number_of",
    "parse_metadata",
]

TEXT_CHARACTERS_MAX = 1024
VENDOR_FIELDS_MAX = 128
NAMESPACE = "urn:ietf:params:xml:ns:recording:1"

_NAME_PARAMETERS = re.compile(r";(?:lang|id)=.*", re.DOTALL)
_NAME_SPEC = frozenset({"nameid", "aor", "name"})
_ASSOCIATION = frozenset({"send", "recv", "associatetime", "disassociatetime", "param", "sessionid"})
_SESSION_SPEC = frozenset({"sipsessionid", "groupref", "starttime", "stoptime", "reason", "initiator"})
_STRUCTURE = frozenset(
    {
        "datamode", "group", "session", "participant", "stream", "recording", "requestsnapshot",
        "sessionrecordingassoc", "participantsessionassoc", "participantstreamassoc",
    }
)  # fmt: skip
_EXTENSION = "extensiondata"


def parse_metadata(xml: bytes) -> RecordingMetadata:
    """Read a metadata document. Raises `MetadataMalformed` if it is none or is past the limits."""
    root = parse_xml(xml)
    elements = list(_structure(root))
    if root.key not in ("recording", "recordingmetadata") and not any(
        one.key in ("session", "participant", "stream") for one in elements
    ):
        raise MetadataMalformed(f"the XML document {root.name[:80]!r} is not recording metadata")
    sessions = [one for one in elements if one.key == "session"]
    groups = [one for one in elements if one.key == "group"]
    vendor: dict[str, str] = {}
    for one in (*sessions, *groups):
        _collect(one, _SESSION_SPEC | _ASSOCIATION | _STRUCTURE, vendor)
    _collect(root, _STRUCTURE, vendor)
    return RecordingMetadata(
        datamode=_datamode(root),
        session_id=next((_id(one, "session") for one in sessions), ""),
        group_id=_group_id(groups, sessions),
        sip_session_ids=tuple(
            dict.fromkeys(_text(one) for session in sessions for one in session.named("sipsessionid"))
        ),
        start_time=_start_time(sessions),
        participants=_participants(elements),
        streams=_streams(elements),
        vendor=vendor,
    )


def _structure(root: Element) -> Iterator[Element]:
    """The elements of the standard at any depth; what vendors put in is not entered."""
    stack = [root]
    while stack:
        element = stack.pop()
        yield element
        stack.extend(child for child in reversed(element.children) if child.key in _STRUCTURE)


def _datamode(root: Element) -> str:
    element = root.first("datamode")
    said = element.content if element is not None else root.attribute("datamode")
    return PARTIAL if said.lower() == PARTIAL else COMPLETE


def _group_id(groups: list[Element], sessions: list[Element]) -> str:
    named = (_id(group, "group") for group in groups)
    references = (_child_text(one, "groupref") or _id(one, "group") for one in sessions)
    return next((one for one in (*named, *references) if one), "")


def _start_time(sessions: list[Element]) -> str | None:
    """The start of the CommunicationSession; drafts of the RFC call it its associate-time."""
    for key in ("starttime", "associatetime"):
        for session in sessions:
            if text := _child_text(session, key):
                return text
    return None


def _participants(elements: list[Element]) -> tuple[MetadataParticipant, ...]:
    """Participants in document order, with what associations anywhere in the document say of them."""
    found: dict[str, MetadataParticipant] = {}
    for element in elements:
        if element.key == "participant":
            # Without an id there is nothing to refer to, yet the participant is worth showing.
            key = _id(element, "participant") or f"participant-{len(found) + 1}"
            found[key] = _participant(found.get(key, MetadataParticipant(key)), element)
        if len(found) > PARTICIPANTS_MAX:
            raise MetadataMalformed(f"more than {PARTICIPANTS_MAX} participants")
    for element in elements:
        if element.key in ("participantsessionassoc", "participantstreamassoc"):
            key = _id(element, "participant")
            if key and (key in found or len(found) < PARTICIPANTS_MAX):
                found[key] = _associated(found.get(key, MetadataParticipant(key)), element)
    return tuple(found.values())


def _participant(known: MetadataParticipant, element: Element) -> MetadataParticipant:
    name_id = element.first("nameid") or element
    aor = name_id.attribute("aor") or _child_text(name_id, "aor") or _child_text(element, "aor")
    name = _child_text(name_id, "name") or _child_text(element, "name") or name_id.attribute("name")
    vendor = dict(known.vendor)
    _collect(element, _NAME_SPEC | _ASSOCIATION | _STRUCTURE, vendor)
    participant = replace(
        known,
        aor=bare_aor(aor[:TEXT_CHARACTERS_MAX]) or known.aor,
        name=_unquoted(name[:TEXT_CHARACTERS_MAX]) or known.name,
        vendor=vendor,
    )
    return _associated(participant, element)


def _unquoted(name: str) -> str:
    """A display name without the quotes and parameters that some clients leave in it."""
    return _NAME_PARAMETERS.sub("", name).strip().strip('"').strip()


def _associated(known: MetadataParticipant, element: Element) -> MetadataParticipant:
    """Add what an association element, or a participant of the drafts, says of streams and times."""
    joined = _child_text(element, "associatetime") or None
    left = _child_text(element, "disassociatetime") or None
    if element.key == "participantstreamassoc":
        if left is not None:
            return known
        joined, left = known.associated_at, known.disassociated_at
    return replace(
        known,
        send=_united(known.send, _references(element, "send")),
        recv=_united(known.recv, _references(element, "recv")),
        associated_at=joined or known.associated_at,
        disassociated_at=left,
    )


def _united(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one + other))[:STREAMS_MAX]


def _references(element: Element, key: str) -> tuple[str, ...]:
    """Stream ids in `<send>`; BroadWorks puts them one deeper, in `<send><id>`."""
    return tuple(text for one in element.named(key) if (text := _text(one)))[:STREAMS_MAX]


def _streams(elements: list[Element]) -> tuple[MetadataStream, ...]:
    streams = []
    for element in elements:
        if element.key == "stream":
            label = _child_text(element, "label") or element.attribute("label")
            streams.append(MetadataStream(_id(element, "stream"), label, _id(element, "session")))
    if len(streams) > STREAMS_MAX:
        raise MetadataMalformed(f"more than {STREAMS_MAX} streams")
    return tuple(streams)


def _id(element: Element, what: str) -> str:
    """RFC 7865 says `participant_id`, its drafts `id`; of a foreign element `session`."""
    names = (f"{what}id", "id") if element.key == what else (f"{what}id", what)
    return element.attribute(*names)[:TEXT_CHARACTERS_MAX]


def _text(element: Element) -> str:
    return " ".join(element.content.split())[:TEXT_CHARACTERS_MAX]


def _child_text(element: Element, key: str) -> str:
    child = element.first(key)
    return _text(child) if child is not None else ""


def _collect(element: Element, known: frozenset[str], vendor: dict[str, str]) -> None:
    """Put what is not of the standard below `element` into `vendor`, keyed by dotted path."""
    stack = [(child, "") for child in reversed(element.children) if child.key not in known]
    while stack and len(vendor) < VENDOR_FIELDS_MAX:
        one, prefix = stack.pop()
        if one.key == _EXTENSION:
            path = prefix
        else:
            path = f"{prefix}{one.name}"[:TEXT_CHARACTERS_MAX]
            vendor.setdefault(path, " ".join(one.text.split())[:TEXT_CHARACTERS_MAX])
            path += "."
        for name, value in one.attributes.items():
            vendor.setdefault(f"{path}{name}"[:TEXT_CHARACTERS_MAX], value.strip()[:TEXT_CHARACTERS_MAX])
        stack.extend((child, path) for child in reversed(one.children))


def build_metadata(metadata: RecordingMetadata) -> bytes:
    """Write a document in the order of RFC 7865's schema; `parse_metadata` reads it back, vendor apart."""
    session = _tag("sipSessionID", *metadata.sip_session_ids)
    session += _tag("group-ref", metadata.group_id) + _tag("start-time", metadata.start_time)
    parts = [_tag("datamode", metadata.datamode)]
    if metadata.group_id:
        parts.append(f"<group group_id={_quoted(metadata.group_id)}/>\n")
    parts.append(f"<session session_id={_quoted(metadata.session_id)}>{session}</session>\n")
    for one in metadata.participants:
        inner = f"<nameID aor={_quoted(one.aor)}>{_tag('name', one.name)}</nameID>"
        parts.append(f"<participant participant_id={_quoted(one.id)}>{inner}</participant>\n")
    for stream in metadata.streams:
        ids = f"stream_id={_quoted(stream.id)} session_id={_quoted(stream.session_id)}"
        parts.append(f"<stream {ids}>{_tag('label', stream.label)}</stream>\n")
    for one in metadata.participants:
        times = _tag("associate-time", one.associated_at) + _tag("disassociate-time", one.disassociated_at)
        ids = f"participant_id={_quoted(one.id)} session_id={_quoted(metadata.session_id)}"
        parts.append(f"<participantsessionassoc {ids}>{times}</participantsessionassoc>\n")
        streams = _tag("send", *one.send) + _tag("recv", *one.recv)
        parts.append(
            f"<participantstreamassoc participant_id={_quoted(one.id)}>{streams}</participantstreamassoc>\n"
        )
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<recording xmlns="{NAMESPACE}">\n'
    return "".join((head, *parts, "</recording>\n")).encode()


def _tag(name: str, *texts: str | None) -> str:
    """An element for each text that is not empty."""
    return "".join(f"<{name}>{html.escape(FORBIDDEN.sub('', text))}</{name}>" for text in texts if text)


def _quoted(text: str) -> str:
    return f'"{html.escape(FORBIDDEN.sub("", text))}"'
