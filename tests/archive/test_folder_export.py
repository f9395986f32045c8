"""Exports into a folder: they go on where they were, and are checked against their manifest."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fonoteka import wiring
from fonoteka.archive import Archive, AudioFormat, ExportFormat, check_export, export_to_folder, zip_calls
from fonoteka.cli.main import build_app
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import ImportInvalid
from fonoteka.settings import load_settings
from tests.archive.test_listening import spoken
from tests.archive.test_zip_export import EVERYTHING, STORED, events, shelved
from tests.examples import NOON, actor

__all__ = ["spoken"]


def exported(archive: Archive, folder: Path, wanted: ExportFormat = STORED) -> list[tuple[str, str]]:
    lines = export_to_folder(archive, actor(), EVERYTHING, wanted, folder)
    return [(one.file.name, one.error) for one in lines]


def bad(target: Path) -> list[str]:
    return [name for name, good in check_export(target) if not good]


def test_it_goes_on_where_it_was(archive: Archive, audio: Path, tmp_path: Path) -> None:
    for n in range(20):
        shelved(archive, audio, started_at=NOON + timedelta(hours=n))
    folder = tmp_path / "export"
    begun = export_to_folder(archive, actor(), EVERYTHING, STORED, folder)
    first = [next(begun).file.name for _ in range(3)]
    begun.close()  # type: ignore[attr-defined]
    with pytest.raises(ImportInvalid):
        list(check_export(folder))  # there is no manifest yet
    (folder / first[0]).write_bytes(b"damaged meanwhile")
    (folder / first[1]).with_name("x.part").write_bytes(b"left behind")
    kept = (folder / first[2]).stat().st_mtime_ns
    downloads = len(events(archive, AuditAction.RECORDING_DOWNLOADED))
    done = exported(archive, folder)
    assert len(done) == 20
    assert not any(error for _, error in done)
    assert (folder / first[2]).stat().st_mtime_ns == kept
    assert len(events(archive, AuditAction.RECORDING_DOWNLOADED)) == downloads + 18
    assert bad(folder) == []
    assert all((folder / name).read_bytes() == audio.read_bytes() for name, _ in done)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert (manifest["files"], manifest["problems"]) == (20, 0)
    with (folder / "manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file, delimiter=";"))) == 21


def test_renditions_are_made_once(archive: Archive, spoken: Path, tmp_path: Path) -> None:
    shelved(archive, spoken)
    wanted = ExportFormat(AudioFormat.MP3, mixed=True)
    ((name, _),) = exported(archive, tmp_path / "export", wanted)
    assert name.endswith(".mixed.mp3")
    assert exported(archive, tmp_path / "export", wanted) == [(name, "")]
    assert len(events(archive, AuditAction.RECORDING_DOWNLOADED)) == 1


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"x")])
def test_what_was_changed_is_found(
    archive: Archive, audio: Path, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    shelved(archive, audio)
    ((name, _),) = exported(archive, tmp_path / "export")
    spoil(tmp_path / "export" / name)
    assert bad(tmp_path / "export") == [name]


def test_a_zip_is_checked_too(archive: Archive, audio: Path, tmp_path: Path) -> None:
    shelved(archive, audio)
    data = b"".join(zip_calls(archive, actor(), EVERYTHING, STORED))
    target = tmp_path / "calls.zip"
    target.write_bytes(data)
    assert bad(target) == []
    at = data.index(audio.read_bytes()[:65_535])
    target.write_bytes(data[:at] + b"?" + data[at + 1 :])
    assert len(bad(target)) == 1
    target.write_bytes(data[:-50])
    with pytest.raises(ImportInvalid):
        list(check_export(target))


def test_the_command_says_which_calls_and_what_came(audio: Path, tmp_path: Path) -> None:
    data, target = tmp_path / "data", tmp_path / "export"
    rooms = wiring.open_rooms(load_settings(data=data))
    shelved(rooms.archive, audio)
    lost = shelved(rooms.archive, audio, started_at=NOON - timedelta(days=2))
    for key in [one for one in rooms.archive.objects.list("") if lost.recordings[0].id in one]:
        rooms.archive.objects.delete(key)
    rooms.close()

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(build_app("export"), ["export", *arguments, "--data", str(data)])
        return done.exit_code, done.output

    assert run(str(target))[0] == 2  # nothing says which calls
    code, said = run(str(target), "--all")
    assert (code, "1 files" in said, f"{lost.id}: object.missing" in said) == (1, True, True)
    assert run(str(target), "--since", "2026-04-24", "--until", "2026-04-24")[0] == 0
    assert run(str(target), "--verify") == (0, f"{target}: 1 files, all as the manifest says\n")
    zipped = tmp_path / "calls.zip"
    assert run(str(zipped), "--number", "4951234567")[0] == 0
    assert run(str(zipped), "--verify")[1] == f"{zipped}: 1 files, all as the manifest says\n"
    assert not list(tmp_path.rglob("*.part"))
