"""Downloads; read back by the standard library and by ffmpeg."""

from __future__ import annotations

import io
import wave

import av
import numpy as np
import pytest

from fonoteka.audio.formats import to_mp3, to_wav
from fonoteka.domain.errors import AudioTooLong
from tests.audio.signals import speech_like


def _decoded(path):
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)


class Pipe(io.RawIOBase):
    """A target that can only be written to, as a response body."""

    def __init__(self):
        self.written = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.written += data
        return len(data)


def two_parties(seconds=12):
    sound = speech_like(seconds)
    return np.stack([sound, np.zeros_like(sound)])


def test_wav_holds_every_sample(tmp_path):
    channels = np.stack([speech_like(20), speech_like(20)[::-1]])
    to_wav(channels, 8000, tmp_path / "call.wav")
    with wave.open(str(tmp_path / "call.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 2, 2)
        read = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).T
    assert np.array_equal(read, channels)
    pipe = Pipe()
    to_wav(channels, 8000, pipe)
    assert bytes(pipe.written) == (tmp_path / "call.wav").read_bytes()


def test_wav_of_one_party_and_of_nothing():
    for channels in (speech_like(1)[None], np.zeros((2, 0), np.int16)):
        target = io.BytesIO()
        to_wav(channels, 16_000, target)
        with wave.open(io.BytesIO(target.getvalue())) as file:
            assert (file.getnframes(), file.getnchannels()) == (channels.shape[1], channels.shape[0])


def test_wav_past_4_gib_is_refused():
    unreal = np.lib.stride_tricks.as_strided(np.zeros(1, np.int16), (2, 2**30), (0, 0))
    with pytest.raises(AudioTooLong):
        to_wav(unreal, 8000, io.BytesIO())


def test_mp3_is_no_joint_stereo():
    """Joint stereo codes the sum and the difference of the parties, and so mixes their noise."""
    target = io.BytesIO()
    to_mp3(np.stack([speech_like(2)] * 2), 8000, target)
    data, at, modes = target.getvalue(), 0, set()
    while at + 4 <= len(data):
        assert (data[at], data[at + 1] >> 5) == (0xFF, 7)
        modes.add(data[at + 3] >> 6)
        # MPEG 2.5 layer III: 72 bytes for each kb/s and kHz, 48 kb/s at 8 kHz, one byte more if padded.
        at += 72 * 48 // 8 + (data[at + 2] >> 1 & 1)
    assert modes == {0}


@pytest.mark.parametrize("rate", [8000, 16_000])
def test_mp3_keeps_parties_apart(tmp_path, rate):
    channels = np.stack([speech_like(12, rate), np.zeros(12 * rate, np.int16)])
    to_mp3(channels, rate, tmp_path / "call.mp3")
    with av.open(str(tmp_path / "call.mp3")) as container:
        assert container.streams.audio[0].codec_context.sample_rate == rate
    heard = _decoded(tmp_path / "call.mp3")
    assert heard.shape[0] == 2
    assert abs(heard.shape[1] - channels.shape[1]) <= 2400
    assert np.sqrt(np.mean(heard[0] ** 2)) * 32768 == pytest.approx(
        np.sqrt(np.mean(channels[0].astype(float) ** 2)), rel=0.1
    )
    assert np.abs(heard[1]).max() < 1e-3


def test_mp3_of_one_party_to_a_target_that_cannot_seek():
    pipe = Pipe()
    to_mp3(speech_like(3)[None], 8000, pipe)
    with av.open(io.BytesIO(bytes(pipe.written))) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) >= 24_000


def test_mp3_refuses_other_shapes():
    with pytest.raises(ValueError, match="MP3"):
        to_mp3(np.zeros((3, 10), np.int16), 8000, io.BytesIO())
    with pytest.raises(ValueError, match="MP3"):
        to_mp3(two_parties(), 7000, io.BytesIO())
