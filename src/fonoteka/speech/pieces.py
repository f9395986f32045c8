"""A recording's speech in pieces that an engine takes: one party each, cut where nobody speaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from fonoteka.audio.sound import Channels, Sound
from fonoteka.domain.spans import Span, Spans
from fonoteka.speech.engines.engine import Samples

PIECE_MS_MAX = 25_000
_PAUSE_MS_MAX = 1_500
"""Speech that is further apart goes in pieces of its own."""
_AROUND_MS = 200
_CUT_WITHIN_MS = 5_000
_QUIET_MS = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """Samples of one channel, and where they begin in the recording."""

    channel: int
    since_ms: int
    samples: Samples


def plan_pieces(speech: Spans, recorded_ms: int) -> Spans:
    """The stretches to send of one channel, each of 25 s at most but for speech without a pause."""
    found: list[Span] = []
    for one in speech:
        fits = found and one.until_ms - found[-1].since_ms <= PIECE_MS_MAX - 2 * _AROUND_MS
        if fits and one.since_ms - found[-1].until_ms <= _PAUSE_MS_MAX:
            found[-1] = Span(found[-1].since_ms, one.until_ms)
        else:
            found.append(one)
    widened = []
    for place, one in enumerate(found):
        # Never into the neighbour: its words would be heard twice.
        before = found[place - 1].until_ms if place else 0
        after = found[place + 1].since_ms if place + 1 < len(found) else recorded_ms
        since = max(one.since_ms - _AROUND_MS, (before + one.since_ms) // 2 if place else 0)
        last = place + 1 == len(found)
        until = min(one.until_ms + _AROUND_MS, recorded_ms if last else (one.until_ms + after) // 2)
        widened.append(Span(since, max(until, since)))
    return tuple(widened)


def cut(sound: Sound, plans: Sequence[Spans]) -> Iterator[Piece]:
    """The pieces of all channels as they pass by; no more sound is kept than the pieces in hand need."""
    rate = sound.sample_rate_hz
    waiting = sorted(
        ((span, channel) for channel, spans in enumerate(plans) for span in spans),
        key=lambda one: one[0].until_ms,
    )
    # From where on the sound is still needed when the first so many are done.
    starts = [_samples(span.since_ms, rate) for span, _ in waiting]
    needed = list(accumulate(reversed(starts), min))[::-1]
    kept = np.zeros((sound.channels, 0), np.int16)
    start = at = 0
    for block in sound.blocks:
        kept = np.concatenate([kept, block], axis=1)
        end = start + kept.shape[1]
        while at < len(waiting) and _samples(waiting[at][0].until_ms, rate) <= end:
            yield from _parts(kept, start, *waiting[at], rate)
            at += 1
        keep_from = min(end, needed[at]) if at < len(waiting) else end
        if keep_from > start:
            kept, start = kept[:, keep_from - start :], keep_from
    for span, channel in waiting[at:]:
        yield from _parts(kept, start, span, channel, rate)


def _samples(ms: int, rate: int) -> int:
    return ms * rate // 1000


def _parts(kept: Channels, start: int, span: Span, channel: int, rate: int) -> Iterator[Piece]:
    at = max(_samples(span.since_ms, rate) - start, 0)
    samples = kept[channel, at : max(_samples(span.until_ms, rate) - start, 0)]
    done = 0
    while len(samples) - done:
        length = _cut_at(samples[done:], rate)
        yield Piece(channel, (start + at + done) * 1000 // rate, samples[done : done + length].copy())
        done += length


def _cut_at(samples: Samples, rate: int) -> int:
    """How much fits: all, or up to the quietest moment of the last seconds that do."""
    most = _samples(PIECE_MS_MAX, rate)
    if len(samples) <= most:
        return len(samples)
    block = _samples(_QUIET_MS, rate)
    first = most - _samples(_CUT_WITHIN_MS, rate)
    blocks = samples[first : first + (most - first) // block * block].reshape(-1, block).astype(np.float32)
    quietest = int(np.argmin((blocks * blocks).mean(axis=1)))
    return first + quietest * block + block // 2
