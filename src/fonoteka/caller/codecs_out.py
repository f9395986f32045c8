"""The codecs that a placed call can speak: samples in, the RTP payloads of 20 ms packets out."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from fonoteka.caller.source import CallAudio, PartyAudio
from fonoteka.domain.errors import CodecUnknown
from fonoteka.domain.sealed import MediaFormat

PACKET_MS = 20


@dataclass(frozen=True, slots=True)
class OutgoingCodec:
    """How to encode for RTP. `sample_rate_hz` is the encoder's, `format.clock_hz` the RTP clock's."""

    name: str
    payload_type: int
    format: MediaFormat
    encoder: str
    sample_rate_hz: int
    encoder_options: dict[str, str] = field(default_factory=dict)
    bit_rate: int | None = None

    @property
    def packet_samples(self) -> int:
        """Samples in one packet."""
        return self.sample_rate_hz * PACKET_MS // 1000

    @property
    def packet_clock(self) -> int:
        """RTP clock units in one packet; G.722 counts 8 kHz though it samples 16 (RFC 3551 §4.5.2)."""
        return self.format.clock_hz * PACKET_MS // 1000


_OPUS = {"application": "voip", "frame_duration": str(PACKET_MS)}
CODECS = {
    codec.name: codec
    for codec in (
        OutgoingCodec("pcma", 8, MediaFormat("PCMA", 8000), "pcm_alaw", 8000),
        OutgoingCodec("pcmu", 0, MediaFormat("PCMU", 8000), "pcm_mulaw", 8000),
        OutgoingCodec("g722", 9, MediaFormat("G722", 8000), "g722", 16000),
        # RFC 7587 §7: always announced as 48000/2, whatever is encoded.
        OutgoingCodec("opus", 111, MediaFormat("OPUS", 48000, 2), "libopus", 48000, _OPUS, 32_000),
    )
}


def codec_named(name: str) -> OutgoingCodec:
    """The codec by its lower-case name. Raises `CodecUnknown`."""
    if name not in CODECS:
        raise CodecUnknown(f"{name!r} is not a codec of this client; choose one of {', '.join(CODECS)}.")
    return CODECS[name]


@dataclass(frozen=True, slots=True, eq=False)
class EncodedCall:
    """Both parties' payloads, as many for each; calls share one of these."""

    codec: OutgoingCodec
    calling: tuple[bytes, ...]
    called: tuple[bytes, ...]

    @property
    def duration_s(self) -> float:
        """How long it plays once, seconds."""
        return len(self.calling) * PACKET_MS / 1000


def encode_call(audio: CallAudio, codec: OutgoingCodec) -> EncodedCall:
    """Encode both parties to one length, a whole number of packets; the shorter one ends in silence."""
    voices = [resample(party, codec.sample_rate_hz) for party in (audio.calling, audio.called)]
    packets = max(1, *(-(-len(voice) // codec.packet_samples) for voice in voices))
    calling, called = (
        encode(np.pad(voice, (0, packets * codec.packet_samples - len(voice))), codec) for voice in voices
    )
    return EncodedCall(codec, calling, called)


def resample(audio: PartyAudio, sample_rate_hz: int) -> NDArray[np.int16]:
    """The samples at another rate; at the same rate they are the very same samples."""
    if audio.sample_rate_hz == sample_rate_hz or not len(audio.samples):
        return audio.samples
    resampler = av.AudioResampler(format="s16", layout="mono", rate=sample_rate_hz)
    frames = [*resampler.resample(_frame(audio.samples, audio.sample_rate_hz)), *resampler.resample(None)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def encode(samples: NDArray[np.int16], codec: OutgoingCodec) -> tuple[bytes, ...]:
    """Encode whole packets of mono samples: one payload for each.

    What an encoder holds back at the end (Opus: 6.5 ms) is left out, so that calls keep their length.
    """
    count = len(samples) // codec.packet_samples
    context = av.CodecContext.create(codec.encoder, "w")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate = codec.sample_rate_hz
    context.layout = "mono"
    context.format = av.AudioFormat("s16")
    context.time_base = Fraction(1, codec.sample_rate_hz)
    context.options = dict(codec.encoder_options)
    if codec.bit_rate is not None:
        context.bit_rate = codec.bit_rate
    payloads: list[bytes] = []
    for block in samples[: count * codec.packet_samples].reshape(count, codec.packet_samples):
        payloads.extend(bytes(packet) for packet in context.encode(_frame(block, codec.sample_rate_hz)))
    payloads.extend(bytes(packet) for packet in context.encode(None))
    return tuple(payloads[:count])


def _frame(samples: NDArray[np.int16], sample_rate_hz: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None, :], format="s16", layout="mono")
    frame.sample_rate = sample_rate_hz
    return frame
