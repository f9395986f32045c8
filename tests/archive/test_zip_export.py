"""Chosen calls as a ZIP: whole, named, hashed; what cannot be read is told of and breaks nothing."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fonoteka.archive import (
    Archive,
    AudioFormat,
    ExportFormat,
    bin_recording,
    register_call,
    shelve_recording,
    zip_calls,
)
from fonoteka.archive.zip_export import AT_ONCE_MAX
from fonoteka.archive.zip_writer import ZipWriter
from fonoteka.domain.audit import AuditAction, AuditQuery
from fonoteka.domain.call import Call
from fonoteka.domain.errors import AccessDenied, ExportBusy, RequestInvalid
from fonoteka.domain.ids import new_id
from fonoteka.domain.query import CallQuery, CallSelection
from tests.archive.test_listening import spoken
from tests.archive.test_shelving import PEAKS, assembled
from tests.examples import NOON, actor, call, people

__all__ = ["spoken"]
EVERYTHING = CallSelection(query=CallQuery(include_unheard=True))
STORED = ExportFormat()


def shelved(archive: Archive, audio: Path, **fields: object) -> Call:
    one = call(**fields)
    register_call(archive, one)
    shelve_recording(archive, assembled(one), audio, PEAKS)
    return one


def zipped(
    archive: Archive, selection: CallSelection = EVERYTHING, wanted: ExportFormat = STORED
) -> zipfile.ZipFile:
    file = zipfile.ZipFile(io.BytesIO(b"".join(zip_calls(archive, actor(), selection, wanted))))
    assert file.testzip() is None
    return file


def events(archive: Archive, *actions: AuditAction) -> list[tuple[str, str]]:
    with archive.store.reading() as tx:
        found = tx.audit.find("default", AuditQuery(actions=frozenset(actions)), None, 100)
    return [(one.subject_id, one.detail) for one in found]


def test_calls_come_whole_with_a_manifest_of_hashes(archive: Archive, audio: Path) -> None:
    names = people("101", "+79161234567", calling_name='=1+1;"Анна"')
    some = [shelved(archive, audio, started_at=NOON + timedelta(hours=n), participants=names) for n in (0, 9)]
    file = zipped(archive)
    *sounds, csv_name, json_name = file.namelist()
    assert (csv_name, json_name) == ("manifest.csv", "manifest.json")
    assert [name.rpartition("_")[0] for name in sounds] == [
        "2026-04-25/2026-04-25_00-00_101_+79161234567",  # in the tenant's time zone
        "2026-04-24/2026-04-24_15-00_101_+79161234567",
    ]
    assert all(file.read(name) == audio.read_bytes() for name in sounds)
    manifest = json.loads(file.read(json_name))
    digest = hashlib.sha256(audio.read_bytes()).hexdigest()
    assert [(one["file"], one["sha256"], one["error"]) for one in manifest["calls"]] == [
        (name, digest, None) for name in sounds
    ]
    assert manifest["calls"][0]["call_id"] == some[1].id
    assert (manifest["files"], manifest["bytes"], manifest["problems"]) == (2, 2 * audio.stat().st_size, 0)
    exported = events(archive, AuditAction.CALLS_EXPORTED)
    assert [detail for _, detail in exported] == ["format=stored a search"]
    told = f"format=opus export={exported[0][0]}"
    assert sorted(events(archive, AuditAction.RECORDING_DOWNLOADED)) == sorted(
        (one.recordings[0].id, told) for one in some
    )


def test_the_csv_opens_in_a_russian_excel_and_runs_nothing(archive: Archive, audio: Path) -> None:
    shelved(archive, audio, participants=people("101", "+79161234567", calling_name='=1+1;"Анна"'))
    data = zipped(archive, wanted=ExportFormat(language="ru")).read("manifest.csv")
    assert data.startswith(b"\xef\xbb\xbf")
    heading, row = csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";")
    told = dict(zip(heading, row, strict=True))
    assert told["Начало"] == "2026-04-24 15:00:00"
    assert (told["Имя звонящего"], told["Номер вызываемого"]) == ('\'=1+1;"Анна"', "'+79161234567")
    assert (told["Направление"], told["Что не так"]) == ("исходящий", "")


def test_what_cannot_be_read_is_named(archive: Archive, audio: Path) -> None:
    lost, cut, binned, whole = (shelved(archive, audio, started_at=NOON - timedelta(n)) for n in range(4))
    waiting = call(started_at=NOON - timedelta(9))
    register_call(archive, waiting)
    bin_recording(archive, actor(), binned.recordings[0].id)
    with archive.store.reading() as tx:
        keys = {one.id: tx.recordings.get("default", one.recordings[0].id) for one in (lost, cut)}
    archive.objects.delete(str(keys[lost.id].object_key))  # type: ignore[union-attr]
    archive.objects.put(str(keys[cut.id].object_key), audio.read_bytes()[:300_000])  # type: ignore[union-attr]
    gone = new_id()
    ids = (lost.id, cut.id, binned.id, whole.id, waiting.id, gone)
    manifest = json.loads(zipped(archive, CallSelection(ids)).read("manifest.json"))
    assert {one["call_id"]: one["error"] for one in manifest["calls"]} == {
        lost.id: "object.missing",
        cut.id: "audio.malformed",
        binned.id: "recording.binned",
        whole.id: None,
        waiting.id: "recording.not_ready",
        gone: "call.not_found",
    }
    assert (manifest["files"], manifest["problems"]) == (2, 5)
    assert {id_ for id_, _ in events(archive, AuditAction.RECORDING_DOWNLOADED)} == {
        one.recordings[0].id for one in (cut, whole)
    }


def test_other_formats_and_all_parties_in_one(archive: Archive, spoken: Path) -> None:
    shelved(archive, spoken)
    file = zipped(archive, wanted=ExportFormat(AudioFormat.WAV, mixed=True))
    data = file.read(file.namelist()[0])
    assert (data[:4], data[22:24]) == (b"RIFF", b"\x01\x00")
    known = json.loads(file.read("manifest.json"))["calls"][0]
    assert known["sha256"] == hashlib.sha256(data).hexdigest()
    assert events(archive, AuditAction.RECORDING_DOWNLOADED)[0][1].startswith("format=wav mixed export=")


def test_whoever_leaves_stops_the_work(archive: Archive, audio: Path) -> None:
    for n in range(40):
        shelved(archive, audio, started_at=NOON + timedelta(minutes=n))
    pieces = zip_calls(archive, actor(), EVERYTHING, STORED)
    assert next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert len(events(archive, AuditAction.RECORDING_DOWNLOADED)) == 16
    assert not list((archive.cache_folder / "exports").iterdir())


def test_only_so_many_are_made_at_once(archive: Archive, audio: Path) -> None:
    shelved(archive, audio)
    some = [zip_calls(archive, actor(), EVERYTHING, STORED) for _ in range(AT_ONCE_MAX + 1)]
    for one in some[:-1]:
        next(one)
    with pytest.raises(ExportBusy):
        next(some[-1])
    some[0].close()  # type: ignore[attr-defined]
    assert next(zip_calls(archive, actor(), EVERYTHING, STORED))


def test_who_may_not_gets_nothing(archive: Archive, audio: Path) -> None:
    shelved(archive, audio)
    auditor = replace(actor(), permissions=frozenset())
    with pytest.raises(AccessDenied):
        next(zip_calls(archive, auditor, EVERYTHING, STORED))
    with pytest.raises(RequestInvalid):
        next(zip_calls(archive, actor(), CallSelection(), STORED))
    assert events(archive, AuditAction.CALLS_EXPORTED) == []
    theirs = io.BytesIO(b"".join(zip_calls(archive, actor("theirs"), EVERYTHING, STORED)))
    assert json.loads(zipfile.ZipFile(theirs).read("manifest.json"))["calls"] == []


@pytest.mark.parametrize("at", [0, 5 << 30])
def test_zip64_where_it_is_needed(tmp_path: Path, at: int) -> None:
    path = tmp_path / "large.zip"
    writer = ZipWriter(tmp_path)
    writer._at = at  # the file begins with a hole: nothing of this size is written
    with path.open("wb") as file:
        file.seek(at)
        for name, size in (("папка/ф.wav", 3), ("large", 5 << 30)):
            file.write(writer.begin(name, datetime(1970, 1, 1), size) + writer.data(b"abc") + writer.end())  # noqa: DTZ001
        file.writelines(writer.finish())
    writer.close()
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert [archive.read(name) for name in ("папка/ф.wav", "large")] == [b"abc", b"abc"]
        assert archive.getinfo("large").date_time == (1980, 1, 1, 0, 0, 0)


def test_memory_does_not_grow_with_the_number_of_entries(tmp_path: Path) -> None:
    writer = ZipWriter(tmp_path)
    size = 0
    tracemalloc.start()
    for n in range(70_000):
        head = writer.begin(f"2026-04-24/2026-04-24_15-00_101_+79161234567_{n:08}.opus", NOON, 1)
        size += len(head + writer.data(b"x") + writer.end())
    with (tmp_path / "tail").open("wb") as file:
        file.writelines(writer.finish())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    writer.close()
    assert peak < 6_000_000
    tail = (tmp_path / "tail").read_bytes()
    assert int.from_bytes(tail[-98 + 24 : -98 + 32], "little") == 70_000  # Zip64's own count
