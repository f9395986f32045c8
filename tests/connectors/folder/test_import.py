"""Trees of recordings become sealed folders, each call once, with the worst that lies in such trees."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fonoteka.connectors.folder import FolderConfig, ImportReport
from fonoteka.connectors.folder.deposit import open_deposit, remove_abandoned
from fonoteka.domain.call import Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import ImportInvalid, SettingInvalid, StorageFull
from fonoteka.settings import Settings
from tests.connectors.folder.trees import import_tree, sealed, settings_in
from tests.sound_files import write_encoded, write_wav

NAME = "external-101-+79161234567-20260302-120000-1772442000.12"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The folder of a day in a monitor tree."""
    day = tmp_path / "monitor" / "2026" / "03" / "02"
    day.mkdir(parents=True)
    return day


def root_of(tree: Path) -> Path:
    return tree.parents[2]


def content_of(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file below a folder with its hash and its time."""
    return {
        str(path): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def codes(report: ImportReport) -> dict[str, str]:
    """The code of each problem by the name of its file."""
    return {Path(one.path).name: one.code for one in report.problems}


def test_a_tree_comes_in_once_and_stays_as_it_is(settings: Settings, tree: Path) -> None:
    write_wav(tree / f"{NAME}.wav")
    write_wav(tree / "out-84951234567-102-20260302-120100-1772442060.13.wav", 500)
    (tree / "index.html").write_text("no recording")
    before = content_of(root_of(tree))
    first = import_tree(settings, root_of(tree))
    assert (first.imported_calls, first.known_files, first.others) == (2, 0, 1)
    assert first.is_whole
    assert not first.problems
    second = import_tree(settings, root_of(tree))
    assert (second.imported_calls, second.known_files) == (0, 2)
    assert content_of(root_of(tree)) == before
    incoming, outgoing = sealed(settings)
    assert incoming.source == "freepbx"
    assert incoming.opened_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert [one.number for one in incoming.participants] == ["+79161234567", "101"]
    assert (incoming.direction, outgoing.direction) == (Direction.INCOMING, Direction.OUTGOING)
    assert incoming.streams[0].party is None, "both parties are mixed into the one channel"
    copied = settings.folder.spool_sealed / incoming.recording_id / incoming.streams[0].file
    assert copied.read_bytes() == (tree / f"{NAME}.wav").read_bytes()
    assert not list(settings.folder.spool_incoming.iterdir())


def test_the_same_file_elsewhere_is_the_same_call(settings: Settings, tree: Path) -> None:
    write_wav(tree / f"{NAME}.wav")
    import_tree(settings, root_of(tree))
    moved = tree.parent / "backup"
    moved.mkdir()
    (tree / f"{NAME}.wav").rename(moved / f"{NAME}.wav")
    report = import_tree(settings, root_of(tree), time_zone="Asia/Vladivostok")
    assert (report.imported_calls, report.known_files) == (0, 1)
    assert len(sealed(settings)) == 1


def test_without_its_memory_it_gives_the_same_ids_again(settings: Settings, tree: Path) -> None:
    write_wav(tree / f"{NAME}.wav")
    import_tree(settings, root_of(tree))
    before = sealed(settings)
    for path in settings.data.glob("imports.sqlite3*"):
        path.unlink()
    import_tree(settings, root_of(tree))
    assert [one.recording_id for one in sealed(settings)] == [one.recording_id for one in before]
    assert not list(settings.folder.spool_incoming.iterdir())


def test_two_halves_are_one_recording_of_two_parties(settings: Settings, tree: Path) -> None:
    write_wav(tree / f"{NAME}-in.wav", 400)
    write_wav(tree / f"{NAME}-out.wav", 900)
    report = import_tree(settings, root_of(tree))
    assert (report.imported_calls, report.imported_files) == (1, 2)
    (one,) = sealed(settings)
    assert [(stream.party, stream.channel) for stream in one.streams] == [
        (Party.CALLING, 0),
        (Party.CALLED, 0),
    ]
    folder = settings.folder.spool_sealed / one.recording_id
    assert (folder / one.streams[0].file).read_bytes() == (tree / f"{NAME}-in.wav").read_bytes()


def test_a_half_that_comes_later_joins_its_call(settings: Settings, tree: Path) -> None:
    write_wav(tree / f"{NAME}-in.wav", 400)
    import_tree(settings, root_of(tree))
    write_wav(tree / f"{NAME}-out.wav", 900)
    import_tree(settings, root_of(tree))
    first, second = sealed(settings)
    assert first.call_id == second.call_id
    assert first.recording_id != second.recording_id
    assert {first.streams[0].party, second.streams[0].party} == {Party.CALLING, Party.CALLED}


def test_files_of_the_same_name_are_different_calls(settings: Settings, tmp_path: Path) -> None:
    for number, folder in enumerate(("a", "b")):
        (tmp_path / "in" / folder).mkdir(parents=True)
        write_wav(tmp_path / "in" / folder / "20260302-120000-101-102.wav", 400 + 100 * number)
    report = import_tree(settings, tmp_path / "in", pattern="{date}-{time}-{calling}-{called}.wav")
    assert report.imported_calls == 2
    assert len({one.call_id for one in sealed(settings)}) == 2


def test_equal_sound_at_another_time_is_another_call(settings: Settings, tmp_path: Path) -> None:
    for minute in ("00", "01"):
        write_wav(tmp_path / f"20260302-12{minute}00-101-102.wav", 0)
    report = import_tree(settings, tmp_path, pattern="{date}-{time}-{calling}-{called}")
    assert report.imported_calls == 2


def test_stereo_and_what_a_table_says_of_it(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "calls"
    folder.mkdir()
    write_wav(folder / "a.wav", 400, 900)
    write_wav(folder / "b.wav", 400, 900)
    (folder / "calls.csv").write_bytes(
        "file;started_at;calling;called;calling_name;channels\n"
        "a.wav;02.03.2026 12:00;101;102;Анна;\nb.wav;02.03.2026 12:01;101;102;;called,calling\n".encode(
            "cp1251"
        )
    )
    import_tree(settings, folder)
    first, second = sealed(settings)
    assert first.source == "folder"
    assert first.participants[0].name == "Анна"
    assert [one.party for one in first.streams] == [Party.CALLING, Party.CALLED]
    assert [one.party for one in second.streams] == [Party.CALLED, Party.CALLING]
    assert [one.channel for one in second.streams] == [0, 1]


def test_a_cdr_gives_the_numbers(settings: Settings, tmp_path: Path) -> None:
    write_wav(tmp_path / "20260302-120000-1772442000.12.wav")
    assert codes(import_tree(settings, tmp_path)) == {"20260302-120000-1772442000.12.wav": "no_numbers"}
    cdr = tmp_path / "cdr.csv"
    cdr.write_text("calldate,src,dst,uniqueid\n2026-03-02 12:00:00,101,102,1772442000.12\nx,1,2,3\n")
    report = import_tree(settings, tmp_path, cdr=cdr)
    assert report.imported_calls == 1
    assert codes(report) == {"cdr.csv:3": "line_invalid"}
    assert [one.number for one in sealed(settings)[0].participants] == ["101", "102"]


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [("mp3", "libmp3lame"), ("ogg", "libopus"), ("opus", "libopus"), ("flac", "flac"), ("m4a", "aac")],
)
def test_other_kinds_of_sound(settings: Settings, tmp_path: Path, suffix: str, codec: str) -> None:
    write_encoded(tmp_path / f"{NAME}.{suffix}", codec, 440.0)
    assert import_tree(settings, tmp_path).imported_calls == 1
    assert sealed(settings)[0].streams[0].file.endswith(suffix)


def test_headers_that_lie_and_files_that_end(settings: Settings, tmp_path: Path) -> None:
    def name(number: int) -> Path:
        return tmp_path / f"out-84951234567-102-20260302-120{number}00-1772442000.{number}.wav"

    write_wav(name(0), seconds=2)
    whole = name(0).read_bytes()
    name(1).write_bytes(whole[:40] + b"\xff\xff\xff\x7f" + whole[44:])  # claims 2 GB
    name(2).write_bytes(whole[:40] + b"\0\0\0\0" + whole[44:])  # a recorder that was killed
    name(3).write_bytes(whole[:3001])
    name(4).write_bytes(b"")
    name(5).write_bytes(whole[:44])
    name(6).write_bytes(b"RIFF")
    name(7).write_bytes(os.urandom(300_000))
    name(8).write_bytes(b"#EXTM3U\n#EXTINF:9,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n")
    report = import_tree(settings, tmp_path)
    left_out = codes(report)
    assert set(left_out.values()) == {"audio_invalid"}
    assert {int(one.split("-120")[1][0]) for one in left_out} >= {4, 6, 7, 8}
    assert report.imported_calls == 9 - len(left_out)
    assert report.imported_calls >= 4
    assert all(one.detail for one in report.problems)


def test_names_in_cp1251_with_newlines_and_markup(settings: Settings, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/calls"
    Path(os.fsdecode(folder)).mkdir()
    names = [
        "Анна Котова 20260302-120000-101-102.wav".encode("cp1251"),
        b"two\nlines 20260302-120100-101-102.wav",
        b"[bold]{0} 20260302-120200-101-102.wav",
    ]
    for number, name in enumerate(names):
        write_wav(tmp_path / "x.wav", 400 + 50 * number)
        (tmp_path / "x.wav").rename(os.fsdecode(folder + b"/" + name))
    pattern = "{calling_name} {date}-{time}-{calling}-{called}.wav"
    report = import_tree(settings, tmp_path / "calls", pattern=pattern)
    assert report.imported_calls == 3
    assert [one.participants[0].name for one in sealed(settings)] == ["Анна Котова", "two lines", "[bold]{0}"]
    again = import_tree(settings, tmp_path / "calls", pattern="{date}")
    assert again.known_files == 3
    refused = import_tree(settings, tmp_path / "calls", pattern="{date}", tenant="other")
    json.dumps(refused.to_json(), ensure_ascii=False).encode("utf-8")
    assert refused.problem_counts == {"not_understood": 3}


def test_clocks_that_are_off(settings: Settings, tmp_path: Path) -> None:
    good = tmp_path / "20260302-120000-101-102.wav"
    write_wav(good, 400)
    os.utime(good, times=(0, datetime(2026, 3, 2, 12, 0, 1, tzinfo=UTC).timestamp()))
    write_wav(tmp_path / "20990302-120000-101-102.wav", 500)
    write_wav(tmp_path / "19700101-000000-101-102.wav", 600)
    report = import_tree(settings, tmp_path, pattern="{date}-{time}-{calling}-{called}")
    assert sorted(codes(report).values()) == ["time_implausible", "time_implausible"]
    assert any("--shift" in note for note in report.notes()), "the file was written three hours later"
    shifted = import_tree(settings, tmp_path, pattern="{date}-{time}-{calling}-{called}", shift="-36500d")
    assert shifted.imported_calls == 1
    assert sealed(settings)[0].opened_at.year == 1999


def test_the_pbx_id_counts_against_a_wrong_time_zone(settings: Settings, tmp_path: Path) -> None:
    write_wav(tmp_path / f"{NAME}.wav")
    report = import_tree(settings, tmp_path, time_zone="America/New_York")
    assert report.zone_doubts == 1
    assert any("--time-zone" in note for note in report.notes())
    assert sealed(settings)[0].opened_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_links_are_told_and_no_tree_goes_round(settings: Settings, tree: Path) -> None:
    write_wav(tree / f"{NAME}.wav")
    (tree / "round").symlink_to(root_of(tree), target_is_directory=True)
    (tree / "self").symlink_to(tree / "self")
    (tree / "elsewhere.wav").symlink_to(tree / f"{NAME}.wav")
    report = import_tree(settings, root_of(tree))
    assert report.imported_calls == 1
    assert codes(report) == {"round": "link", "elsewhere.wav": "link"}
    (root_of(tree).parent / "link").symlink_to(root_of(tree))
    assert import_tree(settings, root_of(tree).parent / "link").known_files == 1, "PATH itself may be one"


def test_pipes_and_devices_are_no_recordings(settings: Settings, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / f"{NAME}.wav")
    report = import_tree(settings, tmp_path)
    assert (report.imported_calls, report.others) == (0, 1)


def test_a_tree_that_is_too_deep_ends(settings: Settings, tmp_path: Path) -> None:
    deep = tmp_path / "deep" / "/".join(["d"] * 80)
    deep.mkdir(parents=True)
    report = import_tree(settings, tmp_path / "deep")
    assert list(report.problem_counts) == ["too_deep"]


def test_ten_thousand_broken_headers_in_bounded_time(settings: Settings, tmp_path: Path) -> None:
    for folder in range(20):
        (tmp_path / "in" / f"{folder:02}").mkdir(parents=True)
        for number in range(500):
            name = f"out-84951234567-102-20260302-{number // 60 + 10:02}{number % 60:02}{folder:02}"
            path = tmp_path / "in" / f"{folder:02}" / f"{name}-1772442000.{number}.wav"
            path.write_bytes(b"RIFF\xff\xff\xff\xffWAVEjunk" + bytes([number % 256]) * 2000)
            os.truncate(path, 1_000_000)  # 10 GB that take no room
    began = time.monotonic()
    report = import_tree(settings, tmp_path / "in")
    took_s = time.monotonic() - began
    assert report.is_whole
    assert report.problem_counts == {"audio_invalid": 10_000}
    assert report.imported_calls == 0
    assert took_s < 60, f"{took_s:.0f} s"


def test_a_full_spool_breaks_it_off_and_it_goes_on(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(5):
        write_wav(tmp_path / "in" / f"20260302-12000{number}-101-102.wav", 400 + number)
    options = {"pattern": "{date}-{time}-{calling}-{called}", "waiting_max": 3}
    first = import_tree(settings, tmp_path / "in", **options)
    assert (first.imported_calls, first.is_whole) == (3, False)
    settings.folder.spool_sealed.rename(tmp_path / "done")
    settings.folder.make()
    second = import_tree(settings, tmp_path / "in", **options)
    assert (second.imported_calls, second.known_files, second.is_whole) == (2, 3, True)


def test_it_waits_for_the_worker(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(4):
        write_wav(tmp_path / "in" / f"20260302-12000{number}-101-102.wav", 400 + number)
    config = FolderConfig(path=tmp_path / "in", pattern="{date}-{time}-{calling}-{called}")
    importer = config.importer(settings, waiting_max=1)
    done = threading.Event()

    def work() -> None:
        while not done.wait(0.05):
            for number, folder in enumerate(settings.folder.spool_sealed.iterdir()):
                folder.rename(tmp_path / f"done-{folder.name}-{number}")

    worker = threading.Thread(target=work)
    worker.start()
    report = importer.run()
    done.set()
    worker.join()
    assert report.imported_calls == 4
    assert report.is_whole


def test_a_dry_run_writes_nothing(settings: Settings, tree: Path) -> None:
    write_wav(tree / f"{NAME}.wav")
    report = import_tree(settings, root_of(tree), dry_run=True)
    assert report.imported_calls == 1
    assert not sealed(settings)
    assert import_tree(settings, root_of(tree)).imported_calls == 1


def test_a_full_disk_is_told_before_anything_is_copied(settings: Settings, tree: Path) -> None:
    write_wav(tree / f"{NAME}.wav")
    greedy = settings.model_copy(update={"disk_free_min_bytes": 2**62})
    with pytest.raises(StorageFull):
        import_tree(greedy, root_of(tree))
    assert not list(settings.folder.spool_incoming.iterdir())
    assert import_tree(settings, root_of(tree)).imported_calls == 1


def test_what_a_crash_left_is_removed_and_what_is_in_work_stays(settings: Settings) -> None:
    left = settings.folder.spool_incoming / "0195"
    left.mkdir()
    (left / "sound-0.wav").write_bytes(b"half a file")
    with open_deposit(settings.folder, 0) as deposit:
        assert remove_abandoned(settings.folder) == 1
        assert deposit.folder.exists()
    assert not left.exists()


def test_tenants_do_not_see_each_others_memory(settings: Settings, tree: Path) -> None:
    write_wav(tree / f"{NAME}.wav")
    import_tree(settings, root_of(tree))
    assert import_tree(settings, root_of(tree), tenant="other").imported_calls == 1
    ours, theirs = sealed(settings)
    assert {ours.tenant_id, theirs.tenant_id} == {"default", "other"}
    assert ours.call_id != theirs.call_id


def test_what_cannot_be_used_is_explained(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ImportInvalid, match="nothing"):
        import_tree(settings, tmp_path / "none")
    with pytest.raises(ImportInvalid, match="own data folder"):
        import_tree(settings, settings.folder.spool_sealed)
    for options in (
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../x"},
        {"shift": "soon"},
        {"channels": "a,z"},
    ):
        with pytest.raises(SettingInvalid):
            import_tree(settings, tmp_path, **options)
    for table in ({"kind": "folder"}, {"kind": "folder", "path": "x", "tenant": "../other"}):
        with pytest.raises(SettingInvalid):
            FolderConfig.of_table(table)
    assert FolderConfig(path=tmp_path, shift="+90m").clock_shift() == timedelta(minutes=90)
