"""Hearing recordings: who may, in which state, what is written down, and what comes out."""

from __future__ import annotations

import io
import wave
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from fonoteka.archive import (
    Archive,
    AudioFormat,
    AudioPurpose,
    OpenAudio,
    bin_recording,
    empty_bin,
    fail_recording,
    open_audio,
    read_peaks,
    register_call,
    shelve_recording,
)
from fonoteka.audio.encode import encode_opus
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call
from fonoteka.domain.errors import (
    FonotekaError,
    ObjectMissing,
    RangeUnsatisfiable,
    RecordingBinned,
    RecordingDeleted,
    RecordingFailed,
    RecordingNotFound,
    RecordingNotReady,
    RecordingSilent,
)
from fonoteka.domain.ids import new_id
from fonoteka.domain.recording import RecordingState
from tests.archive.test_shelving import PEAKS, assembled
from tests.examples import NOON, actor, call

RATE_HZ = 8000


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds: a low tone from the calling party, a high one from the called."""
    seconds = np.arange(2 * RATE_HZ) / RATE_HZ
    tones = np.stack([np.sin(2 * np.pi * hz * seconds) for hz in (300, 1500)])
    path = tmp_path_factory.mktemp("audio") / "audio.opus"
    path.write_bytes(encode_opus((tones * 8000).astype(np.int16), RATE_HZ, "standard"))
    return path


@pytest.fixture
def shelved(archive: Archive, spoken: Path) -> Call:
    one = call()
    register_call(archive, one)
    shelve_recording(archive, assembled(one), spoken, PEAKS)
    return one


def opened(
    archive: Archive,
    one: Call,
    format: AudioFormat = AudioFormat.OPUS,
    purpose: AudioPurpose = AudioPurpose.LISTEN,
    range_start: int = 0,
    name: str = "anna",
) -> OpenAudio:
    return open_audio(archive, actor(name=name), one.recordings[0].id, format, purpose, range_start)


def events(archive: Archive, one: Call) -> list[tuple[AuditAction, str, str]]:
    with archive.store.reading() as tx:
        found = tx.audit.of_subject("default", one.recordings[0].id, 99)
    return [(event.action, event.actor_name, event.detail) for event in reversed(found)]


def test_the_stored_file_comes_as_it_is(archive: Archive, shelved: Call, spoken: Path) -> None:
    audio = opened(archive, shelved)
    data = spoken.read_bytes()
    assert audio.size_bytes == len(data)
    assert b"".join(audio.read(0, None)) == data
    assert b"".join(audio.read(5, 9)) == data[5:9]
    assert audio.media_type == "audio/ogg"
    assert audio.file_name == "2026-04-24_15-00_101_+74951234567.opus"
    assert audio.entity_tag == opened(archive, shelved).entity_tag


def test_wav_keeps_the_parties_apart(archive: Archive, shelved: Call) -> None:
    audio = opened(archive, shelved, AudioFormat.WAV)
    data = b"".join(audio.read(0, None))
    assert len(data) == audio.size_bytes
    assert b"".join(audio.read(44, 99)) == data[44:99]
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, RATE_HZ)
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2)
    assert samples.shape[0] == 2 * RATE_HZ
    assert [loudest_hz(samples[:, party], RATE_HZ) for party in (0, 1)] == [300, 1500]


def test_mp3_keeps_the_parties_apart(archive: Archive, shelved: Call) -> None:
    audio = opened(archive, shelved, AudioFormat.MP3)
    assert audio.media_type == "audio/mpeg"
    assert audio.file_name.endswith(".mp3")
    with av.open(io.BytesIO(b"".join(audio.read(0, None)))) as container:
        planes = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
        rate_hz = container.streams.audio[0].rate
    assert [loudest_hz(planes[party], rate_hz) for party in (0, 1)] == [300, 1500]


def loudest_hz(samples: np.ndarray, rate_hz: int) -> int:
    middle = samples[rate_hz // 2 : rate_hz // 2 + rate_hz].astype(float)
    return int(round(np.argmax(np.abs(np.fft.rfft(middle))) / 100.0) * 100)


def test_every_access_is_written_down_before_a_byte_is_read(archive: Archive, shelved: Call) -> None:
    opened(archive, shelved)
    opened(archive, shelved, AudioFormat.MP3, AudioPurpose.DOWNLOAD, name="boris")
    assert events(archive, shelved) == [
        (AuditAction.RECORDING_LISTENED, "anna", "format=opus"),
        (AuditAction.RECORDING_DOWNLOADED, "boris", "format=mp3"),
    ]
    with archive.store.reading() as tx:
        assert {event.remote_address for event in tx.audit.newest("default", 9)} == {"192.0.2.7"}


def test_going_on_within_a_quarter_of_an_hour_is_the_same_access(archive: Archive, shelved: Call) -> None:
    clock = [NOON]
    timed = replace(archive, now=lambda: clock[0])

    def count_after(delay: timedelta, **how: object) -> int:
        clock[0] += delay
        opened(timed, shelved, **how)  # type: ignore[arg-type]
        return len(events(archive, shelved))

    assert count_after(timedelta(0)) == 1
    assert count_after(timedelta(minutes=14), range_start=100) == 1
    assert count_after(timedelta(minutes=2), range_start=100) == 2, "the event is older than 15 minutes"
    assert count_after(timedelta(0), range_start=100, name="boris") == 3
    assert count_after(timedelta(0), range_start=100, purpose=AudioPurpose.DOWNLOAD) == 4
    assert count_after(timedelta(0), range_start=100, format=AudioFormat.WAV) == 5
    assert count_after(timedelta(0)) == 6, "from the beginning is again an access"


def test_a_range_beyond_the_end_is_told_with_the_size_and_is_no_access(
    archive: Archive, shelved: Call, spoken: Path
) -> None:
    size = spoken.stat().st_size
    for start in (size, size + 1, 2**63, -1):
        with pytest.raises(RangeUnsatisfiable) as caught:
            opened(archive, shelved, range_start=start)
        assert caught.value.size_bytes == size
    assert events(archive, shelved) == []
    opened(archive, shelved, range_start=size - 1)


def test_each_state_has_its_answer(archive: Archive, spoken: Path) -> None:
    table: dict[type[FonotekaError], Call] = {}
    for error in (RecordingNotReady, RecordingSilent, RecordingFailed, RecordingBinned, RecordingDeleted):
        table[error] = call()
        register_call(archive, table[error])
    silent = replace(table[RecordingSilent].recordings[0], state=RecordingState.SILENT)
    shelve_recording(archive, silent, spoken, b"{}")
    fail_recording(archive, table[RecordingFailed].recordings[0].id, "spool.corrupt")
    shelve_recording(archive, assembled(table[RecordingDeleted]), spoken, PEAKS)
    bin_recording(archive, actor(), table[RecordingDeleted].recordings[0].id)
    assert empty_bin(archive, actor()) == 1
    shelve_recording(archive, assembled(table[RecordingBinned]), spoken, PEAKS)
    bin_recording(archive, actor(), table[RecordingBinned].recordings[0].id)
    for error, one in table.items():
        for format in AudioFormat:
            with pytest.raises(error):
                opened(archive, one, format)
        with pytest.raises(error):
            read_peaks(archive, actor(), one.recordings[0].id)
    assert events(archive, table[RecordingNotReady]) == []


@pytest.mark.parametrize("recording_id", ["", "../../etc/passwd", "\0", new_id()])
def test_unknown_ids_are_not_found(archive: Archive, recording_id: str) -> None:
    with pytest.raises(RecordingNotFound):
        open_audio(archive, actor(), recording_id, AudioFormat.WAV, AudioPurpose.LISTEN)
    with pytest.raises(RecordingNotFound):
        bin_recording(archive, actor(), recording_id)


def test_a_lost_object_is_said_to_be_lost_and_is_no_access(archive: Archive, shelved: Call) -> None:
    for key in list(archive.objects.list("")):
        archive.objects.delete(key)
    for format in AudioFormat:
        with pytest.raises(ObjectMissing):
            opened(archive, shelved, format)
    assert events(archive, shelved) == []


def test_deletion_takes_the_renditions_and_is_written_down_once(archive: Archive, shelved: Call) -> None:
    opened(archive, shelved, AudioFormat.WAV)
    opened(archive, shelved, AudioFormat.MP3)
    rendered = [path for path in archive.cache_folder.rglob("*") if shelved.recordings[0].id in path.name]
    assert len(rendered) == 2
    reading = opened(archive, shelved, AudioFormat.WAV).read(0, None)
    for _ in range(2):
        bin_recording(archive, actor(name="boris"), shelved.recordings[0].id)
        empty_bin(archive, actor(name="anna"))
    assert not any(path.exists() for path in rendered)
    assert len(b"".join(reading)) == 44 + 2 * RATE_HZ * 4, "who is listening hears it to the end"
    deletions = [event for event in events(archive, shelved) if event[0] is AuditAction.RECORDING_DELETED]
    assert [(action, name) for action, name, _ in deletions] == [(AuditAction.RECORDING_DELETED, "anna")]
    binned = [event for event in events(archive, shelved) if event[0] is AuditAction.RECORDING_BINNED]
    assert binned == [(AuditAction.RECORDING_BINNED, "boris", "")]


def test_many_who_ask_at_once_get_one_rendition(
    archive: Archive, shelved: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fonoteka.audio import formats

    made: list[datetime] = []
    real = formats.to_mp3

    def counted(*arguments: object) -> None:
        made.append(datetime.now().astimezone())
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(formats, "to_mp3", counted)
    with ThreadPoolExecutor(8) as pool:
        all_of = list(pool.map(lambda _: opened(archive, shelved, AudioFormat.MP3), range(8)))
    assert len({b"".join(audio.read(0, None)) for audio in all_of}) == 1
    assert len(made) == 1
