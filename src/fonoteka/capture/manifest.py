"""From a journal's events to the manifest of a sealed folder: one pure function for sealing and recovery."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from fonoteka.capture.journal import Event
from fonoteka.domain.call import CallOutcome, Party, Segment
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import SpoolCorrupt
from fonoteka.domain.recording import EndReason
from fonoteka.domain.rules import Decision, RuleOutcome
from fonoteka.domain.sealed import (
    FormatSpan,
    HoldSpan,
    MediaFormat,
    SealedParticipant,
    SealedRecording,
    SealedStream,
)


def manifest_of(events: Iterable[Event], *, sealed_at: datetime) -> SealedRecording:
    """The manifest that the journal amounts to; without an `ended` event the recording was interrupted.

    The last `participants` event wins; whoever an earlier one named as the sender of a stream that the
    last does not speak of stays listed, so that every stream's participants can be looked up.
    Where nobody said what became of the call, it was skipped if no rule ever wanted it, else recorded.
    Raises `SpoolCorrupt` when the events do not begin with a whole `opened`, or hold what we never write.
    """
    try:
        return _manifest(list(events), sealed_at)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise SpoolCorrupt(f"journal: {type(error).__name__}: {error}") from error


def _manifest(events: list[Event], sealed_at: datetime) -> SealedRecording:
    if not events or events[0]["event"] != "opened":
        raise ValueError("it does not begin with the opening")
    opened = events[0]
    streams: dict[int, _Stream] = {}
    roster = _Roster()
    call = _Call(str(opened["tenant_id"]))
    end_reason = EndReason.INTERRUPTED
    for event in events[1:]:
        match event["event"]:
            case "stream":
                index = int(event["index"])
                streams[index] = _Stream(index, str(event["label"]), str(event["file"]))
            case "formats" | "hold" | "resume" if int(event["index"]) in streams:
                streams[int(event["index"])].take(event)
            case "participants":
                roster.take(event)
            case "call" | "decision" | "kept" | "outcome":
                call.take(event)
            case "ended":
                end_reason = EndReason(event["end_reason"])
    manifest = SealedRecording(
        recording_id=str(opened["recording_id"]),
        call_id=str(opened["call_id"]),
        tenant_id=call.tenant_id,
        source=str(opened["source"]),
        opened_at=datetime.fromisoformat(opened["opened_at"]),
        sealed_at=sealed_at,
        end_reason=end_reason,
        peer=str(opened["peer"]),
        user_agent=str(opened["user_agent"]),
        sip_call_id=str(opened["sip_call_id"]),
        communication_session_id=roster.communication_session_id,
        participants=roster.participants(),
        streams=tuple(streams[index].sealed(roster) for index in sorted(streams)),
        direction=call.direction,
        forwarded_outside=call.forwarded_outside,
        external_id=call.external_id,
        outcome=call.outcome,
        reason=call.outcome_reason,
        decision=call.decisions[-1] if call.decisions else None,
        kept=call.kept,
        segments=call.segments,
    )
    # What the reader of the manifest would refuse must be refused here.
    return SealedRecording.from_json(manifest.to_json().encode().decode())


@dataclass(slots=True)
class _Call:
    tenant_id: str
    direction: Direction = Direction.UNKNOWN
    forwarded_outside: bool = False
    external_id: str = ""
    segments: tuple[Segment, ...] = ()
    decisions: list[Decision] = field(default_factory=list)
    kept: bool | None = None
    said: CallOutcome | None = None
    reason: str = ""

    @property
    def outcome(self) -> CallOutcome:
        unwanted = self.decisions and all(one.outcome is RuleOutcome.SKIP for one in self.decisions)
        refused = any(one.refused_because for one in self.decisions)
        left_out = CallOutcome.REFUSED if refused else CallOutcome.SKIPPED
        return self.said or (left_out if unwanted else CallOutcome.RECORDED)

    @property
    def outcome_reason(self) -> str:
        if self.outcome is CallOutcome.REFUSED and not self.reason:
            return next((one.refused_because for one in self.decisions if one.refused_because), "")
        return self.reason

    def take(self, event: Event) -> None:
        match event["event"]:
            case "call":
                self._take_facts(event)
            case "decision":
                given = event["decision"]
                self.decisions.append(Decision(**given | {"outcome": RuleOutcome(given["outcome"])}))
            case "kept":
                self.kept = bool(event["kept"])
            case "outcome":
                self.said, self.reason = CallOutcome(event["outcome"]), str(event["reason"])

    def _take_facts(self, event: Event) -> None:
        self.tenant_id = str(event.get("tenant_id", self.tenant_id))
        self.direction = Direction(event.get("direction", self.direction))
        self.forwarded_outside = bool(event.get("forwarded_outside", self.forwarded_outside))
        self.external_id = str(event.get("external_id", self.external_id))
        if "segments" in event:
            self.segments = tuple(
                Segment(**one | {"participant_ids": tuple(one["participant_ids"])})
                for one in event["segments"]
            )


@dataclass(slots=True)
class _Roster:
    communication_session_id: str = ""
    last: dict[str, SealedParticipant] = field(default_factory=dict)
    ever: dict[str, SealedParticipant] = field(default_factory=dict)
    senders: dict[int, tuple[Party | None, tuple[str, ...]]] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        self.communication_session_id = str(event["communication_session_id"])
        self.last = {one["id"]: _participant(one) for one in event["participants"]}
        self.ever |= self.last
        for index, (party, participant_ids) in event["senders"].items():
            self.senders[int(index)] = _party(party), tuple(str(one) for one in participant_ids)

    def participants(self) -> tuple[SealedParticipant, ...]:
        named = {one for _, participant_ids in self.senders.values() for one in participant_ids}
        left = {key: one for key, one in self.ever.items() if key in named and key not in self.last}
        return tuple(self.last.values()) + tuple(left.values())


@dataclass(slots=True)
class _Stream:
    index: int
    label: str
    file: str
    format_spans: list[FormatSpan] = field(default_factory=list)
    hold_spans: list[HoldSpan] = field(default_factory=list)

    def take(self, event: Event) -> None:
        at_ms = int(event["at_ms"])
        if event["event"] == "formats":
            formats = {int(number): MediaFormat(**one) for number, one in event["formats"].items()}
            self.format_spans.append(FormatSpan(at_ms, formats))
        elif event["event"] == "hold":
            reason = str(event["reason"])
            if not any(self._holds(span, reason) for span in self.hold_spans):
                self.hold_spans.append(HoldSpan(at_ms, None, reason))
        else:
            over = event.get("reason")
            self.hold_spans = [
                replace(span, until_ms=at_ms) if self._holds(span, over) else span for span in self.hold_spans
            ]

    @staticmethod
    def _holds(span: HoldSpan, reason: str | None) -> bool:
        return span.until_ms is None and reason in (None, span.reason)

    def sealed(self, roster: _Roster) -> SealedStream:
        party, participant_ids = roster.senders.get(self.index, (None, ()))
        return SealedStream(
            self.index,
            self.label,
            self.file,
            party,
            participant_ids,
            tuple(self.format_spans),
            tuple(self.hold_spans),
        )


def _participant(value: dict[str, Any]) -> SealedParticipant:
    texts = {name: str(value[name]) for name in ("id", "number", "name", "aor")}
    return SealedParticipant(party=_party(value["party"]), **texts)


def _party(value: str | None) -> Party | None:
    return None if value is None else Party(value)
