"""Folders of sound files, as imports and uploads make them, through a real worker."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from fonoteka.archive import Archive, AudioFormat, AudioPurpose, find_calls, open_audio
from fonoteka.audio.decode import open_stored
from fonoteka.cli.token import COMMAND_LINE
from fonoteka.domain.call import Call, Party
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.rules import Decision, RuleOutcome
from fonoteka.domain.sealed import HoldSpan, SealedStream
from tests.pipeline.folders import EVERY, archive_of, manifest, put, sound_stream
from tests.service import Service, wait_for
from tests.sounds import tones, write_wav


def pitch(samples: np.ndarray, rate: int) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples.astype(float)))) * rate / len(samples))


def heard(archive: Archive, call: Call, format: AudioFormat | None = None) -> tuple[np.ndarray, int]:
    (recording,) = call.recordings
    audio = open_audio(archive, COMMAND_LINE, recording.id, format, AudioPurpose.LISTEN)
    sound = open_stored(audio.read(0, None), audio.format)
    return sound.whole(), sound.sample_rate_hz


def wave_of(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels()).T


def process(service: Service) -> None:
    service.start("fonoteka", "worker")
    wait_for(lambda: not any((service.data / "spool" / "sealed").iterdir()), 60)
    wait_for(lambda: not any((service.data / "work").iterdir()))


def test_sound_files_become_recordings(service: Service, tmp_path: Path) -> None:
    stereo = write_wav(tmp_path / "stereo.wav", tones(4, 44100, 440, 1000), 44100)
    narrow = write_wav(tmp_path / "narrow.wav", tones(2, 8000, 600), 8000)
    wide = write_wav(tmp_path / "wide.wav", tones(3, 16000, 700), 16000)
    two_channels = manifest(
        (
            sound_stream(0, party=Party.CALLED),
            # The calling party is on the other channel, and was paused for a second.
            SealedStream(
                *(1, "1", "sound.wav", Party.CALLING, (), (), (HoldSpan(1000, 2000, "pause"),)), "audio", 1
            ),
        ),
        external_id="20260304-050607.wav",
    )
    two_files = manifest(
        (
            sound_stream(0, "a.wav", Party.CALLING),
            SealedStream(*(1, "1", "b.wav", Party.CALLED, (), ()), kind="audio"),
        )
    )
    one_channel = manifest((sound_stream(0),))
    put(service.data, two_channels, {"sound.wav": stereo})
    put(service.data, two_files, {"a.wav": narrow, "b.wav": wide})
    put(service.data, one_channel, {"sound.wav": narrow})
    process(service)

    with archive_of(service.data) as archive:
        found = {call.id: call for call in find_calls(archive, COMMAND_LINE, EVERY).items}
        assert len(found) == 3
        channels, rate = heard(archive, found[two_channels.call_id])
        assert (rate, channels.shape) == (8000, (2, 32000))
        assert abs(pitch(channels[0], rate) - 1000) < 2
        assert abs(pitch(channels[1], rate) - 440) < 2
        assert np.abs(channels[0, 9000:15000].astype(int)).max() < 100
        assert np.abs(channels[1, 9000:15000].astype(int)).max() > 5000
        tracks = found[two_channels.call_id].recordings[0].tracks
        assert [(track.party, track.codec) for track in tracks] == [
            ("calling", "PCM_S16LE"),
            ("called", "PCM_S16LE"),
        ]
        assert all(track.packets for track in tracks)

        channels, rate = heard(archive, found[two_files.call_id])
        assert (rate, channels.shape) == (8000, (2, 24000))
        assert abs(pitch(channels[0, :16000], rate) - 600) < 2
        assert abs(pitch(channels[1], rate) - 700) < 2

        channels, rate = heard(archive, found[one_channel.call_id])
        assert (rate, channels.shape) == (8000, (1, 16000))
        # Their folders were sealed months after the calls; how long they were is known from the sound.
        assert [found[one.call_id].duration_ms for one in (two_channels, two_files, one_channel)] == [
            *(4000, 3000, 2000),
        ]


def test_broken_ones_are_set_aside_and_harm_no_others(service: Service, tmp_path: Path) -> None:
    well = write_wav(tmp_path / "well.wav", tones(1, 8000, 600), 8000)
    empty = write_wav(tmp_path / "empty.wav", np.zeros((1, 0), np.int16), 8000)
    unknown = bytearray(well.read_bytes())
    unknown[20:22] = b"\x77\x77"
    contents: dict[str, tuple[bytes | Path, int]] = {
        "spool.corrupt": (b"this is no sound" * 100, 0),
        "codec.unknown": (bytes(unknown), 0),
        "spool.corrupt ": (well, 3),
        "silent": (empty, 0),
        "ready": (well, 0),
    }
    made = {}
    for what, (content, channel) in contents.items():
        one = manifest((sound_stream(channel),))
        put(service.data, one, {"sound.wav": content})
        made[one.call_id] = what.strip()
    process(service)
    with archive_of(service.data) as archive:
        calls = find_calls(archive, COMMAND_LINE, EVERY).items
        assert {
            call.id: call.recordings[0].error_code or str(call.recordings[0].state) for call in calls
        } == made
    assert len(list((service.data / "spool" / "failed").iterdir())) == 3


@pytest.mark.parametrize("file", ["link.wav"])
def test_a_link_is_not_followed(service: Service, tmp_path: Path, file: str) -> None:
    well = write_wav(tmp_path / "well.wav", tones(1, 8000, 600), 8000)
    one = manifest((sound_stream(0, file),))
    folder = put(service.data, one, {})
    (folder / file).symlink_to(well)
    process(service)
    with archive_of(service.data) as archive:
        (call,) = find_calls(archive, COMMAND_LINE, EVERY).items
    assert call.recordings[0].state is RecordingState.FAILED
    assert well.exists()


KEPT = [
    # profile of the rule, source rate, what is kept: profile, codec, sample rate
    ("compact", 8000, ("compact", "opus", 8000)),
    ("compact", 16_000, ("compact", "opus", 8000)),
    ("standard", 44_100, ("standard", "opus", 8000)),
    ("wide", 44_100, ("wide", "opus", 16_000)),
    ("wide", 8000, ("standard", "opus", 8000)),
    ("lossless", 8000, ("lossless", "flac", 8000)),
    ("lossless", 44_100, ("lossless", "flac", 44_100)),
    ("no such profile", 8000, ("standard", "opus", 8000)),
]


def test_the_profile_of_the_rule_is_kept(service: Service, tmp_path: Path) -> None:
    calls = []
    for profile, rate, kept in KEPT:
        sound = write_wav(tmp_path / "sound.wav", tones(3, rate, 600, 900), rate)
        decision = Decision(RuleOutcome.RECORD, "r1", "Продажи", 0, 3, profile, None)
        streams = (sound_stream(0, party=Party.CALLING), sound_stream(1, party=Party.CALLED))
        calls.append((manifest(streams, decision=decision), kept, rate))
        put(service.data, calls[-1][0], {"sound.wav": sound})
    process(service)
    with archive_of(service.data) as archive:
        found = {call.id: call for call in find_calls(archive, COMMAND_LINE, EVERY).items}
        for sealed, (profile, codec, kept_hz), rate in calls:
            call = found[sealed.call_id]
            (recording,) = call.recordings
            assert (recording.profile, recording.codec) == (profile, codec)
            channels, heard_hz = heard(archive, call)
            assert (heard_hz, channels.shape) == (kept_hz, (2, 3 * kept_hz))
            assert [round(pitch(one, kept_hz)) for one in channels] == [600, 900]
            if profile == "lossless":
                sent = wave_of(write_wav(tmp_path / "again.wav", tones(3, rate, 600, 900), rate))
                assert np.array_equal(channels, sent)
                audio = open_audio(archive, COMMAND_LINE, recording.id, AudioFormat.WAV, AudioPurpose.LISTEN)
                assert b"".join(audio.read(0, None))[44:] == sent.T.tobytes()
                channels, heard_hz = heard(archive, call, AudioFormat.OPUS)
                assert heard_hz == (8000 if rate == 8000 else 16_000)
                assert [round(pitch(one, heard_hz)) for one in channels] == [600, 900]
            else:
                assert np.array_equal(heard(archive, call, AudioFormat.FLAC)[0], channels)
