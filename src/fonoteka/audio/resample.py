"""Sample rate conversion between the rates of telephony (8, 16, 48 kHz): windowed-sinc FIR filters.

The filter is laid out as one block-Toeplitz matrix, so that a block of output is one matrix product.
"""

from __future__ import annotations

from functools import cache
from math import ceil, gcd

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
_Floats = npt.NDArray[np.float32]

_LOBES = 16  # zero crossings of the sinc on each side, at the lower of the two rates
_KAISER_BETA = 8.0  # about 80 dB stop band
_PASS_BAND = 0.94  # of the lower rate's Nyquist frequency
_PERIODS_PER_BLOCK = 32  # more would be multiplied with zeros, fewer would be small products
_PRODUCT_OPERATIONS = 1 << 18
_BATCHES_AT_ONCE = 256
_RATIO_MAX = 36
"""48 to 8 kHz is 6; 44.1 to 16 kHz, 70,560, would take gigabytes."""


class Resampler:
    """A causal converter for one mono stream, fed block by block.

    `push` returns exactly `len(samples) * to_hz / from_hz` samples, `delay` output samples late.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        common = gcd(from_hz, to_hz)
        self._up, self._down = to_hz // common, from_hz // common
        self._half = _half_width(self._up, self._down)
        self._history: _Floats = np.zeros(2 * self._half, np.float32)
        self.delay = self._half * self._up // self._down

    def push(self, samples: Samples) -> Samples:
        """Convert the next samples; their number is a multiple of the down-conversion factor.

        Raises `ValueError` if it is not.
        """
        if len(samples) % self._down:
            raise ValueError(f"{len(samples)} samples are no multiple of {self._down}")
        signal = np.concatenate([self._history, samples.astype(np.float32)])
        self._history = signal[len(signal) - 2 * self._half :].copy()
        return _filtered(signal, len(samples) // self._down * self._up, self._up, self._down)


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Convert a whole mono signal without delay: `ceil(len * to_hz / from_hz)` samples.

    Raises `ValueError` for rates that are not a few times each other, as those of telephony are.
    """
    if from_hz == to_hz:
        return samples
    common = gcd(from_hz, to_hz)
    up, down = to_hz // common, from_hz // common
    count = ceil(len(samples) * up / down)
    half = _half_width(up, down)
    signal = np.pad(samples.astype(np.float32), (half, half + down))
    return _filtered(signal, count, up, down)


def _filtered(signal: _Floats, count: int, up: int, down: int) -> Samples:
    """`count` output samples; the first one is centred half a filter after the signal's start."""
    if not count:
        return np.zeros(0, np.int16)
    matrix = _matrix(up, down)
    period = _PERIODS_PER_BLOCK * down
    # Products below this size stay on one thread of BLAS: its others would spin on a busy machine.
    rows = max(1, _PRODUCT_OPERATIONS // matrix.size)
    batches = ceil(count / (_PERIODS_PER_BLOCK * up * rows))
    missing = (batches * rows - 1) * period + matrix.shape[0] - len(signal)
    padded = np.pad(signal, (0, max(missing, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, matrix.shape[0])[::period]
    result = np.empty((batches, rows, matrix.shape[1]), np.int16)
    for at in range(0, batches, _BATCHES_AT_ONCE):
        some = windows[at * rows : min(at + _BATCHES_AT_ONCE, batches) * rows]
        product = some.reshape(-1, rows, matrix.shape[0]) @ matrix
        result[at : at + _BATCHES_AT_ONCE] = np.clip(np.rint(product), -32768, 32767)
    return result.ravel()[:count]


def _half_width(up: int, down: int) -> int:
    """Half the filter's length in input samples."""
    return _LOBES * max(1, ceil(down / up))


@cache
def _matrix(up: int, down: int) -> _Floats:
    """Input window × output block; column k weighs the inputs around time k·down/up."""
    if up * down > _RATIO_MAX:
        raise ValueError(f"a ratio of {up} to {down} is no affair of a matrix")
    half = _half_width(up, down)
    window = np.arange(_PERIODS_PER_BLOCK * down + 2 * half)[:, None]
    centre = np.arange(_PERIODS_PER_BLOCK * up)[None, :] * (down / up) + half
    distance = window - centre
    cutoff = _PASS_BAND * min(1.0, up / down)
    taper = np.i0(_KAISER_BETA * np.sqrt(np.clip(1 - (distance / half) ** 2, 0, None)))
    weights = np.where(np.abs(distance) <= half, np.sinc(cutoff * distance) * taper, 0.0)
    result: _Floats = (weights / weights.sum(axis=0)).astype(np.float32)
    return result
