"""One party's sound as Opus frames of 60 ms, by libopus, with silence left out where the profile says so."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt

from fonoteka.audio.gate import Gate
from fonoteka.audio.opus_header import OpusHead
from fonoteka.audio.opus_packet import CLOCK_HZ, OpusPacket

FRAME_MS = 60
_FEED_FRAMES = 500
# A frame without bytes (RFC 6716 §3.4: the decoder fills in), SILK narrowband of 60 ms.
_SILENCE = OpusPacket(3 << 3, (b"",))

Samples = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Coding:
    """How a profile's parties are encoded: bits per second of each, and libopus's complexity.

    With a `hard_bit_rate` silence is left out, and what is hard to code takes that many bits.
    Complexity 6 costs 0.06 PESQ against 10 and encodes 1.35 times as fast.
    """

    sample_rate_hz: int
    bit_rate: int
    hard_bit_rate: int | None = None
    complexity: int = 6


CODINGS = {
    "compact": Coding(8_000, 7_000, hard_bit_rate=10_000),
    "standard": Coding(8_000, 8_200),
    "wide": Coding(16_000, 10_200),
}
"""By the name of the profile; `lossless` is no Opus."""


class PartyEncoder:
    """Encodes one party once. `delay` is the encoder's in samples; `samples` counts what has come in."""

    def __init__(self, coding: Coding) -> None:
        self._coding = coding
        self._usual = _Libopus(coding, coding.bit_rate)
        self._hard = _Libopus(coding, coding.hard_bit_rate) if coding.hard_bit_rate else self._usual
        self.delay = self._usual.delay
        self.samples = 0

    def frames(self, blocks: Iterable[Samples], gate: Gate | None) -> Iterator[OpusPacket]:
        """The frames, padded with silence to whole ones past the encoder's delay, chosen by `gate`."""
        frame = FRAME_MS * self._coding.sample_rate_hz // 1000
        made = 0
        for fed in self._fed(blocks, frame):
            count = len(fed) // frame
            if gate is None:
                yield from self._usual.encode(fed, count)
            else:
                span = slice(made, made + count)
                yield from self._gated(fed.reshape(count, frame), gate.is_open[span], gate.is_hard[span])
            made += count

    def _gated(
        self, frames: Samples, is_open: npt.NDArray[np.bool_], is_hard: npt.NDArray[np.bool_]
    ) -> Iterator[OpusPacket]:
        coded = {
            hard: deque(encoder.encode(frames[which].ravel(), int(which.sum())))
            for hard, encoder in ((False, self._usual), (True, self._hard))
            if (which := is_open & (is_hard == hard)).any()
        }
        for opens, hard in zip(is_open.tolist(), is_hard.tolist(), strict=True):
            yield coded[hard].popleft() if opens else _SILENCE

    def _fed(self, blocks: Iterable[Samples], frame: int) -> Iterator[Samples]:
        """The sound in blocks of whole frames."""
        left = np.zeros(0, np.int16)
        for block in blocks:
            self.samples += len(block)
            left = np.concatenate([left, block])
            whole = len(left) // (_FEED_FRAMES * frame) * _FEED_FRAMES * frame
            if whole:
                yield left[:whole]
                left = left[whole:]
        if self.samples:
            missing = -(len(left) + self.delay) % frame + self.delay
            yield np.pad(left, (0, missing))


class _Libopus:
    """libopus as PyAV has it: a packet comes out for each frame that goes in, at once or a little later."""

    def __init__(self, coding: Coding, bit_rate: int) -> None:
        context = av.CodecContext.create("libopus", "w")
        assert isinstance(context, av.AudioCodecContext)
        context.sample_rate = self._rate = coding.sample_rate_hz
        context.layout = "mono"
        context.format = "s16"
        context.bit_rate = bit_rate
        context.options = {
            "application": "voip",
            "frame_duration": str(FRAME_MS),
            "vbr": "on",
            "compression_level": str(coding.complexity),
        }
        context.open()
        self._context = context
        self._fed = 0
        pre_skip = OpusHead.parse(bytes(context.extradata or b"")).pre_skip
        self.delay = pre_skip * self._rate // CLOCK_HZ

    def encode(self, samples: Samples, frames: int) -> Iterator[OpusPacket]:
        """As many packets as frames are fed."""
        audio = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        audio.sample_rate, audio.pts = self._rate, self._fed
        self._fed += len(samples)
        packets = self._context.encode(audio)
        assert len(packets) == frames
        return (OpusPacket.parse(bytes(packet)) for packet in packets)
