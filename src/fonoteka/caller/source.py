"""What the two parties of a placed call say: samples, read from a file or spoken."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from fonoteka.domain.errors import RequestInvalid

MAX_AUDIO_S = 3600


@dataclass(frozen=True, slots=True, eq=False)
class PartyAudio:
    """One party's voice: `samples` is int16[n], mono."""

    samples: NDArray[np.int16]
    sample_rate_hz: int

    @property
    def duration_s(self) -> float:
        """How long it is, seconds."""
        return len(self.samples) / self.sample_rate_hz


_SILENCE = PartyAudio(np.zeros(0, np.int16), 8000)


@dataclass(frozen=True, slots=True, eq=False)
class CallAudio:
    """Both parties' voices; the shorter one is followed by silence."""

    calling: PartyAudio
    called: PartyAudio

    @property
    def duration_s(self) -> float:
        """How long the longer one is, seconds."""
        return max(self.calling.duration_s, self.called.duration_s)


def read_call_audio(calling: Path | None, called: Path | None) -> CallAudio:
    """Read a sound file for each party; a party without one is silent. Raises `RequestInvalid`."""
    parties = [
        _SILENCE if path is None else read_audio(path, field)
        for path, field in ((calling, "audio-calling"), (called, "audio-called"))
    ]
    return CallAudio(*parties)


def read_audio(path: Path, field: str) -> PartyAudio:
    """Read a sound file (WAV, or what else FFmpeg knows) of any rate; several channels become their mean.

    Raises `RequestInvalid` naming `field` when there is no such file, no sound in it, or over an hour.
    """
    try:
        # An open file, not a name: FFmpeg would take a name like http://… for an address.
        with path.open("rb") as file, av.open(file, "r") as container:
            return _mono(container, path, field)
    except OSError as error:
        raise RequestInvalid(field, f"{field}: {path}: {error.strerror or error}") from error
    except (av.FFmpegError, ValueError) as error:
        raise RequestInvalid(
            field, f"{field}: {path} is not a sound file that can be read: {error}"
        ) from error


def _mono(container: av.container.InputContainer, path: Path, field: str) -> PartyAudio:
    if not container.streams.audio:
        raise RequestInvalid(field, f"{field}: {path} holds no sound.")
    stream = container.streams.audio[0]
    rate = stream.codec_context.sample_rate
    to_planar = av.AudioResampler(format="s16p", layout=stream.codec_context.layout, rate=rate)
    blocks: list[NDArray[np.int16]] = []
    total = 0
    for frame in container.decode(stream):
        for planar in to_planar.resample(frame):
            channels = planar.to_ndarray().astype(np.int32)
            blocks.append(np.rint(channels.mean(axis=0)).astype(np.int16))
            total += len(blocks[-1])
        if total > MAX_AUDIO_S * rate:
            raise RequestInvalid(field, f"{field}: {path} is longer than {MAX_AUDIO_S // 60} minutes.")
    if not total:
        raise RequestInvalid(field, f"{field}: {path} holds no sound.")
    return PartyAudio(np.concatenate(blocks), rate)
