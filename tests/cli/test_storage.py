"""`fonoteka storage` and `fonoteka hold` on a filled archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fonoteka import wiring
from fonoteka.archive import register_call, shelve_recording
from fonoteka.cli.main import build_app
from fonoteka.domain.call import Call
from fonoteka.domain.recording import RecordingState
from fonoteka.settings import load_settings
from tests.databases import fresh_url
from tests.examples import NOON, call

SIZE = 200_000


class Line:
    """A command line on one data folder with ten recordings, oldest first."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        self.calls = [self._shelve(folder, minute) for minute in range(10)]

    def _shelve(self, folder: Path, minute: int) -> Call:
        rooms = wiring.open_rooms(load_settings(data=self.data))
        file = folder / "audio.opus"
        file.write_bytes(bytes(SIZE))
        one = call(started_at=NOON + timedelta(minutes=minute))
        try:
            register_call(rooms.archive, one)
            ready = replace(one.recordings[0], state=RecordingState.READY)
            shelve_recording(rooms.archive, ready, file, b"")
        finally:
            rooms.close()
        return one

    def run(self, *arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(
            build_app(arguments[0]), [*arguments, "--data", str(self.data)], input=typed
        )

    def says(self, *arguments: str, typed: str = "") -> str:
        done = self.run(*arguments, typed=typed)
        assert done.exit_code == 0, done.output
        return done.output


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    url = fresh_url(tmp_path)
    if not url.startswith("sqlite"):
        monkeypatch.setenv("FONOTEKA_DATABASE_URL", url)
    return Line(tmp_path)


def test_the_plan_is_shown_changed_with_consent_and_swept(line: Line) -> None:
    assert "quota: none" in line.says("storage", "show")
    assert f"used: {10 * SIZE} bytes, 10 recordings" in line.says("storage", "show")
    small = ("storage", "plan", "--quota", str(6 * SIZE), "--when-full", "overwrite_oldest")
    asked = line.says(*small, typed="n\n")
    assert f"overwritten: 4 recordings, {4 * SIZE} bytes" in asked
    assert "quota: none" in line.says("storage", "show"), "refused"
    line.says(*small, "--yes")
    assert "overwritten: 4" in line.says("storage", "sweep")
    seen = line.says("storage", "show")
    assert f"quota: {6 * SIZE} bytes; when full: overwrite_oldest" in seen
    assert f"free: {6 * SIZE} bytes, 6 recordings" in seen
    assert "full" in line.says("storage", "forecast")
    assert "6 recordings, " in line.says("storage", "audit", "--safe-hours", "0")
    line.says("storage", "confirm")
    for bad in ("many", "-5", "5"):
        assert line.run("storage", "plan", f"--quota={bad}", "--yes").exit_code != 0


def test_the_audit_tells_by_its_status_and_mends(line: Line) -> None:
    audio = next((line.data / "objects").rglob("*-audio.*"))
    audio.unlink()
    found = line.run("storage", "audit")
    assert (found.exit_code, "missing 1" in found.output) == (1, True)
    assert "(mended)" in line.says("storage", "audit", "--repair")
    assert f"used: {9 * SIZE} bytes, 9 recordings" in line.says("storage", "show")


def test_what_is_held_is_not_recorded_over_until_it_is_released(line: Line) -> None:
    placed = line.says("hold", "place", "Иск 7", "суд", "--call", line.calls[0].id)
    hold_id = placed.split(":")[0]
    assert placed.strip().endswith("1 recordings")
    assert f"{hold_id}\tИск 7\t1\t" in line.says("hold", "list")
    line.says("storage", "plan", "--quota", str(5 * SIZE), "--when-full", "overwrite_oldest", "--yes")
    line.says("storage", "sweep")
    assert f"held: {SIZE} bytes, 1 recordings" in line.says("storage", "show")
    line.says("hold", "release", hold_id, "--reason", "кончено")
    assert hold_id not in line.says("hold", "list")
    assert "released" in line.says("hold", "list", "--all")
    assert line.run("hold", "release", "nobody").exit_code != 0
    assert line.run("hold", "place", "Иск 8", "суд", "--call", "nobody").exit_code != 0
