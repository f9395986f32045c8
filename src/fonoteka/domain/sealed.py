"""The manifest of a spool folder: what capture hands to the pipeline, written last when a folder is sealed.

Times inside (`*_ms`) count from `opened_at`, the zero of every rtpdump file in the folder.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from fonoteka.domain.call import CallOutcome, Party, Segment
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import SpoolCorrupt
from fonoteka.domain.ids import is_id
from fonoteka.domain.recording import EndReason
from fonoteka.domain.rules import Decision, RuleOutcome

MANIFEST_NAME = "manifest.json"
JOURNAL_NAME = "journal.jsonl"
KEPT_NAME = "kept"
"""An empty file that a person's wish to keep an ended on-demand call leaves in its sealed folder."""
MANIFEST_VERSION = 1


@dataclass(frozen=True, slots=True)
class MediaFormat:
    """What an RTP payload type means: encoding name in upper case, RTP clock, channels, fmtp parameters."""

    encoding: str
    clock_hz: int
    channels: int = 1
    fmtp: str = ""


@dataclass(frozen=True, slots=True)
class FormatSpan:
    """From `since_ms` on, payload types mean this (until the next span of the stream)."""

    since_ms: int
    formats: dict[int, MediaFormat]


@dataclass(frozen=True, slots=True)
class HoldSpan:
    """A MediaHold: the stream was inactive between these times (`until_ms` None: to the end)."""

    since_ms: int
    until_ms: int | None
    reason: str = "hold"


@dataclass(frozen=True, slots=True)
class SealedStream:
    """One recorded RTP stream: `file` is its rtpdump inside the folder."""

    index: int
    label: str
    file: str
    party: Party | None
    participant_ids: tuple[str, ...]
    format_spans: tuple[FormatSpan, ...]
    hold_spans: tuple[HoldSpan, ...] = ()
    kind: str = "rtpdump"
    """rtpdump, or audio: a sound file (any that our decoder reads), as imports and uploads bring it."""
    channel: int = 0
    """Which channel of a sound file; of no meaning for rtpdump."""


@dataclass(frozen=True, slots=True)
class SealedParticipant:
    """A participant as signalling named it."""

    id: str
    party: Party | None
    number: str
    name: str
    aor: str


@dataclass(frozen=True, slots=True)
class SealedRecording:
    """A sealed folder's manifest. `opened_at` and `sealed_at` are aware UTC."""

    recording_id: str
    call_id: str
    tenant_id: str
    source: str
    opened_at: datetime
    sealed_at: datetime
    end_reason: EndReason
    peer: str
    user_agent: str
    sip_call_id: str
    communication_session_id: str
    participants: tuple[SealedParticipant, ...]
    streams: tuple[SealedStream, ...]
    direction: Direction = Direction.UNKNOWN
    forwarded_outside: bool = False
    external_id: str = ""
    outcome: CallOutcome = CallOutcome.RECORDED
    reason: str = ""
    decision: Decision | None = None
    kept: bool | None = None
    """Of an on-demand call: True when a person asked for it in time; None when nobody has said yet."""
    segments: tuple[Segment, ...] = ()

    def to_json(self) -> str:
        """The manifest as one JSON object; `from_json` reads it back unchanged."""
        value = asdict(self)
        value["version"] = MANIFEST_VERSION
        value["opened_at"] = self.opened_at.isoformat()
        value["sealed_at"] = self.sealed_at.isoformat()
        return json.dumps(value, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> SealedRecording:
        """Read a manifest. Raises `SpoolCorrupt` for anything that is not one."""
        try:
            return _recording(json.loads(text))
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise SpoolCorrupt(f"manifest: {type(error).__name__}: {error}") from error


def _recording(value: dict[str, Any]) -> SealedRecording:
    if value["version"] != MANIFEST_VERSION:
        raise ValueError(f"version {value['version']!r} is not known")
    if not is_id(value["recording_id"]) or not is_id(value["call_id"]):
        raise ValueError("ids have another form")
    texts = ("tenant_id", "source", "peer", "user_agent", "sip_call_id", "communication_session_id")
    return SealedRecording(
        recording_id=value["recording_id"],
        call_id=value["call_id"],
        opened_at=_instant(value["opened_at"]),
        sealed_at=_instant(value["sealed_at"]),
        end_reason=EndReason(value["end_reason"]),
        participants=tuple(
            SealedParticipant(one["id"], _party(one["party"]), one["number"], one["name"], one["aor"])
            for one in value["participants"]
        ),
        streams=tuple(_stream(one) for one in value["streams"]),
        direction=Direction(value.get("direction", Direction.UNKNOWN)),
        forwarded_outside=bool(value.get("forwarded_outside", False)),
        external_id=str(value.get("external_id", "")),
        outcome=CallOutcome(value.get("outcome", CallOutcome.RECORDED)),
        reason=str(value.get("reason", "")),
        decision=_decision(value.get("decision")),
        kept=value.get("kept"),
        segments=tuple(_segment(one) for one in value.get("segments", ())),
        **{name: str(value[name]) for name in texts},
    )


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return instant


def _stream(value: dict[str, Any]) -> SealedStream:
    if "/" in value["file"] or value["file"].startswith("."):
        raise ValueError("a stream's file lies outside the folder")
    return SealedStream(
        index=int(value["index"]),
        label=value["label"],
        file=value["file"],
        party=_party(value["party"]),
        participant_ids=tuple(value["participant_ids"]),
        format_spans=tuple(
            FormatSpan(
                int(span["since_ms"]),
                {int(number): MediaFormat(**one) for number, one in span["formats"].items()},
            )
            for span in value["format_spans"]
        ),
        hold_spans=tuple(HoldSpan(**span) for span in value["hold_spans"]),
        kind=str(value.get("kind", "rtpdump")),
        channel=int(value.get("channel", 0)),
    )


def _decision(value: dict[str, Any] | None) -> Decision | None:
    if value is None:
        return None
    known = {"outcome": RuleOutcome(value["outcome"]), "keep_within_s": int(value["keep_within_s"])}
    return Decision(**{**value, **known})


def _segment(value: dict[str, Any]) -> Segment:
    return Segment(value["since_ms"], value["until_ms"], tuple(value["participant_ids"]), value["kind"])


def _party(value: str | None) -> Party | None:
    return None if value is None else Party(value)
