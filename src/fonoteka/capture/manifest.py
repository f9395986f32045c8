"""From a journal's events to the manifest of a sealed folder: one pure function for sealing and recovery."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fonoteka.capture.journal import Event
from fonoteka.domain.call import Party
from fonoteka.domain.errors import SpoolCorrupt
from fonoteka.domain.recording import EndReason
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
            case "ended":
                end_reason = EndReason(event["end_reason"])
    texts = ("recording_id", "call_id", "tenant_id", "source", "peer", "user_agent", "sip_call_id")
    manifest = SealedRecording(
        opened_at=datetime.fromisoformat(opened["opened_at"]),
        sealed_at=sealed_at,
        end_reason=end_reason,
        communication_session_id=roster.communication_session_id,
        participants=roster.participants(),
        streams=tuple(streams[index].sealed(roster) for index in sorted(streams)),
        **{name: str(opened[name]) for name in texts},
    )
    # What the reader of the manifest would refuse must be refused here.
    return SealedRecording.from_json(manifest.to_json().encode().decode())


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
        held = bool(self.hold_spans) and self.hold_spans[-1].until_ms is None
        if event["event"] == "formats":
            formats = {int(number): MediaFormat(**one) for number, one in event["formats"].items()}
            self.format_spans.append(FormatSpan(at_ms, formats))
        elif event["event"] == "hold" and not held:
            self.hold_spans.append(HoldSpan(at_ms, None, str(event["reason"])))
        elif event["event"] == "resume" and held:
            since = self.hold_spans[-1]
            self.hold_spans[-1] = HoldSpan(since.since_ms, at_ms, since.reason)

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
