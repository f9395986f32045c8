"""What every engine does, and what all of them share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fonoteka.domain.transcript import WORD_MAX, Word

Samples = npt.NDArray[np.int16]


class EngineKind(StrEnum):
    """What turns speech into text."""

    NONE = "none"
    ONNX_ASR = "onnx_asr"
    OPENAI = "openai"


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """Which engine, and how much of the machine it may take.

    `threads`: of a local model's arithmetic, or requests to a server at once. `model`, `url`, `key`,
    `timeout_s` and `ca_file` are of a server, `models` is the folder of local models, `device` cpu or cuda.
    """

    kind: EngineKind
    models: Path
    threads: int = 1
    device: str = "cpu"
    url: str = ""
    key: str = ""
    model: str = ""
    timeout_s: float = 120.0
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class PieceText:
    """What was understood of a piece; times count from its beginning."""

    words: tuple[Word, ...]
    is_approximate: bool = False


class Engine(Protocol):
    """Turns pieces of one party's speech (int16, 25 s at most) into words. One for a thread.

    `name` tells engine, model and version. Raises `ModelInvalid`, `EngineUnavailable`, `EngineRefused`.
    """

    name: str

    def transcribe(self, pieces: Sequence[Samples], sample_rate_hz: int) -> list[PieceText]:
        """The text of each piece."""


def spread(text: str, since_ms: int, until_ms: int, confidence: float | None = None) -> tuple[Word, ...]:
    """The words of a text without times, each as long as it has letters: about right in a short piece."""
    words = [one[:WORD_MAX] for one in text.split()]
    letters = sum(len(one) + 1 for one in words)
    found, at = [], 0
    for one in words:
        start = since_ms + (until_ms - since_ms) * at // letters
        at += len(one) + 1
        found.append(Word(one, start, since_ms + (until_ms - since_ms) * at // letters, confidence))
    return tuple(found)


def within(words: Iterable[Word], length_ms: int) -> tuple[Word, ...]:
    """The words in order and inside their piece, whatever an engine says of times; none without a letter."""
    found: list[Word] = []
    at = 0
    for one in words:
        text = one.text.strip()[:WORD_MAX]
        if not text:
            continue
        since_ms = min(max(one.since_ms, at), length_ms)
        until_ms = min(max(one.until_ms, since_ms), length_ms)
        found.append(Word(text, since_ms, until_ms, one.confidence))
        at = since_ms
    return tuple(found)
