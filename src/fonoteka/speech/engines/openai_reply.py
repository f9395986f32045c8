"""The shapes in which servers answer: words on top, words inside segments, segments alone, a text alone.

Every number may come as a text. What has no times of words gets them spread, and is marked approximate.
"""

from __future__ import annotations

import json
import math
from typing import Any

from fonoteka.domain.errors import EngineRefused
from fonoteka.domain.transcript import Word
from fonoteka.speech.engines.engine import PieceText, spread, within

_SAID_MAX = 120


def read_reply(reply: bytes, length_ms: int) -> PieceText:
    """What was understood of a piece that long. Raises `EngineRefused` for what is no answer."""
    try:
        value = json.loads(reply)
    except (ValueError, RecursionError) as error:
        told = " ".join(reply[:_SAID_MAX].decode("utf-8", "replace").split())
        raise EngineRefused(f"The speech server answers no JSON: {told}") from error
    if not isinstance(value, dict) or not isinstance(value.get("text", ""), str):
        raise EngineRefused("The speech server answers JSON that is no transcript.")
    segments = [one for one in _list(value.get("segments")) if isinstance(one, dict)]
    words = _words(value.get("words")) or [
        word for segment in segments for word in _words(segment.get("words"), _of_segment(segment))
    ]
    if words:
        return PieceText(within(words, length_ms))
    if segments:
        return PieceText(within(_spread_over(segments, length_ms), length_ms), is_approximate=True)
    if "text" not in value:
        raise EngineRefused("The speech server answers JSON that is no transcript.")
    text = value["text"]
    return PieceText(within(spread(text, 0, length_ms), length_ms), is_approximate=bool(text.strip()))


def _words(value: Any, confidence: float | None = None) -> list[Word]:
    found = []
    for one in _list(value):
        if not isinstance(one, dict):
            continue
        text, since, until = (
            one.get("word", one.get("text")),
            _number(one.get("start")),
            _number(one.get("end")),
        )
        if isinstance(text, str) and since is not None and until is not None:
            sure = _share(one.get("probability", one.get("score", one.get("p"))))
            found.append(Word(text, _ms(since), _ms(until), confidence if sure is None else sure))
    return found


def _spread_over(segments: list[dict[str, Any]], length_ms: int) -> list[Word]:
    found: list[Word] = []
    for one in segments:
        text, since, until = one.get("text"), _number(one.get("start")), _number(one.get("end"))
        if isinstance(text, str):
            since_ms = 0 if since is None else _ms(since)
            until_ms = length_ms if until is None else max(_ms(until), since_ms)
            found += spread(text, since_ms, until_ms, _of_segment(one))
    return found


def _of_segment(segment: dict[str, Any]) -> float | None:
    logprob = _number(segment.get("avg_logprob"))
    return None if logprob is None or logprob > 0 else math.exp(logprob)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and abs(number) < 1e6 else None


def _share(value: Any) -> float | None:
    number = _number(value)
    return None if number is None else min(1.0, max(0.0, number))


def _ms(seconds: float) -> int:
    return max(0, round(seconds * 1000))
