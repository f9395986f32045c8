"""Archive audio: one Ogg Opus file, a mono stream per party, packets of 120 ms, pages of 10 s.

Each party is encoded alone (so nothing of one is heard in the other), in frames of 60 ms; two of them are
joined into one packet (RFC 6716 appendix B frames all streams but the last), which saves container bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import av
import numpy as np
import numpy.typing as npt

from fonoteka.audio.ogg import PageWriter
from fonoteka.audio.opus_header import OpusHead, opus_tags
from fonoteka.audio.opus_packet import CLOCK_HZ, OpusPacket, join

MAX_CHANNELS = 2
FRAME_MS = 60
PACKET_MS = 2 * FRAME_MS
PAGE_MS = 10_000
_SAMPLE_RATES_HZ = (8_000, 16_000)
_FEED_FRAMES = 500

Channels = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Profile:
    """How a party is encoded: bits per second at each input rate, and libopus's complexity.

    Complexity 6 costs 0.02 PESQ against 10 and encodes 1.35 times as fast.
    """

    bit_rates: dict[int, int]
    complexity: int


PROFILES = {"standard": Profile(bit_rates={8_000: 8_000, 16_000: 14_000}, complexity=6)}


def encode_opus(channels: Channels, sample_rate_hz: int, profile: str = "standard") -> bytes:
    """Encode `channels` (int16, shape (parties, samples), one or two parties, 8 or 16 kHz) as a file.

    It decodes to exactly as many samples; the same input gives the same bytes. Two parties are written with
    mapping family 1 (two streams, none coupled), one with family 0. Raises `ValueError` for other shapes or
    rates, `KeyError` for an unknown profile.
    """
    count, length = channels.shape
    if not 1 <= count <= MAX_CHANNELS or sample_rate_hz not in _SAMPLE_RATES_HZ:
        raise ValueError(f"{count} channels of {sample_rate_hz} Hz cannot be encoded")
    encoders = [_PartyEncoder(channel, sample_rate_hz, PROFILES[profile]) for channel in channels]
    scale = CLOCK_HZ // sample_rate_hz
    pre_skip = encoders[0].delay * scale
    writer = PageWriter(serial=zlib.crc32(channels[0, :sample_rate_hz].tobytes(), length))
    writer.add(OpusHead(count, pre_skip, sample_rate_hz).serialize(), 0)
    writer.close_page()
    writer.add(opus_tags(), 0)
    writer.close_page()
    _write_audio(writer, _multistream(encoders), pre_skip + length * scale)
    return writer.getvalue()


def _write_audio(writer: PageWriter, packets: Iterator[tuple[bytes, int]], end: int) -> None:
    """Write packets (bytes, length at 48 kHz); the last granule, `end`, trims what pads the last frame."""
    page_samples = PAGE_MS * CLOCK_HZ // 1000
    granule, page_start = 0, 0
    for packet, samples in packets:
        if granule + samples - page_start > page_samples:
            writer.close_page()
            page_start = granule
        granule += samples
        writer.add(packet, min(granule, end))
    writer.close_page(last=True)


def _multistream(encoders: list[_PartyEncoder]) -> Iterator[tuple[bytes, int]]:
    """Packets of 120 ms of all parties; of 60 ms where one party's two frames are of different modes."""
    pending: list[tuple[OpusPacket, ...]] = []
    for frames in zip(*encoders, strict=True):
        pending.append(frames)
        if len(pending) < PACKET_MS // FRAME_MS:
            continue
        joined = [join(party) for party in zip(*pending, strict=True)]
        whole = [packet for packet in joined if packet is not None]
        for packets in [whole] if len(whole) == len(joined) else pending:
            yield _framed(packets)
        pending = []
    for packets in pending:
        yield _framed(packets)


def _framed(packets: tuple[OpusPacket, ...] | list[OpusPacket]) -> tuple[bytes, int]:
    """One multistream packet and its length at 48 kHz."""
    heads = [packet.serialize(self_delimited=True) for packet in packets[:-1]]
    return b"".join(heads) + packets[-1].serialize(), packets[-1].samples


class _PartyEncoder:
    """Iterates over the frames of one party, padded with silence to whole frames past the encoder's delay."""

    def __init__(self, samples: npt.NDArray[np.int16], sample_rate_hz: int, profile: Profile) -> None:
        self._samples = samples
        self._rate = sample_rate_hz
        context = av.CodecContext.create("libopus", "w")
        assert isinstance(context, av.AudioCodecContext)
        context.sample_rate = sample_rate_hz
        context.layout = "mono"
        context.format = "s16"
        context.bit_rate = profile.bit_rates[sample_rate_hz]
        context.options = {
            "application": "voip",
            "frame_duration": str(FRAME_MS),
            "vbr": "on",
            "compression_level": str(profile.complexity),
        }
        context.open()
        self._context = context
        pre_skip = OpusHead.parse(bytes(context.extradata or b"")).pre_skip
        self.delay = pre_skip * sample_rate_hz // CLOCK_HZ

    def __iter__(self) -> Iterator[OpusPacket]:
        frame = FRAME_MS * self._rate // 1000
        frames = ceil((len(self._samples) + self.delay) / frame)
        made = 0
        for at in range(0, frames * frame, _FEED_FRAMES * frame):
            block = self._samples[at : min(at + _FEED_FRAMES * frame, len(self._samples))]
            wanted = min(_FEED_FRAMES * frame, frames * frame - at)
            padded = np.pad(block, (0, wanted - len(block)))
            audio = av.AudioFrame.from_ndarray(padded[None], format="s16", layout="mono")
            audio.sample_rate, audio.pts = self._rate, at
            for packet in self._context.encode(audio):
                made += 1
                yield OpusPacket.parse(bytes(packet))
        for packet in self._context.encode(None):
            if made < frames:
                made += 1
                yield OpusPacket.parse(bytes(packet))
