"""Sound files of all kinds, made for tests."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt


def tones(*frequencies_hz: float, seconds: float = 1.0, rate: int = 8000) -> npt.NDArray[np.int16]:
    """A tone on each channel, shape (samples, channels); 0 Hz is silence."""
    time = np.arange(round(seconds * rate)) / rate
    return np.stack([8000 * np.sin(2 * np.pi * one * time) for one in frequencies_hz], 1).astype(np.int16)


def write_wav(
    path: Path, *frequencies_hz: float, seconds: float = 1.0, rate: int = 8000
) -> npt.NDArray[np.int16]:
    """A WAV file of tones; gives the samples."""
    samples = tones(*frequencies_hz or (440.0,), seconds=seconds, rate=rate)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return samples


def write_encoded(path: Path, codec: str, *frequencies_hz: float, seconds: float = 1.0) -> None:
    """A file of tones in the container that its suffix names, by PyAV."""
    samples = tones(*frequencies_hz or (440.0,), seconds=seconds)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=8000, layout="mono" if samples.shape[1] == 1 else "stereo")
        layout = stream.codec_context.layout.name
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", layout)
        frame.rate = 8000
        for resampled in av.AudioResampler(
            stream.codec_context.format.name, layout, 8000, frame_size=stream.codec_context.frame_size
        ).resample(frame):
            container.mux(stream.encode(resampled))
        container.mux(stream.encode(None))
