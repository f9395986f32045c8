"""Sound as frames of 32 ms at 8 kHz, and what is known of each: its level, and how tonal it is.

Works piece by piece, so that hours of sound take no more memory than minutes. Every piece comes with a lead:
the last second of the piece before it, for whatever looks back.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from fonoteka.audio.sound import Channels, Sound

RATE_HZ = 8_000
FRAME = 256
FRAME_MS = 32
LEAD_FRAMES = 32
PIECE_FRAMES = 8_000
"""256 s."""
_LEAD = LEAD_FRAMES * FRAME
_WINDOW = 2 * FRAME
_BINS = slice(8, 200)  # 125 to 3,100 Hz of a window's spectrum: what telephones let through
_FLOOR = 10.0  # of a magnitude: below a sample's least step there is no picture of a spectrum
_AROUND = 15  # bins that a peak stands out of
_LAG = 4  # frames after which a note still sounds, and a voice's pitch has moved on

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


def pieces(sound: Sound) -> Iterator[Channels]:
    """The sound at 8 kHz, shape (channels, lead and whole frames), with silence before and after it."""
    kept = np.zeros((sound.channels, _LEAD), np.int16)
    gathered: list[Channels] = []
    length = 0
    for block in sound.at_rate(RATE_HZ).blocks:
        gathered.append(block)
        length += block.shape[1]
        while length >= PIECE_FRAMES * FRAME:
            whole = np.concatenate([kept, *gathered], axis=1)
            piece = whole[:, : _LEAD + PIECE_FRAMES * FRAME]
            yield piece
            kept = piece[:, -_LEAD:]
            gathered = [whole[:, piece.shape[1] :]]
            length -= PIECE_FRAMES * FRAME
    if length:
        missing = np.zeros((sound.channels, -length % FRAME), np.int16)
        yield np.concatenate([kept, *gathered, missing], axis=1)


def levels_db(piece: npt.NDArray[np.int16]) -> Floats:
    """The level of each frame of one channel after its lead, dB of full scale without direct current."""
    frames = piece[_LEAD:].reshape(-1, FRAME).astype(np.float32)
    levels: Floats = 10 * np.log10(np.maximum(frames.var(axis=1), 1e-2) / 32768**2)
    return levels


def tonality(piece: npt.NDArray[np.int16]) -> Floats:
    """How alike the peaks of each frame's spectrum are to those 128 ms before, −1 to 1; one channel.

    The notes of music last, and so do its peaks; a voice never holds its pitch so long. Noise has peaks that
    mean nothing. Measured over 8 s: music 0.5 to 0.8, voices 0.1 to 0.5.
    """
    frames = len(piece) // FRAME - LEAD_FRAMES
    start = (LEAD_FRAMES - 1 - _LAG) * FRAME
    windows = np.lib.stride_tricks.sliding_window_view(piece[start:], _WINDOW)[::FRAME][: frames + _LAG]
    spectra = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW).astype(np.float32), axis=1))[:, _BINS]
    told = np.log(spectra.astype(np.float32) + _FLOOR)
    sums = np.cumsum(np.pad(told, ((0, 0), (_AROUND // 2 + 1, _AROUND // 2)), mode="edge"), axis=1)
    peaks = told - (sums[:, _AROUND:] - sums[:, :-_AROUND]) / _AROUND
    now, before = peaks[_LAG:], peaks[:-_LAG]
    scale = np.sqrt((now * now).sum(axis=1) * (before * before).sum(axis=1))
    likeness: Floats = ((now * before).sum(axis=1) / np.maximum(scale, 1e-3)).astype(np.float32)
    return likeness


def moving_mean(values: Floats | Flags, frames: int) -> Floats:
    """The mean over so many frames around each; at the ends over those that there are."""
    before = frames // 2
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    at = np.arange(len(values))
    low, high = np.maximum(at - before, 0), np.minimum(at - before + frames, len(values))
    mean: Floats = ((sums[high] - sums[low]) / np.maximum(high - low, 1)).astype(np.float32)
    return mean
