"""Sound that passes by in blocks, so that hours of it take no more memory than seconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt

Channels = npt.NDArray[np.int16]

BLOCK_SAMPLES = 1 << 16


@dataclass(frozen=True, slots=True)
class Sound:
    """`blocks` are int16 of shape (channels, some samples), end to end; they may be read but once."""

    channels: int
    sample_rate_hz: int
    blocks: Iterable[Channels]

    @classmethod
    def of(cls, channels: Channels, sample_rate_hz: int) -> Sound:
        """Sound that lies in memory, int16 of shape (channels, samples)."""
        count, length = channels.shape
        blocks = (channels[:, at : at + BLOCK_SAMPLES] for at in range(0, length, BLOCK_SAMPLES))
        return cls(count, sample_rate_hz, blocks)

    def whole(self) -> Channels:
        """All of it in memory."""
        blocks = list(self.blocks)
        return np.concatenate(blocks, axis=1) if blocks else np.zeros((self.channels, 0), np.int16)

    def mixed(self) -> Sound:
        """All channels added up in one, with saturation."""
        if self.channels == 1:
            return self
        return Sound(1, self.sample_rate_hz, (_added(block) for block in self.blocks))

    def at_rate(self, sample_rate_hz: int) -> Sound:
        """The same at another rate; the length may differ by a sample."""
        if sample_rate_hz == self.sample_rate_hz:
            return self
        return Sound(self.channels, sample_rate_hz, self._converted(sample_rate_hz))

    def _converted(self, sample_rate_hz: int) -> Iterator[Channels]:
        layout = f"{self.channels}c" if self.channels > 2 else ("mono", "stereo")[self.channels - 1]
        converter = av.AudioResampler("s16p", layout, sample_rate_hz)
        is_fed = False
        for block in self.blocks:
            if block.shape[1]:
                frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="s16p", layout=layout)
                frame.sample_rate = self.sample_rate_hz
                is_fed = True
                yield from map(_samples, converter.resample(frame))
        if is_fed:
            yield from map(_samples, converter.resample(None))


def _samples(frame: av.AudioFrame) -> Channels:
    return frame.to_ndarray().astype(np.int16, copy=False)


def _added(block: Channels) -> Channels:
    total = block.sum(axis=0, dtype=np.int32, keepdims=True)
    mixed: Channels = np.clip(total, -32768, 32767).astype(np.int16)
    return mixed
