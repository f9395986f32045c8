"""Sound files of all kinds, as imports and uploads bring them: any that ffmpeg reads, decoded in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
import numpy.typing as npt

from fonoteka.audio.timeline import MAX_TRACK_MS
from fonoteka.audio.wav_header import UnknownLength, understated_length
from fonoteka.domain.errors import AudioTooLong, CodecUnknown, SpoolCorrupt

NARROW_HZ, WIDE_HZ = 8_000, 16_000
_OWN_RATE_HZ_MAX = 48_000
_SOURCE_RATES_HZ = range(1_000, 768_001)
# Containers that hold sound and name no other files: playlists and the like would make us read or fetch them.
_CONTAINERS = (
    *("wav", "w64", "mp3", "ogg", "flac", "aac", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "amr", "amrnb"),
    *(
        "amrwb",
        "gsm",
        "au",
        "aiff",
        "caf",
        "asf",
        "wv",
        "ape",
        "ac3",
        "g722",
        "g729",
        "mulaw",
        "alaw",
        "s16le",
    ),
)
# What telephone systems write without any header: format, sample rate.
_HEADERLESS = {
    **dict.fromkeys((".ulaw", ".ul", ".pcmu"), ("mulaw", NARROW_HZ)),
    **dict.fromkeys((".alaw", ".al", ".pcma"), ("alaw", NARROW_HZ)),
    ".sln": ("s16le", NARROW_HZ),
    ".sln16": ("s16le", WIDE_HZ),
}

Channels = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class SoundFile:
    """Some channels of a sound file: int16, shape (channels, samples).

    `packets` counts what was decoded, `broken_packets` what could not be and is missing.
    """

    channels: Channels
    sample_rate_hz: int
    codec: str
    packets: int
    broken_packets: int


def read_sound_file(
    path: Path, channels: Sequence[int], sample_rate_hz_max: int | None = WIDE_HZ
) -> SoundFile:
    """Decode some channels of a file's first sound stream, in that order, end to end.

    Up to 8 kHz comes out at 8 kHz, all above at 16 kHz or the highest rate allowed; with None at the file's
    own rate, up to 48 kHz. Lengths in headers are not believed: what is there is read. Memory is that of the
    samples returned and a few frames.
    Raises `SpoolCorrupt` (no sound file, no such channel, nothing in it can be decoded), `CodecUnknown`,
    `AudioTooLong` (24 hours), OSError.
    """
    try:
        with path.open("rb") as file, _opened(path, file) as container:
            return _read(container, channels, sample_rate_hz_max)
    except av.error.DecoderNotFoundError as error:
        raise CodecUnknown(f"{path.name}: no decoder for its codec.") from error
    except av.error.FFmpegError as error:
        if isinstance(error, OSError):
            raise
        raise SpoolCorrupt(f"{path.name}: {error.strerror}") from error


def _opened(path: Path, file: BinaryIO) -> av.container.InputContainer:
    options = {"format_whitelist": ",".join(_CONTAINERS), "protocol_whitelist": "file"}
    container_format = None
    has_header = file.read(4) in (b"RIFF", b"OggS")
    file.seek(0)
    if not has_header and path.suffix.lower() in _HEADERLESS:
        container_format, rate = _HEADERLESS[path.suffix.lower()]
        options["sample_rate"] = str(rate)
    length_at = understated_length(path)
    # "file:" before it, or a name with a colon would be taken for an address.
    source = f"file:{path}" if length_at is None else UnknownLength(file, length_at)
    # Tags may be in any encoding.
    return av.open(source, "r", format=container_format, options=options, metadata_errors="replace")


def _read(
    container: av.container.InputContainer, channels: Sequence[int], sample_rate_hz_max: int | None
) -> SoundFile:
    if not container.streams.audio:
        raise SpoolCorrupt("There is no sound in the file.")
    stream = container.streams.audio[0]
    context = stream.codec_context
    if context is None:
        raise CodecUnknown("No decoder for the file's codec.")
    if context.sample_rate not in _SOURCE_RATES_HZ:
        raise SpoolCorrupt(f"A sample rate of {context.sample_rate} Hz cannot be.")
    if not 0 <= max(channels) < context.channels or min(channels) < 0:
        raise SpoolCorrupt(f"The file has {context.channels} channels, not {max(channels) + 1}.")
    context.thread_count = 1
    decoding = _Decoding(container, stream)
    rate = _target_rate(context.sample_rate, sample_rate_hz_max)
    # It grows in place, without ever being there twice.
    samples = bytearray()
    limit_bytes = MAX_TRACK_MS // 1000 * rate * len(channels) * 2
    for block in _converted(decoding, rate):
        samples += np.ascontiguousarray(block[:, np.minimum(channels, block.shape[1] - 1)]).data
        if len(samples) > limit_bytes:
            raise AudioTooLong
    if decoding.broken_packets and not decoding.packets:
        raise SpoolCorrupt("Nothing in the file can be decoded.")
    return SoundFile(
        channels=np.frombuffer(samples, np.int16).reshape(-1, len(channels)).T,
        sample_rate_hz=rate,
        codec=context.codec.canonical_name.upper(),
        packets=decoding.packets,
        broken_packets=decoding.broken_packets,
    )


def _target_rate(source_hz: int, sample_rate_hz_max: int | None) -> int:
    if sample_rate_hz_max is None:
        return min(source_hz, _OWN_RATE_HZ_MAX)
    return NARROW_HZ if source_hz <= NARROW_HZ else min(WIDE_HZ, sample_rate_hz_max)


class _Decoding:
    """Iterates over the frames of a stream; a packet that cannot be decoded is left out and counted."""

    def __init__(self, container: av.container.InputContainer, stream: av.AudioStream) -> None:
        self._container = container
        self._stream = stream
        self.packets = 0
        self.broken_packets = 0

    def __iter__(self) -> Iterator[av.AudioFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
                frames = packet.decode()
            except StopIteration:
                return
            except av.error.DecoderNotFoundError:
                raise
            except av.error.FFmpegError as error:
                if isinstance(error, OSError):
                    raise
                self.broken_packets += 1
                continue
            self.packets += bool(packet.size)
            for frame in frames:
                assert isinstance(frame, av.AudioFrame)
                yield frame


def _converted(frames: _Decoding, rate: int) -> Iterator[Channels]:
    """Blocks of int16, shape (samples, channels). The source may change rate or channels at any frame."""
    resampler, setup = None, None
    for frame in frames:
        if frame.sample_rate not in _SOURCE_RATES_HZ:
            continue
        now = frame.sample_rate, frame.format.name, frame.layout.name, frame.layout.nb_channels
        if now != setup:
            yield from _resampled(resampler, None, setup)
            setup, is_right = now, now[:2] == (rate, "s16")
            resampler = None if is_right else av.AudioResampler("s16", frame.layout, rate)
        frame.pts = None  # the samples follow each other, whatever their times say
        if resampler is None:
            yield _samples(frame, now[3])
        else:
            yield from _resampled(resampler, frame, now)
    yield from _resampled(resampler, None, setup)


def _resampled(
    resampler: av.AudioResampler | None, frame: av.AudioFrame | None, setup: tuple[int, str, str, int] | None
) -> Iterator[Channels]:
    if resampler is None or setup is None:
        return
    for one in resampler.resample(frame):
        yield _samples(one, setup[3])


def _samples(frame: av.AudioFrame, channels: int) -> Channels:
    """Samples of a packed frame of 16 bits, shape (samples, channels)."""
    return frame.to_ndarray().astype(np.int16, copy=False).reshape(-1, channels)
