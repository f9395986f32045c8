"""A recording as WAV or MP3 for those who download it: a party a channel, written in blocks."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
import numpy.typing as npt

from fonoteka.domain.errors import AudioTooLong

WAV_HEADER_BYTES = 44
_WAV_MAX_BYTES = 2**32 - 1 - WAV_HEADER_BYTES
_BLOCK_SAMPLES = 1 << 16
_MP3_BIT_RATES = {
    8_000: 24_000,
    16_000: 32_000,
}  # per party; MPEG 2.5 and 2 know no more than 64 and 160 kb/s

Channels = npt.NDArray[np.int16]


def to_wav(channels: Channels, sample_rate_hz: int, target: Path | BinaryIO) -> None:
    """Write int16 channels (shape (parties, samples)) as PCM WAV to a path or an open binary file.

    The file need not be seekable. Raises `AudioTooLong` past 4 GiB.
    """
    count, length = channels.shape
    data_bytes = 2 * count * length
    if data_bytes > _WAV_MAX_BYTES:
        raise AudioTooLong("A WAV file holds at most 4 GiB.")
    if isinstance(target, Path):
        with target.open("wb") as file:
            to_wav(channels, sample_rate_hz, file)
        return
    target.write(_wav_header(count, sample_rate_hz, data_bytes))
    for at in range(0, length, _BLOCK_SAMPLES):
        target.write(channels[:, at : at + _BLOCK_SAMPLES].T.astype("<i2").tobytes())


def to_mp3(channels: Channels, sample_rate_hz: int, target: Path | BinaryIO) -> None:
    """Write int16 channels (shape (parties, samples), one or two, 8 or 16 kHz) as MP3 at a constant bit rate.

    Channels are coded apart (no joint stereo), so that parties are not heard in each other.
    Raises `ValueError` for other shapes or rates.
    """
    count, length = channels.shape
    if not 1 <= count <= 2 or sample_rate_hz not in _MP3_BIT_RATES:
        raise ValueError(f"{count} channels of {sample_rate_hz} Hz cannot be written as MP3")
    layout = "stereo" if count == 2 else "mono"
    file = str(target) if isinstance(target, Path) else target
    with av.open(file, "w", format="mp3", options={"id3v2_version": "0"}) as container:
        stream = container.add_stream("libmp3lame", rate=sample_rate_hz, layout=layout)
        stream.bit_rate = count * _MP3_BIT_RATES[sample_rate_hz]
        stream.options = {"joint_stereo": "0"}
        for at in range(0, length, _BLOCK_SAMPLES):
            block = np.ascontiguousarray(channels[:, at : at + _BLOCK_SAMPLES])
            frame = av.AudioFrame.from_ndarray(block, format="s16p", layout=layout)
            frame.sample_rate, frame.pts = sample_rate_hz, at
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _wav_header(count: int, sample_rate_hz: int, data_bytes: int) -> bytes:
    """RIFF header of PCM, 16 bits."""
    frame_bytes = 2 * count
    form = struct.pack(
        "<4sIHHIIHH", b"fmt ", 16, 1, count, sample_rate_hz, sample_rate_hz * frame_bytes, frame_bytes, 16
    )
    return (
        struct.pack("<4sI4s", b"RIFF", WAV_HEADER_BYTES - 8 + data_bytes, b"WAVE")
        + form
        + struct.pack("<4sI", b"data", data_bytes)
    )
