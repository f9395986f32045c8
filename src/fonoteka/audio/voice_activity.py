"""Who speaks when, told from levels: the detector that needs no model, and what all detectors share."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from fonoteka.audio.frames import FRAME_MS, Flags, Floats, moving_mean
from fonoteka.audio.sound import Channels
from fonoteka.domain.spans import Span, Spans, joined

ENERGY = "energy 1"
_ABOVE_FLOOR_DB = 9.0
_BELOW_LOUD_DB = 34.0  # what lies so far below a party's loud frames is the line, or the room
_THRESHOLDS_DB = (-56.0, -30.0)
_FLOOR_WINDOW = 313  # frames, 10 s: speech pauses within
_TONE = 0.88  # a ringing or busy tone; no voice comes near
_TONE_EDGES = 21  # frames around: its beginning is like nothing before it
_BRIDGED_MS = 200
_SPEECH_MS_MIN = 96
_SECOND = 31


class Detector(Protocol):
    """Tells voices from other sounds in pieces of all channels; one for a recording, for it remembers."""

    name: str

    def probabilities(self, piece: Channels) -> Floats:
        """How probably each frame after the lead holds a voice, shape (channels, frames), 0 to 1."""


def sounding(levels: Floats) -> Flags:
    """Which frames of a channel stand out of its quiet floor."""
    if not len(levels):
        return np.zeros(0, np.bool_)
    thresholds = np.maximum(_floor(levels) + _ABOVE_FLOOR_DB, np.quantile(levels, 0.95) - _BELOW_LOUD_DB)
    flags: Flags = levels > np.clip(thresholds, *_THRESHOLDS_DB)
    return flags


def energetic_speech(levels: Floats, tonality: Floats) -> Flags:
    """Which frames hold speech, as far as that can be told without a model; tones are none."""
    is_tone = moving_mean(moving_mean(tonality, 9) > _TONE, _TONE_EDGES) > 0
    return sounding(levels) & ~is_tone


def spans_of(flags: Flags, bridged_ms: int = _BRIDGED_MS, least_ms: int = _SPEECH_MS_MIN) -> Spans:
    """Runs of frames as spans: short gaps bridged, then what is too short left out."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    runs = (Span(int(a) * FRAME_MS, int(b) * FRAME_MS) for a, b in edges.reshape(-1, 2))
    return tuple(one for one in joined(runs, bridged_ms) if one.length_ms >= least_ms)


def _floor(levels: Floats) -> Floats:
    """The quiet of the seconds around each frame: the least of the seconds' lower tenths."""
    missing = -len(levels) % _SECOND
    seconds = np.quantile(np.pad(levels, (0, missing), mode="edge").reshape(-1, _SECOND), 0.1, axis=1)
    around = _FLOOR_WINDOW // _SECOND
    padded = np.pad(seconds, around // 2, mode="edge")
    least = np.lib.stride_tricks.sliding_window_view(padded, 2 * (around // 2) + 1).min(axis=1)
    floor: Floats = np.repeat(least, _SECOND)[: len(levels)].astype(np.float32)
    return floor
