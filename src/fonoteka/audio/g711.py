"""G.711: the value of each of the 256 octets of µ-law and A-law as a 16-bit linear sample (ITU-T G.711)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def _ulaw() -> npt.NDArray[np.int16]:
    inverted = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = (inverted >> 4 & 7).astype(np.int32), (inverted & 15).astype(np.int32)
    magnitude = (((mantissa << 3) + 0x84) << exponent) - 0x84
    return np.where(inverted & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw() -> npt.NDArray[np.int16]:
    toggled = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent, mantissa = (toggled >> 4 & 7).astype(np.int32), (toggled & 15).astype(np.int32)
    magnitude = np.where(
        exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0)
    )
    return np.where(toggled & 0x80, magnitude, -magnitude).astype(np.int16)


ULAW_TO_LINEAR = _ulaw()
ALAW_TO_LINEAR = _alaw()
