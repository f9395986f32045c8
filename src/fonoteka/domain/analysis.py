"""What the archive knows of a recording's talk, what is still to be found out, and how both are written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from fonoteka.domain.spans import Span, Spans
from fonoteka.domain.talk import PartyFigures, TalkFigures


class SpeechTask(StrEnum):
    """What is to be found out of a recording."""

    TALK = "talk"
    TRANSCRIPT = "transcript"
    """Comes after the talk, which says where speech is."""


@dataclass(frozen=True, slots=True)
class SpeechOrder:
    """A task that waits. `attempts` counts those that began, the running one among them."""

    recording_id: str
    tenant_id: str
    task: SpeechTask
    is_backlog: bool
    attempts: int
    postponed: int = 0
    """How often it was given back since it was ordered."""


@dataclass(frozen=True, slots=True)
class TalkAnalysis:
    """The figures of a recording, who spoke when (spans for each channel), and what found it.

    `analyser` names versions of the figures and of the voice detector. With an `error_code` nothing could be
    found, and the rest is empty.
    """

    recording_id: str
    call_id: str
    tenant_id: str
    analyser: str
    analysed_at: datetime
    figures: TalkFigures | None
    speech: tuple[Spans, ...] = ()
    error_code: str = ""


class AnalysisState(StrEnum):
    """How far an analysis is."""

    READY = "ready"
    WAITING = "waiting"
    FAILED = "failed"
    NONE = "none"
    """Nobody asked for it: the recording is older than the analyser."""


def encode_figures(figures: TalkFigures) -> str:
    """As JSON."""
    return json.dumps(asdict(figures), separators=(",", ":"))


def decode_figures(text: str) -> TalkFigures:
    """The inverse of `encode_figures`."""
    value = json.loads(text)
    return TalkFigures(
        **{
            **value,
            "longest_silence": _span(value["longest_silence"]),
            "holds": tuple(Span(*one) for one in value["holds"]),
            "parties": tuple(_party(one) for one in value["parties"]),
        }
    )


def encode_spans(channels: Iterable[Spans]) -> str:
    """A line of numbers for each channel: how long it was silent, then how long it spoke, and so on."""
    return json.dumps([_steps(spans) for spans in channels], separators=(",", ":"))


def decode_spans(text: str) -> tuple[Spans, ...]:
    """The inverse of `encode_spans`."""
    return tuple(_of_steps(steps) for steps in json.loads(text))


def _steps(spans: Spans) -> list[int]:
    found, at = [], 0
    for one in spans:
        found += [one.since_ms - at, one.length_ms]
        at = one.until_ms
    return found


def _of_steps(steps: list[int]) -> Spans:
    found, at = [], 0
    for silent, spoken in zip(steps[::2], steps[1::2], strict=True):
        found.append(Span(at + silent, at + silent + spoken))
        at += silent + spoken
    return tuple(found)


def _span(value: list[int] | None) -> Span | None:
    return None if value is None else Span(*value)


def _party(value: dict[str, Any]) -> PartyFigures:
    return PartyFigures(
        **{
            **value,
            "longest_monologue": _span(value["longest_monologue"]),
            "interruptions": tuple(value["interruptions"]),
        }
    )
