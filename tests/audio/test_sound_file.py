"""Sound files as others leave them: all kinds, lying headers, broken ones."""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fonoteka.audio import sound_file
from fonoteka.audio.sound_file import read_sound_file
from fonoteka.domain.errors import AudioTooLong, CodecUnknown, SpoolCorrupt
from tests.sounds import tones, write_wav


def encode(path, channels, rate, codec, container_format=None, sample_format="s16"):
    layout = {1: "mono", 2: "stereo"}[len(channels)]
    with av.open(str(path), "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout, stream.format = layout, sample_format
        converter = av.AudioResampler(sample_format, layout, rate, stream.codec_context.frame_size or None)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(channels.T).reshape(1, -1), format="s16", layout=layout
        )
        frame.sample_rate = rate
        for one in [*converter.resample(frame), *converter.resample(None)]:
            container.mux(stream.encode(one))
        container.mux(stream.encode(None))
    return path


def pitch(samples, rate):
    """The loudest frequency in Hz."""
    return float(np.argmax(np.abs(np.fft.rfft(samples.astype(float)))) * rate / len(samples))


@pytest.mark.parametrize("rate", [8000, 16000])
def test_wav_is_exact_and_channels_come_as_asked(tmp_path, rate):
    sent = tones(3, rate, 300, 500, 700)
    path = write_wav(tmp_path / "a.wav", sent, rate)
    for wanted in ([0], [2, 0], [1, 1], [0, 1, 2]):
        found = read_sound_file(path, wanted)
        assert np.array_equal(found.channels, sent[wanted])
        assert (found.sample_rate_hz, found.codec, found.broken_packets) == (rate, "PCM_S16LE", 0)
        assert found.packets > 0


@pytest.mark.parametrize(
    ("rate", "to"),
    [(6000, 8000), (11025, 16000), (22050, 16000), (44100, 16000), (48000, 16000), (96000, 16000)],
)
def test_other_rates_become_8_or_16_khz(tmp_path, rate, to):
    path = write_wav(tmp_path / "a.wav", tones(4, rate, 440, 1000), rate)
    found = read_sound_file(path, [0, 1])
    assert found.sample_rate_hz == to
    assert abs(found.channels.shape[1] - 4 * to) <= 2
    for samples, hz in zip(found.channels, (440, 1000), strict=True):
        assert abs(pitch(samples, to) - hz) < 1
        assert 8500 < np.abs(samples[1000:-1000].astype(int)).max() < 9500


KINDS = {
    "a.mp3": ("libmp3lame", 44100, 2, None, "fltp"),
    "a.ogg": ("libopus", 48000, 2, None, "s16"),
    "a.flac": ("flac", 16000, 2, None, "s16"),
    "a.m4a": ("aac", 44100, 2, None, "fltp"),
    "a.aac": ("aac", 16000, 1, "adts", "fltp"),
    "a.webm": ("libopus", 48000, 1, None, "s16"),
    "alaw.wav": ("pcm_alaw", 8000, 2, None, "s16"),
    "ulaw.wav": ("pcm_mulaw", 8000, 2, None, "s16"),
    "adpcm.wav": ("adpcm_ima_wav", 8000, 1, None, "s16p"),
    "float.wav": ("pcm_f32le", 48000, 2, None, "flt"),
    "wide.wav": ("pcm_s24le", 48000, 2, None, "s32"),
    "a.g722": ("g722", 16000, 1, "g722", "s16"),
    "a.alaw": ("pcm_alaw", 8000, 1, "alaw", "s16"),
    "a.ulaw": ("pcm_mulaw", 8000, 1, "mulaw", "s16"),
    "a.sln": ("pcm_s16le", 8000, 1, "s16le", "s16"),
    "a.sln16": ("pcm_s16le", 16000, 1, "s16le", "s16"),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_file_is_read(tmp_path, name):
    codec, rate, channels, container_format, sample_format = KINDS[name]
    sent = tones(3, rate, *(440, 1000)[:channels])
    path = encode(tmp_path / name, sent, rate, codec, container_format, sample_format)
    found = read_sound_file(path, range(channels))
    assert found.sample_rate_hz == (8000 if rate == 8000 else 16000)
    assert abs(found.channels.shape[1] / found.sample_rate_hz - 3) < 0.15
    for samples, hz in zip(found.channels, (440, 1000), strict=False):
        assert abs(pitch(samples, found.sample_rate_hz) - hz) < 2
    assert found.broken_packets == 0


LIES = {"too long": 10**6, "far too long": 2**31, "too short": -100_000, "a little short": -320}


def with_length(path, length):
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"data") + 4, length)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("lie", [*LIES, "zero", "unknown"])
def test_a_header_that_lies_about_the_length_costs_nothing(tmp_path, lie, rate):
    sent = tones(10, rate, 300, 500)
    truth = sent.size * 2
    length = {"zero": 0, "unknown": 0xFFFFFFFF}.get(lie, truth + LIES.get(lie, 0))
    path = with_length(write_wav(tmp_path / "a.wav", sent, rate), length)
    assert np.array_equal(read_sound_file(path, [0, 1]).channels, sent)


@pytest.mark.parametrize(
    "behind",
    [
        b"LIST"
        + struct.pack("<I", 26)
        + b"INFOINAM"
        + struct.pack("<I", 14)
        + "Звонок Анны   ".encode("cp1251"),
        b"id3 " + struct.pack("<I", 8) + b"\x7f" * 8,
        bytes(512),
        b"junk",
    ],
)
def test_what_is_no_sound_behind_the_sound_is_not_heard(tmp_path, behind):
    sent = tones(2, 8000, 300)
    path = write_wav(tmp_path / "a.wav", sent, 8000)
    path.write_bytes(path.read_bytes() + behind)
    assert np.array_equal(read_sound_file(path, [0]).channels, sent)


def test_an_odd_length_without_its_padding(tmp_path):
    path = tmp_path / "a.wav"
    sound = np.random.default_rng(1).integers(1, 255, 8001, np.uint8).tobytes()
    header = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    body = (
        b"WAVE"
        + header
        + b"data"
        + struct.pack("<I", len(sound))
        + sound
        + b"LIST"
        + struct.pack("<I", 4)
        + b"INFO"
    )
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert read_sound_file(path, [0]).channels.shape == (1, 8001)


def test_names_and_tags_in_any_writing(tmp_path):
    sent = tones(1, 8000, 300)
    tags = b"INAM" + struct.pack("<I", 6) + "Анна\0\0".encode("cp1251")
    for name in ("звонок 5.wav", "http:x.wav", "concat:a|b.wav", "%d.wav", "-i.wav"):
        path = write_wav(tmp_path / name, sent, 8000)
        path.write_bytes(path.read_bytes() + b"LIST" + struct.pack("<I", 4 + len(tags)) + b"INFO" + tags)
        assert np.array_equal(read_sound_file(path, [0]).channels, sent)


def test_a_header_without_sound_is_an_empty_file(tmp_path):
    path = write_wav(tmp_path / "a.wav", np.zeros((2, 0), np.int16), 8000)
    found = read_sound_file(path, [0, 1])
    assert (found.channels.shape, found.packets) == ((2, 0), 0)


BROKEN = {
    "empty.wav": b"",
    "riff.wav": b"RIFF",
    "text.mp3": b"this is no sound file\n" * 100,
    "zeros.wav": bytes(5000),
    "half a header.wav": b"RIFF\x00\x10\x00\x00WAVEfmt \x10\x00",
    "rate.wav": b"RIFF\x00\x10\x00\x00WAVEfmt "
    + struct.pack("<IHHIIHH", 16, 1, 1, 3, 6, 2, 16)
    + b"data\0\0\0\0ab" * 9,
    "list.m3u8": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n",
    "list.wav": b"ffconcat version 1.0\nfile /etc/hostname\n",
    "session.sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_sound_file_is_told(tmp_path, name):
    (tmp_path / name).write_bytes(BROKEN[name])
    with pytest.raises(SpoolCorrupt):
        read_sound_file(tmp_path / name, [0])


def test_a_playlist_of_a_sound_file_is_not_followed(tmp_path):
    write_wav(tmp_path / "a.wav", tones(1, 8000, 300), 8000)
    for name, text in (
        ("a.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.wav\n#EXT-X-ENDLIST\n"),
        ("a.ffconcat", "ffconcat version 1.0\nfile a.wav\n"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(SpoolCorrupt):
            read_sound_file(tmp_path / name, [0])


def test_a_codec_that_nobody_knows(tmp_path):
    path = write_wav(tmp_path / "a.wav", tones(1, 8000, 300), 8000)
    data = bytearray(path.read_bytes())
    struct.pack_into("<H", data, 20, 0x7777)
    path.write_bytes(data)
    with pytest.raises(CodecUnknown):
        read_sound_file(path, [0])


@pytest.mark.parametrize("wanted", [[1], [0, 5], [-1]])
def test_a_channel_that_is_not_there(tmp_path, wanted):
    path = write_wav(tmp_path / "a.wav", tones(1, 8000, 300), 8000)
    with pytest.raises(SpoolCorrupt, match="1 channels"):
        read_sound_file(path, wanted)


def test_a_missing_file_may_be_tried_again(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_sound_file(tmp_path / "a.wav", [0])


def test_a_hole_in_the_middle_costs_the_hole(tmp_path):
    path = encode(tmp_path / "a.mp3", tones(20, 16000, 440), 16000, "libmp3lame", None, "fltp")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = np.random.default_rng(1).bytes(2000)
    path.write_bytes(data)
    found = read_sound_file(path, [0])
    assert 18 < found.channels.shape[1] / 16000 < 20.2
    assert abs(pitch(found.channels[0], 16000) - 440) < 2


@pytest.mark.parametrize("name", ["a.wav", "a.mp3", "a.ogg", "a.flac"])
def test_of_a_cut_file_there_is_what_is_there(tmp_path, name):
    sent = tones(10, 48000, 440)
    if name == "a.wav":
        path = write_wav(tmp_path / name, sent, 48000)
    else:
        codec, _, _, container_format, sample_format = KINDS[name]
        path = encode(tmp_path / name, sent, 48000, codec, container_format, sample_format)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = read_sound_file(path, [0])
    assert 3.5 < found.channels.shape[1] / 16000 < 6


def test_longer_than_a_recording_may_be(tmp_path, monkeypatch):
    monkeypatch.setattr(sound_file, "MAX_TRACK_MS", 5_000)
    path = write_wav(tmp_path / "a.wav", tones(6, 8000, 300), 8000)
    with pytest.raises(AudioTooLong):
        read_sound_file(path, [0])


MEMORY = """
import resource, sys
from pathlib import Path
from fonoteka.audio.sound_file import read_sound_file
read_sound_file(Path(sys.argv[1]), [0, 1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = read_sound_file(Path(sys.argv[2]), [0, 1])
print(1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before), found.channels.nbytes)
"""


def test_memory_is_that_of_the_samples(tmp_path):
    small = write_wav(tmp_path / "small.wav", tones(1, 48000, 440, 1000), 48000)
    large = tmp_path / "large.wav"
    with large.open("wb") as file:
        file.write(small.read_bytes()[:44])
        file.truncate(400_000_000)  # 35 minutes
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, small, large], capture_output=True, text=True, check=True
    )
    grown, samples = map(int, done.stdout.split())
    assert samples > 130_000_000
    assert grown < 1.15 * samples + 20_000_000


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    made = {}
    for name in ("alaw.wav", "a.mp3", "a.ogg", "a.flac", "a.m4a"):
        codec, rate, channels, container_format, sample_format = KINDS[name]
        sent = tones(0.4, rate, *(440, 1000)[:channels])
        made[name] = encode(folder / name, sent, rate, codec, container_format, sample_format).read_bytes()
    return made


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_any_damage_is_survived_or_told(files, data):
    name = data.draw(st.sampled_from(sorted(files)))
    content = bytearray(files[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, 200) | st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            found = read_sound_file(path, [0])
        except (SpoolCorrupt, CodecUnknown, AudioTooLong):
            return
        assert found.channels.dtype == np.int16
        assert found.sample_rate_hz in (8000, 16000)
