"""Archive audio back to samples, block by block.

Opus always by libopus: ffmpeg's own Opus decoder turns frames without bytes into noise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import av
import numpy as np
import numpy.typing as npt

from fonoteka.audio.ogg import NO_PACKET_ENDS, read_packets_by_page
from fonoteka.audio.opus_header import OpusHead
from fonoteka.audio.opus_packet import CLOCK_HZ
from fonoteka.audio.resample import Resampler
from fonoteka.audio.sound import Channels, Sound
from fonoteka.domain.errors import AudioMalformed

_OUTPUT_RATES_HZ = (8_000, 16_000, 48_000)
_CHANNELS_MAX = 2
_PRE_SKIP_AT = 10  # in the Opus header (RFC 7845 §5.1)

_Pages = Iterator[tuple[list[bytes], int]]


def decode_opus(data: bytes) -> tuple[Channels, int]:
    """Decode an Ogg Opus file of one or two channels to (int16, shape (channels, samples)) and their rate.

    As `open_stored`, whole.
    """
    sound = _open_opus([data[at : at + 65_536] for at in range(0, len(data), 65_536)])
    return sound.whole(), sound.sample_rate_hz


def open_stored(blocks: Iterable[bytes], codec: str) -> Sound:
    """A stored file, whose bytes come in blocks, as sound of one or two channels; its length is exact.

    `codec` is the recording's: "opus" comes out at the rate that was encoded (8 or 16 kHz), or 48 kHz where
    that is another; "flac" sample for sample. Raises `AudioMalformed`, as does reading the sound.
    """
    return _open_flac(blocks) if codec == "flac" else _open_opus(blocks)


def _open_opus(blocks: Iterable[bytes]) -> Sound:
    pages = read_packets_by_page(blocks)
    headers: list[bytes] = []
    granule = NO_PACKET_ENDS
    while len(headers) < 2:
        found = next(pages, None)
        if found is None:
            raise AudioMalformed("The file has no Opus headers.")
        packets, granule = found
        headers += packets
    head = OpusHead.parse(headers[0])
    if head.channels > _CHANNELS_MAX:
        raise AudioMalformed(f"{head.channels} channels are not a recording's.")
    rate = head.input_rate_hz if head.input_rate_hz in _OUTPUT_RATES_HZ else CLOCK_HZ
    # A writer may begin the sound on the page of the headers (RFC 7845 §3 says that it must not).
    audio = chain([(headers[2:], granule)], pages) if len(headers) > 2 else pages
    return Sound(head.channels, rate, _trimmed(audio, headers[0], head, rate))


def _trimmed(pages: _Pages, header: bytes, head: OpusHead, rate: int) -> Iterator[Channels]:
    """Blocks at `rate` from the end of the pre-skip to the granule of the last page."""
    scale = CLOCK_HZ // rate
    opus = _OpusDecoder(header, head.channels, rate)
    start = head.pre_skip // scale
    at, end = -opus.delay, start
    for packets, granule in pages:
        if granule != NO_PACKET_ENDS:
            end = start - (head.pre_skip - granule) // scale
        block = opus.decode(packets)
        yield block[:, max(start - at, 0) : max(end - at, 0)]
        at += block.shape[1]
    yield opus.rest()[:, max(start - at, 0) : max(end - at, 0)]


class _OpusDecoder:
    """Packets to samples of `rate`, pre-skip and padding included, `delay` samples late."""

    def __init__(self, header: bytes, channels: int, rate: int) -> None:
        context = av.CodecContext.create("libopus", "r")
        assert isinstance(context, av.AudioCodecContext)
        # ffmpeg would cut a pre-skip of its own accord; here it is cut by count.
        context.extradata = header[:_PRE_SKIP_AT] + bytes(2) + header[_PRE_SKIP_AT + 2 :]
        context.layout = "stereo" if channels == 2 else "mono"
        self._context = context
        self._channels = channels
        self._rest = np.zeros((channels, 0), np.int16)
        self._resamplers = [Resampler(CLOCK_HZ, rate) for _ in range(channels)] if rate != CLOCK_HZ else []
        self.delay = self._resamplers[0].delay if self._resamplers else 0
        self._rest_samples = self.delay * CLOCK_HZ // rate

    def decode(self, packets: list[bytes]) -> Channels:
        """The samples of some packets. Raises `AudioMalformed`."""
        try:
            frames = [frame for packet in packets for frame in self._context.decode(av.Packet(packet))]
        except av.error.FFmpegError as error:
            raise AudioMalformed(f"An Opus packet cannot be decoded: {error}") from error
        if not frames:
            return self._rest
        # Not to_ndarray(): for 20 ms at a time its care costs a tenth of the decoding.
        interleaved = [
            np.frombuffer(memoryview(one.planes[0]), np.int16, one.samples * self._channels) for one in frames
        ]
        return self._converted(np.concatenate(interleaved).reshape(-1, self._channels).T)

    def rest(self) -> Channels:
        """What is still on its way when no packets follow."""
        return self._converted(np.zeros((self._channels, self._rest_samples), np.int16))

    def _converted(self, wide: npt.NDArray[np.int16]) -> Channels:
        if not self._resamplers:
            return wide
        rows = zip(self._resamplers, wide, strict=True)
        return np.stack([resampler.push(row) for resampler, row in rows])


def _open_flac(blocks: Iterable[bytes]) -> Sound:
    frames = _flac_frames(blocks)
    first = next(frames, None)
    if first is None:
        raise AudioMalformed("There is no sound in the file.")
    channels = first.layout.nb_channels
    return Sound(channels, first.sample_rate, (_planar(frame) for frame in chain([first], frames)))


def _flac_frames(blocks: Iterable[bytes]) -> Iterator[av.AudioFrame]:
    try:
        with av.open(_Pipe(blocks), "r", format="flac") as container:
            yield from container.decode(audio=0)
    except av.error.FFmpegError as error:
        raise AudioMalformed(f"The FLAC file cannot be decoded: {error}") from error


def _planar(frame: av.AudioFrame) -> Channels:
    samples = frame.to_ndarray()
    planar = samples if frame.format.is_planar else samples.reshape(-1, frame.layout.nb_channels).T
    return planar.astype(np.int16, copy=False)


class _Pipe:
    """A file that can be read from beginning to end."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._left = b""

    def read(self, size: int) -> bytes:
        """Up to so many bytes; none at the end."""
        while not self._left:
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._left = block
        piece, self._left = self._left[:size], self._left[size:]
        return piece
