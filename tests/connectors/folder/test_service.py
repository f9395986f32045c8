"""Imports, a watched folder and uploads with the real service: from the file to what one hears."""

from __future__ import annotations

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import wave
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from fonoteka.domain.errors import ImportInvalid, SettingInvalid
from fonoteka.settings import Settings
from fonoteka.watcher_wiring import build_watchers
from fonoteka.wiring import open_rooms
from tests.service import Service, wait_for
from tests.sound_files import write_encoded, write_wav

PATTERN = "{date}-{time}-{calling}-{called}"


def loudest_hz(service: Service, recording_id: str) -> list[int]:
    """The strongest frequency of each channel of a recording, to the ten."""
    status, _, body = service.fetch(f"/recordings/{recording_id}/audio?format=wav")
    assert status == 200
    with wave.open(io.BytesIO(body)) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, file.getnchannels())
        spectrum = np.abs(np.fft.rfft(data, axis=0))
        return [round(float(peak) * file.getframerate() / len(data), -1) for peak in spectrum.argmax(0)]


def test_a_tree_becomes_calls_that_one_can_hear(service: Service, tmp_path: Path) -> None:
    day = tmp_path / "monitor" / "2026" / "03" / "02"
    day.mkdir(parents=True)
    stem = "-20260302-120{}00-177244{}0.1"
    write_wav(day / f"external-101-+79161234567{stem.format(0, '200')}-in.wav", 400, seconds=3)
    write_wav(day / f"external-101-+79161234567{stem.format(0, '200')}-out.wav", 900, seconds=3)
    write_encoded(day / f"out-84951234567-102{stem.format(1, '206')}.mp3", "libmp3lame", 600, seconds=2)
    write_wav(day / f"internal-101-102{stem.format(2, '212')}.wav", 700, seconds=2)
    (day / "broken.wav").write_bytes(b"RIFF")
    service.up()
    report = json.loads(service.run("import", str(tmp_path / "monitor"), "--json", ok=False))
    assert (report["imported_calls"], report["imported_files"], report["is_whole"]) == (3, 4, True)
    assert [one["code"] for one in report["problems"]] == ["not_understood"]
    internal, outgoing, incoming = service.calls(3)
    assert [one["direction"] for one in (incoming, outgoing, internal)] == [
        "incoming",
        "outgoing",
        "internal",
    ]
    assert [one["number"] for one in incoming["participants"]] == ["+79161234567", "101"]
    assert incoming["started_at"].startswith("2026-03-02T09:00:00")
    assert abs(incoming["duration_ms"] - 3000) < 200
    (recording,) = incoming["recordings"]
    assert [one["party"] for one in recording["tracks"]] == ["calling", "called"]
    assert loudest_hz(service, recording["id"]) == [400, 900]
    assert loudest_hz(service, outgoing["recordings"][0]["id"]) == [600]
    again = json.loads(service.run("import", str(tmp_path / "monitor"), "--json", ok=False))
    assert (again["imported_calls"], again["known_files"]) == (0, 4)
    assert not list((service.data / "spool" / "failed").iterdir())


def test_a_killed_import_goes_on_and_takes_nothing_twice(service: Service, tmp_path: Path) -> None:
    tree = tmp_path / "in"
    tree.mkdir()
    for number in range(30):
        write_wav(tree / f"20260302-12{number:02}00-101-102.wav", 300 + 10 * number, seconds=0.5)
    service.up()
    arguments = ["import", str(tree), "--pattern", PATTERN, "--json"]
    killed = 0
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-m", "fonoteka", *arguments], env=service.environment, stdout=subprocess.DEVNULL
        )
        known = _taken(service)
        while process.poll() is None and _taken(service) < known + 5:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed
    report = json.loads(service.run(*arguments))
    assert report["is_whole"]
    calls = service.calls(30)
    assert len({one["started_at"] for one in calls}) == 30
    assert all(len(one["recordings"]) == 1 for one in calls)
    assert not list((service.data / "spool" / "incoming").iterdir())


def _taken(service: Service) -> int:
    memory = service.data / "imports.sqlite3"
    if not memory.exists():
        return 0
    with closing(sqlite3.connect(memory)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM recordings").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def test_a_watched_folder_takes_what_has_stopped_growing(service: Service, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (service.data / "fonoteka.toml").write_text(
        f'[[connector]]\nkind = "folder"\npath = "{inbox}"\npattern = "{PATTERN}"\n'
        "poll_s = 0.3\nquiet_s = 1.5\n"
    )
    service.up()
    write_wav(tmp_path / "x.wav", 500, seconds=4)
    sound = (tmp_path / "x.wav").read_bytes()
    growing = inbox / "20260302-120000-101-102.wav"
    with growing.open("wb") as file:
        for start in range(0, len(sound), 8000):
            file.write(sound[start : start + 8000])
            file.flush()
            assert service.get("/calls")["items"] == []
            time.sleep(0.4)
    (call,) = service.calls(1)
    assert abs(call["duration_ms"] - 4000) < 200, "it was not taken before it was whole"
    write_wav(inbox / "20260302-120500-101-102.wav", 700)
    service.calls(2)
    assert growing.read_bytes() == sound


def test_a_connector_that_cannot_work_is_told_at_start(service: Service) -> None:
    (service.data / "fonoteka.toml").write_text('[[connector]]\nkind = "folder"\npath = "/x"\nquite_s = 3\n')
    done = subprocess.run(
        [sys.executable, "-m", "fonoteka", "serve"],
        env=service.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "quite_s" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("table", "error"),
    [
        ({"kind": "folder", "path": "/x", "pattern": "{nobody}"}, ImportInvalid),
        ({"kind": "folder", "path": "/x", "time_zone": "Mars"}, SettingInvalid),
        ({"kind": "pigeon"}, SettingInvalid),
        ({"kind": "folder", "path": "/x", "tenant": "nobody"}, SettingInvalid),
        ({}, SettingInvalid),
    ],
)
def test_connectors_that_cannot_work(tmp_path: Path, table: dict[str, Any], error: type[Exception]) -> None:
    settings = Settings(data=tmp_path, connector=[table])
    rooms = open_rooms(settings)
    with pytest.raises(error):
        build_watchers(settings, rooms)
    rooms.close()


def test_a_tenant_that_is_not_there_gets_no_calls(service: Service, tmp_path: Path) -> None:
    write_wav(tmp_path / "20260302-120000-101-102.wav")
    arguments = ["import", str(tmp_path), "--pattern", PATTERN, "--tenant", "nort"]
    service.run(*arguments, ok=False)
    assert not list((service.data / "spool" / "sealed").iterdir())
    service.run("tenant", "create", "nort", "Nort", "--time-zone", "Asia/Vladivostok")
    service.run(*arguments)
    (folder,) = (service.data / "spool" / "sealed").iterdir()
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert (manifest["tenant_id"], manifest["opened_at"]) == ("nort", "2026-03-02T02:00:00+00:00")


def test_without_a_worker_a_dry_run_says_what_would_come(service: Service, tmp_path: Path) -> None:
    write_wav(tmp_path / "20260302-120000-101-102.wav")
    out = service.run("import", str(tmp_path), "--pattern", PATTERN, "--dry-run")
    assert "would come in" in out
    assert not list((service.data / "spool" / "sealed").iterdir())


def test_a_large_upload_costs_no_memory_and_is_found(service: Service, tmp_path: Path) -> None:
    large = tmp_path / "large.wav"
    write_wav(large, 440.0, 880.0, seconds=2)
    whole = large.read_bytes()
    size = 300_000_000
    # A chunk that nobody knows, as long as a film; behind it the sound.
    large.write_bytes(whole[:12] + b"junk" + (size).to_bytes(4, "little"))
    os.truncate(large, 20 + size)
    with large.open("ab") as file:
        file.write(whole[12:])
    service.up()
    (web,) = service.children("fonoteka web")
    before = _peak_kib(web)
    call: dict[str, Any] = {"started_at": "2026-03-02T09:00:00Z", "calling": {"number": "101"}}
    with large.open("rb") as sound:
        answer = httpx.post(
            f"{service.url}/api/v1/calls",
            headers={"Authorization": f"Bearer {service.token}", "Idempotency-Key": "film"},
            files={"call": (None, json.dumps(call)), "audio": ("film.wav", sound)},
            timeout=100,
            trust_env=False,
        )
    assert answer.status_code == 202, answer.text
    assert _peak_kib(web) - before < 60_000
    place = answer.headers["location"].removeprefix("/api/v1")
    wait_for(lambda: service.fetch(place)[0] == 200)
    (found,) = service.calls(1)
    assert found["id"] == answer.json()["call_id"]
    assert loudest_hz(service, answer.json()["recording_id"]) == [440, 880]


def _peak_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    raise AssertionError("no peak is told")


def cdr_line(at: datetime, src: str, dst: str, linkedid: str, disposition: str = "ANSWERED") -> str:
    """A line of Master.csv with `loguniqueid` and `newcdrcolumns` switched on."""
    began = at.strftime("%Y-%m-%d %H:%M:%S")
    cells = ["", src, dst, "from-trunk", "", "PJSIP/t-1", f"PJSIP/{dst}-2", "Dial", "", began, "", ""]
    return ",".join([*cells, "6", "5", disposition, "3", linkedid, "", linkedid, "1"]) + "\n"


def test_each_call_of_a_watched_cdr_is_in_the_ledger(service: Service, tmp_path: Path) -> None:
    """A call recorded by SIPREC, one that the recorder never saw, one nobody answered, one no rule wants."""
    cdr = tmp_path / "Master.csv"
    cdr.write_text(cdr_line(datetime.now(UTC) - timedelta(days=9), "100", "101", "1.1"))
    (service.data / "fonoteka.toml").parent.mkdir(exist_ok=True)
    (service.data / "fonoteka.toml").write_text(
        f'[[connector]]\nkind = "cdr"\npath = "{cdr}"\ntime_zone = "UTC"\npoll_s = 0.2\n'
    )
    service.up()
    skip = {"name": "private", "outcome": "skip", "conditions": {"extensions": ["105"]}}
    service.send("PUT", "/rules", {"rules": [skip], "default": "record", "based_on_version": 0})
    numbers = ("--calling", "+79005550000", "--called", "101", "--duration", "1")
    service.run("call", "--srs", f"sip:{service.sip}", *numbers)
    began = datetime.now(UTC) - timedelta(seconds=6)
    with cdr.open("a") as file:
        file.write(cdr_line(began, "79005550000", "101", "2.1"))
        file.write(cdr_line(began, "79005550001", "102", "2.2"))
        file.write(cdr_line(began, "79005550002", "105", "2.3"))
        file.write(cdr_line(began, "79005550003", "103", "2.4", "NO ANSWER"))
        file.write(cdr_line(began, "79005550004", "104", "2.5")[:-9])

    def outcomes() -> dict[str, str]:
        found = service.get("/ledger?limit=50")["items"]
        return {one["participants"][-1]["number"]: one["outcome"] for one in found}

    expected = {"101": "recorded", "102": "expected", "103": "missed", "105": "skipped"}
    wait_for(lambda: outcomes() == expected)
    with cdr.open("a") as file:
        file.write(cdr_line(began, "79005550004", "104", "2.5")[-9:])
    told = {
        "external_id": "2.2",
        "started_at": began.isoformat(),
        "duration_ms": 6000,
        "calling": {"number": "79005550001"},
        "called": {"number": "102"},
    }
    answer = service.send("POST", "/ledger/expected", told)
    assert (answer["outcome"], answer["known"]) == ("expected", True)
    wait_for(lambda: outcomes() == {**expected, "104": "expected"})
    assert len(service.get("/ledger?limit=50")["items"]) == 5


def test_an_import_says_what_the_cdr_knows_and_nobody_recorded(service: Service, tmp_path: Path) -> None:
    tree, cdr = tmp_path / "monitor", tmp_path / "Master.csv"
    tree.mkdir()
    noon = datetime(2026, 3, 2, 12, 0, 0)  # noqa: DTZ001 - local to the PBX
    write_wav(tree / "external-101-79161234567-20260302-120000-1772442000.1.wav", 400, seconds=2)
    cdr.write_text(
        cdr_line(noon, "79161234567", "101", "1772442000.1")
        + cdr_line(noon, "79161234568", "102", "1772442000.2")
        + cdr_line(noon, "79161234569", "103", "1772442000.3", "BUSY")
        + cdr_line(noon - timedelta(days=3), "79161234569", "103", "1772182800.3")
    )
    service.up()
    arguments = ("import", str(tree), "--cdr", str(cdr), "--cdr-since", "2026-03-01", "--json")
    done = json.loads(service.run(*arguments, ok=False))["ledger"]
    assert {name: done[name] for name in ("calls", "recorded", "missing", "missed")} == {
        "calls": 3,
        "recorded": 1,
        "missing": 1,
        "missed": 1,
    }
    assert [one["numbers"] for one in done["examples"]] == [["79161234568", "102"]]
    service.calls(1)
    again = json.loads(service.run(*arguments, "--dry-run", ok=False))["ledger"]
    assert again == done, "the files are known by now, the calls of the ledger too"
    found = service.get("/ledger")["items"]
    assert {one["outcome"] for one in found} == {"recorded", "expected", "missed"}
    assert len(found) == 3
