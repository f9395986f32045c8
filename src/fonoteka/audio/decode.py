"""Archive audio back to samples, by libopus.

Always libopus: ffmpeg's own Opus decoder turns frames without bytes into noise.
"""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt

from fonoteka.audio.ogg import read_packets
from fonoteka.audio.opus_header import OpusHead
from fonoteka.audio.opus_packet import CLOCK_HZ
from fonoteka.audio.resample import Resampler
from fonoteka.domain.errors import AudioMalformed

_OUTPUT_RATES_HZ = (8_000, 16_000, 48_000)
_PACKETS_AT_ONCE = 64
_PRE_SKIP_AT = 10  # in the Opus header (RFC 7845 §5.1)


def decode_opus(data: bytes) -> tuple[npt.NDArray[np.int16], int]:
    """Decode an Ogg Opus file of one or two channels to (int16, shape (channels, samples)) and their rate.

    The rate is the one that was encoded (8 or 16 kHz), or 48 kHz where that is another; the length is exact.
    Raises `AudioMalformed`.
    """
    packets, granule = read_packets(data)
    if len(packets) < 2:
        raise AudioMalformed("The file has no Opus headers.")
    head = OpusHead.parse(packets[0])
    if head.channels > 2:
        raise AudioMalformed(f"{head.channels} channels are not a recording's.")
    rate = head.input_rate_hz if head.input_rate_hz in _OUTPUT_RATES_HZ else CLOCK_HZ
    scale = CLOCK_HZ // rate
    decoded = _decode_packets(packets, head, rate)
    length = max(0, -(-(granule - head.pre_skip) // scale))
    start = head.pre_skip // scale
    return decoded[:, start : start + length], rate


def _decode_packets(packets: list[bytes], head: OpusHead, rate: int) -> npt.NDArray[np.int16]:
    """All that the audio packets hold, pre-skip and padding included, at `rate`."""
    context = av.CodecContext.create("libopus", "r")
    assert isinstance(context, av.AudioCodecContext)
    # ffmpeg would cut a pre-skip of its own accord; the caller cuts it by count.
    context.extradata = packets[0][:_PRE_SKIP_AT] + bytes(2) + packets[0][_PRE_SKIP_AT + 2 :]
    context.layout = "stereo" if head.channels == 2 else "mono"
    resamplers = [Resampler(CLOCK_HZ, rate) for _ in range(head.channels)] if rate != CLOCK_HZ else []
    parts: list[npt.NDArray[np.int16]] = []
    for at in range(2, len(packets), _PACKETS_AT_ONCE):
        wide = _decode_block(context, packets[at : at + _PACKETS_AT_ONCE], head.channels)
        parts.append(_converted(resamplers, wide))
    if not parts:
        return np.zeros((head.channels, 0), np.int16)
    if not resamplers:
        return np.concatenate(parts, axis=1)
    delay = resamplers[0].delay
    parts.append(_converted(resamplers, np.zeros((head.channels, delay * CLOCK_HZ // rate), np.int16)))
    return np.concatenate(parts, axis=1)[:, delay:]


def _decode_block(
    context: av.AudioCodecContext, packets: list[bytes], channels: int
) -> npt.NDArray[np.int16]:
    """Samples of 48 kHz, shape (channels, samples)."""
    try:
        frames = [frame for packet in packets for frame in context.decode(av.Packet(packet))]
    except av.error.FFmpegError as error:
        raise AudioMalformed(f"An Opus packet cannot be decoded: {error}") from error
    interleaved = [frame.to_ndarray().reshape(-1, channels).T for frame in frames]
    return np.concatenate(interleaved, axis=1) if interleaved else np.zeros((channels, 0), np.int16)


def _converted(resamplers: list[Resampler], wide: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    if not resamplers:
        return wide
    return np.stack([resampler.push(row) for resampler, row in zip(resamplers, wide, strict=True)])
