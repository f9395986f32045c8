"""What a sound file says of itself: read from its first bytes, believed only as far as it must be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av

from fonoteka.domain.errors import AudioMalformed

PROBE_BYTES_MAX = 262_144
FORMAT_BYTES_MAX = 16_384
"""What is no sound file by so many bytes is none; looking further costs a tenth of a second a file."""
CHANNELS_MAX = 8
_DURATION_MAX_MS = 7 * 24 * 3_600_000
# Nothing that names other files or addresses: a playlist that calls itself .mp3 must open nothing.
_OPTIONS = {
    "format_whitelist": "wav,w64,mp3,ogg,flac,aac,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,amr,amrnb,amrwb,gsm"
    ",au,aiff,caf,g722,g729",
    "protocol_whitelist": "file",
    "probesize": str(PROBE_BYTES_MAX),
    "formatprobesize": str(FORMAT_BYTES_MAX),
    "analyzeduration": "1000000",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """A sound file by its header. `duration_ms` is what the header claims; None when it claims nothing."""

    container: str
    codec: str
    channels: int
    sample_rate_hz: int
    duration_ms: int | None


def probe(path: Path) -> Probe:
    """Look at the first `PROBE_BYTES_MAX` bytes or so. Raises `AudioMalformed`, OSError."""
    with path.open("rb"):
        pass  # the error of the system, not of the decoder, when it cannot be read
    try:
        with av.open(f"file:{path}", options=dict(_OPTIONS), metadata_errors="replace") as container:
            return _described(container)
    except (av.error.FFmpegError, ValueError) as error:
        raise AudioMalformed("no sound file that is known here") from error


def _described(container: av.container.InputContainer) -> Probe:
    if not container.streams.audio:
        raise AudioMalformed("there is no sound in it")
    stream = container.streams.audio[0]
    codec = stream.codec_context
    if not 1 <= codec.channels <= CHANNELS_MAX or not 4_000 <= codec.sample_rate <= 192_000:
        raise AudioMalformed(f"{codec.channels} channels of {codec.sample_rate} samples a second")
    if next((packet for packet in container.demux(stream) if packet.size), None) is None:
        raise AudioMalformed("there is a header and no sound behind it")
    duration_ms = None
    if stream.duration and stream.time_base:
        duration_ms = round(1000 * stream.duration * stream.time_base)
    elif container.duration:
        duration_ms = container.duration // 1000
    if duration_ms is not None and not 0 <= duration_ms <= _DURATION_MAX_MS:
        duration_ms = None
    return Probe(container.format.name, codec.name, codec.channels, codec.sample_rate, duration_ms)
