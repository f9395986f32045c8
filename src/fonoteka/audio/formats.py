"""A recording as a file that other programs open, written block by block; a party a channel."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np

from fonoteka.audio.sound import Sound
from fonoteka.domain.errors import AudioTooLong

WAV_HEADER_BYTES = 44
_WAV_MAX_BYTES = 2**32 - 1 - WAV_HEADER_BYTES
_CHANNELS_MAX = 2
# Per party by sample rate; MPEG 2.5 (up to 12 kHz) and 2 (up to 24 kHz) know no more than 64 and 160 kb/s.
_MP3_BIT_RATES = {
    8_000: 24_000,
    11_025: 24_000,
    12_000: 32_000,
    16_000: 32_000,
    22_050: 48_000,
    24_000: 48_000,
    32_000: 64_000,
    44_100: 64_000,
    48_000: 64_000,
}


def to_wav(sound: Sound, path: Path) -> None:
    """Write PCM WAV of 16 bits. Raises `AudioTooLong` past 4 GiB, OSError."""
    with path.open("wb") as file:
        file.write(bytes(WAV_HEADER_BYTES))
        data_bytes = sum(_written(file, sound))
        file.seek(0)
        file.write(_wav_header(sound.channels, sound.sample_rate_hz, data_bytes))


def to_mp3(sound: Sound, path: Path) -> None:
    """Write MP3 at a constant bit rate; a rate that MP3 does not know becomes the next that it knows.

    Channels are coded apart (no joint stereo), so that parties are not heard in each other. Raises
    `ValueError` for more than two, OSError.
    """
    sound = sound.at_rate(_mp3_rate(sound.sample_rate_hz))
    with av.open(str(path), "w", format="mp3", options={"id3v2_version": "0"}) as container:
        stream = container.add_stream("libmp3lame", rate=sound.sample_rate_hz, layout=_layout(sound))
        stream.bit_rate = sound.channels * _MP3_BIT_RATES[sound.sample_rate_hz]
        stream.options = {"joint_stereo": "0"}
        for frame in _frames(sound, "s16p"):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def to_flac(sound: Sound, path: Path) -> None:
    """Write FLAC: sample for sample what came, which every browser plays. Raises as `to_mp3`."""
    with av.open(str(path), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=sound.sample_rate_hz, layout=_layout(sound))
        stream.format = "s16"
        for frame in _frames(sound, "s16"):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _written(file: BinaryIO, sound: Sound) -> Iterator[int]:
    """Write the samples; yields how many bytes each block took."""
    total = 0
    for block in sound.blocks:
        total += 2 * block.size
        if total > _WAV_MAX_BYTES:
            raise AudioTooLong("A WAV file holds at most 4 GiB.")
        yield file.write(block.T.astype("<i2").tobytes())


def _frames(sound: Sound, sample_format: str) -> Iterator[av.AudioFrame]:
    at = 0
    for block in sound.blocks:
        if not block.shape[1]:
            continue
        samples = block if sample_format == "s16p" else block.T.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples), format=sample_format, layout=_layout(sound)
        )
        frame.sample_rate, frame.pts = sound.sample_rate_hz, at
        at += block.shape[1]
        yield frame


def _layout(sound: Sound) -> str:
    if not 1 <= sound.channels <= _CHANNELS_MAX:
        raise ValueError(f"{sound.channels} channels are not a recording's")
    return "stereo" if sound.channels == _CHANNELS_MAX else "mono"


def _mp3_rate(sample_rate_hz: int) -> int:
    return min((rate for rate in _MP3_BIT_RATES if rate >= sample_rate_hz), default=max(_MP3_BIT_RATES))


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
