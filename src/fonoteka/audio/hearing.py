"""Who speaks when in a recording: voices found, the other party's echo taken out, hold music recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fonoteka.audio.frames import FRAME_MS, Flags, Floats, levels_db, moving_mean, pieces, tonality
from fonoteka.audio.sound import Sound
from fonoteka.audio.voice_activity import ENERGY, Detector, energetic_speech, sounding, spans_of
from fonoteka.domain.spans import Spans

_SPEAKS, _STILL_SPEAKS = 0.5, 0.35
_ECHO_DB = 10.0  # an echo is at least so much quieter; a voice of its own rarely is
_SMOOTHED = 5  # frames, 160 ms
_MUSIC_WINDOW = 125  # frames, 4 s
_MUSIC_SCORE = 0.32  # of 4 s: music 0.33 and more in 95 of 100, voices 0.30 at most
_MUSIC_SCORE_NO_VOICE, _NO_VOICE = 0.12, 0.1  # where a detector is sure that nobody speaks; noise has 0
_MUSIC_SOUNDS = 0.6  # it hardly pauses
_MUSIC_MS_MIN, _MUSIC_BRIDGED_MS = 5_000, 3_000
_SECOND = 31


@dataclass(frozen=True, slots=True)
class Heard:
    """Spans of speech and of music for each channel, what told them apart, and how long it listened."""

    duration_ms: int
    speech: tuple[Spans, ...]
    music: tuple[Spans, ...]
    detector: str


def hear(sound: Sound, detector: Detector | None = None) -> Heard:
    """Listen to one or two channels; without a detector voices are told by their levels.

    Spans lie on a grid of 32 ms. Raises what reading the sound raises.
    """
    levels: list[Floats] = []
    tonal: list[Floats] = []
    voices: list[Floats] = []
    for piece in pieces(sound):
        levels.append(np.stack([levels_db(channel) for channel in piece]))
        tonal.append(np.stack([tonality(channel) for channel in piece]))
        if detector is not None:
            voices.append(detector.probabilities(piece))
    if not levels:
        nothing: tuple[Spans, ...] = ((),) * sound.channels
        return Heard(0, nothing, nothing, ENERGY if detector is None else detector.name)
    level, likeness = np.concatenate(levels, axis=1), np.concatenate(tonal, axis=1)
    if detector is None:
        speaks = [energetic_speech(*of_channel) for of_channel in zip(level, likeness, strict=True)]
        no_voice = [np.zeros(len(one), np.bool_) for one in speaks]
    else:
        speaks = [_decided(one) for one in np.concatenate(voices, axis=1)]
        no_voice = [moving_mean(one, _MUSIC_WINDOW) < _NO_VOICE for one in speaks]
    music = [_music(*of_channel) for of_channel in zip(level, likeness, no_voice, strict=True)]
    speaks = [one & ~plays for one, plays in zip(_without_echo(level, speaks), music, strict=True)]
    return Heard(
        duration_ms=level.shape[1] * FRAME_MS,
        speech=tuple(spans_of(one) for one in speaks),
        music=tuple(spans_of(one, 0, 0) for one in music),
        detector=ENERGY if detector is None else detector.name,
    )


def _decided(probabilities: Floats) -> Flags:
    """Speech begins where it is likely and goes on until it is not any more."""
    told = np.where(probabilities >= _SPEAKS, 1, np.where(probabilities < _STILL_SPEAKS, 0, -1))
    known = np.maximum.accumulate(np.where(told >= 0, np.arange(len(told)), 0))
    flags: Flags = told[known] == 1
    return flags


def _without_echo(levels: Floats, speaks: Sequence[Flags]) -> list[Flags]:
    """Take out of each channel what is only the other's voice come back, quieter."""
    if len(speaks) != 2:
        return list(speaks)
    power = [moving_mean((10 ** (one / 10)).astype(np.float32), _SMOOTHED) for one in levels]
    smooth = [10 * np.log10(np.maximum(one, 1e-12)) for one in power]
    return [
        speaks[own] & ~(speaks[other] & (smooth[own] <= smooth[other] - _ECHO_DB))
        for own, other in ((0, 1), (1, 0))
    ]


def _music(levels: Floats, likeness: Floats, no_voice: Flags) -> Flags:
    """Where music plays (or a tone sounds) for seconds: it hardly pauses, and its notes last."""
    amplitude = (10 ** (levels / 20)).astype(np.float32)
    is_low = amplitude < 0.5 * moving_mean(amplitude, _SECOND)
    score = moving_mean(likeness - 0.5 * is_low.astype(np.float32), _MUSIC_WINDOW)
    sounds = moving_mean(sounding(levels) | (levels > -50.0), _MUSIC_WINDOW)
    least = np.where(no_voice, _MUSIC_SCORE_NO_VOICE, _MUSIC_SCORE)
    flags = np.zeros(len(levels), np.bool_)
    for one in spans_of((score > least) & (sounds > _MUSIC_SOUNDS), _MUSIC_BRIDGED_MS, _MUSIC_MS_MIN):
        flags[one.since_ms // FRAME_MS : one.until_ms // FRAME_MS] = True
    return flags
