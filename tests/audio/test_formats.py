"""Downloads; read back by the standard library and by ffmpeg."""

from __future__ import annotations

import subprocess
import sys
import wave

import av
import numpy as np
import pytest

from fonoteka.audio.decode import open_stored
from fonoteka.audio.encode import encode_opus, to_opus
from fonoteka.audio.formats import to_flac, to_mp3, to_wav
from fonoteka.audio.sound import Sound
from fonoteka.domain.errors import AudioMalformed, AudioTooLong
from tests.audio.signals import speech_like

WRITERS = {"wav": to_wav, "mp3": to_mp3, "flac": to_flac, "opus": to_opus}


def _decoded(path):
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)


def stored(path):
    return open_stored(blocks_of(path), path.suffix[1:])


def blocks_of(path):
    with path.open("rb") as file:
        while block := file.read(65_536):
            yield block


def two_parties(seconds=12, rate=8000):
    sound = speech_like(seconds, rate)
    return np.stack([sound, sound[::-1] // 2])


def rms(samples):
    return np.sqrt(np.mean(np.square(samples.astype(float))))


def test_wav_holds_every_sample(tmp_path):
    channels = two_parties(20)
    to_wav(Sound.of(channels, 8000), tmp_path / "call.wav")
    with wave.open(str(tmp_path / "call.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 2, 2)
        read = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).T
    assert np.array_equal(read, channels)


def test_wav_of_one_party_and_of_nothing(tmp_path):
    for channels in (speech_like(1)[None], np.zeros((2, 0), np.int16)):
        to_wav(Sound.of(channels, 16_000), tmp_path / "call.wav")
        with wave.open(str(tmp_path / "call.wav")) as file:
            assert (file.getnframes(), file.getnchannels()) == (channels.shape[1], channels.shape[0])


def test_wav_past_4_gib_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("fonoteka.audio.formats._WAV_MAX_BYTES", 1_000_000)
    to_wav(Sound.of(np.zeros((2, 250_000), np.int16), 8000), tmp_path / "call.wav")
    with pytest.raises(AudioTooLong):
        to_wav(Sound.of(np.zeros((2, 250_001), np.int16), 8000), tmp_path / "call.wav")


def test_mp3_is_no_joint_stereo(tmp_path):
    """Joint stereo codes the sum and the difference of the parties, and so mixes their noise."""
    to_mp3(Sound.of(np.stack([speech_like(2)] * 2), 8000), tmp_path / "call.mp3")
    data, at, modes = (tmp_path / "call.mp3").read_bytes(), 0, set()
    while at + 4 <= len(data):
        assert (data[at], data[at + 1] >> 5) == (0xFF, 7)
        modes.add(data[at + 3] >> 6)
        # MPEG 2.5 layer III: 72 bytes for each kb/s and kHz, 48 kb/s at 8 kHz, one byte more if padded.
        at += 72 * 48 // 8 + (data[at + 2] >> 1 & 1)
    assert modes == {0}


@pytest.mark.parametrize(
    ("rate", "as_mp3"), [(8000, 8000), (16_000, 16_000), (44_100, 44_100), (9_000, 11_025)]
)
def test_mp3_keeps_parties_apart(tmp_path, rate, as_mp3):
    channels = np.stack([speech_like(12, rate), np.zeros(12 * rate, np.int16)])
    to_mp3(Sound.of(channels, rate), tmp_path / "call.mp3")
    with av.open(str(tmp_path / "call.mp3")) as container:
        assert container.streams.audio[0].codec_context.sample_rate == as_mp3
    heard = _decoded(tmp_path / "call.mp3")
    assert heard.shape[0] == 2
    assert abs(heard.shape[1] / as_mp3 - 12) <= 0.3
    assert rms(heard[0]) * 32768 == pytest.approx(rms(channels[0]), rel=0.1)
    assert np.abs(heard[1]).max() < 1e-3


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 11_127])
@pytest.mark.parametrize("parties", [1, 2])
def test_flac_holds_every_sample(tmp_path, rate, parties):
    loudest = np.random.default_rng(1).integers(-32768, 32768, (2, rate), endpoint=False).astype(np.int16)
    channels = np.concatenate([two_parties(9, rate), loudest, np.zeros((2, 77), np.int16)], axis=1)[:parties]
    to_flac(Sound.of(channels, rate), tmp_path / "call.flac")
    found = stored(tmp_path / "call.flac")
    assert (found.channels, found.sample_rate_hz) == (parties, rate)
    assert np.array_equal(found.whole(), channels)
    with av.open(str(tmp_path / "call.flac")) as container:  # a player shows the length before it has it all
        assert container.duration == pytest.approx(channels.shape[1] / rate * 1e6, abs=2)


@pytest.mark.parametrize(("rate", "as_opus"), [(8000, 8000), (16_000, 16_000), (44_100, 16_000)])
def test_opus_is_made_of_lossless_sound_as_it_passes_by(tmp_path, rate, as_opus):
    channels = two_parties(25, rate)
    to_opus(Sound.of(channels, rate), tmp_path / "call.opus")
    heard = stored(tmp_path / "call.opus")
    assert heard.sample_rate_hz == as_opus
    samples = heard.whole()
    assert abs(samples.shape[1] - 25 * as_opus) <= 1
    for sent, one in zip(channels, samples, strict=True):
        assert rms(one) == pytest.approx(rms(sent), rel=0.15)
    if rate == 8000:
        assert (tmp_path / "call.opus").read_bytes() == encode_opus(channels, 8000, "standard")


def test_other_shapes_are_refused(tmp_path):
    three = np.zeros((3, 10), np.int16)
    for write in (to_mp3, to_flac, to_opus):
        with pytest.raises(ValueError, match="channels"):
            write(Sound.of(three, 8000), tmp_path / "call")


def test_broken_flac_is_told(tmp_path):
    to_flac(Sound.of(two_parties(3), 8000), tmp_path / "call.flac")
    data = (tmp_path / "call.flac").read_bytes()
    for broken in (b"", b"fLaC", b"x" * 5000, data[:60]):
        with pytest.raises(AudioMalformed):
            open_stored([broken], "flac").whole()


_PEAK_OF = """
import re, sys
from pathlib import Path
from fonoteka.audio.decode import open_stored
from tests.audio.test_formats import WRITERS, blocks_of
source, made = Path(sys.argv[1]), Path(sys.argv[2])
WRITERS[made.suffix[1:]](open_stored(blocks_of(source), source.suffix[1:]), made)
# Not ru_maxrss: that begins with what the parent had.
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1))
"""


@pytest.mark.parametrize(("source", "made"), [("opus", "wav"), ("flac", "mp3"), ("flac", "flac")])
def test_length_takes_no_memory(tmp_path, source, made):
    """Ten minutes are 19 MB of samples; what grows is measured in processes of their own."""
    peaks_kib = []
    for minutes in (1, 10):
        path = tmp_path / f"{minutes}.{source}"
        WRITERS[source](Sound(2, 8000, (np.zeros((2, 480_000), np.int16) for _ in range(minutes))), path)
        command = [sys.executable, "-c", _PEAK_OF, str(path), str(tmp_path / f"made.{made}")]
        peaks_kib.append(int(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    assert peaks_kib[1] - peaks_kib[0] < 12_000
