"""Whatever a crash left in `open/` is sealed with what it holds, or set aside; never twice, never lost."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fonoteka.capture import recovery
from fonoteka.capture.recovery import recover
from fonoteka.capture.spool import OpenRecording, Spool
from fonoteka.domain.call import Party
from fonoteka.domain.ids import new_id
from fonoteka.domain.recording import EndReason
from fonoteka.domain.sealed import (
    JOURNAL_NAME,
    MANIFEST_NAME,
    MediaFormat,
    SealedParticipant,
    SealedRecording,
)
from fonoteka.settings import DataFolder
from fonoteka.wire.rtpdump import file_header, header_length, record, whole_length
from tests.capture.streams import rtp

STREAMS = ("stream-0.rtpdump", "stream-1.rtpdump")
HEADER = file_header(datetime(2026, 1, 1, tzinfo=UTC), "127.0.0.1", 20_000)
DUMP = HEADER + b"".join(record(20 * seq, rtp(seq), False) for seq in range(20))

KEPT_BYTES = st.one_of(st.none(), st.just(1_000_000), st.integers(0, 5_000))
"""How much of a file a crash leaves: nothing at all, everything, or some (each file is shorter)."""


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path)
    folder.make()
    return folder


def interrupted(data: DataFolder, *, is_dead: bool = True) -> OpenRecording:
    """A recording in progress with two streams, as a killed recorder leaves it: nobody has it open."""
    one = Spool(data).begin("siprec", "192.0.2.1:5060", "SBC/1", "abc", "default")
    one.keep_message("in", b"INVITE sip:srs SIP/2.0\r\n\r\n")
    for index, name in enumerate(STREAMS):
        one.add_stream(index, str(index), name)
        one.set_formats(index, {8: MediaFormat("PCMA", 8000)})
        (one.folder / name).write_bytes(DUMP)
    anna = SealedParticipant("p1", Party.CALLING, "101", "Анна", "sip:101@pbx")
    one.set_participants("cs", [anna], {0: (Party.CALLING, ["p1"])})
    one.hold(1)
    if is_dead:
        one._journal.close()
    return one


def manifest(folder: Path) -> SealedRecording:
    return SealedRecording.from_json((folder / MANIFEST_NAME).read_text("utf-8"))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_interrupted_recording_is_sealed_once(data: DataFolder) -> None:
    one = interrupted(data)
    with (one.folder / STREAMS[0]).open("ab") as file:
        file.write(record(500, rtp(99), False)[:-1])
    assert recover(data) == [one.recording_id]
    folder = data.spool_sealed / one.recording_id
    found = manifest(folder)
    assert found.end_reason is EndReason.INTERRUPTED
    assert found.opened_at == one.opened_at
    assert [stream.file for stream in found.streams] == list(STREAMS)
    assert found.streams[1].hold_spans[0].until_ms is None
    assert [(folder / name).read_bytes() for name in STREAMS] == [DUMP, DUMP]
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert recover(data) == []
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_live_recording_is_left_alone(data: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "WRITER_WAIT_S", 0.1)
    one = interrupted(data, is_dead=False)
    assert recover(data, live={one.recording_id}) == []
    # Nor by one who does not know of it.
    assert recover(data) == []
    assert one.seal(EndReason.BYE).is_dir()


def test_killed_between_manifest_and_move(data: DataFolder) -> None:
    one = interrupted(data)
    sealed = one.seal(EndReason.BYE)
    sealed.rename(one.folder)
    written = (one.folder / MANIFEST_NAME).read_bytes()
    assert recover(data) == [one.recording_id]
    assert (sealed / MANIFEST_NAME).read_bytes() == written


def test_killed_between_the_end_and_the_manifest(data: DataFolder) -> None:
    one = interrupted(data, is_dead=False)
    sealed = one.seal(EndReason.SESSION_EXPIRED)
    sealed.rename(one.folder)
    (one.folder / MANIFEST_NAME).rename(one.folder / f"{MANIFEST_NAME}.tmp")
    assert recover(data) == [one.recording_id]
    assert manifest(sealed).end_reason is EndReason.SESSION_EXPIRED
    assert f"{MANIFEST_NAME}.tmp" not in names(sealed)


def test_killed_while_discarding(data: DataFolder) -> None:
    one = interrupted(data, is_dead=False)
    copy = Path(tempfile.mkdtemp(dir=data.root)) / one.recording_id
    one._note("discarded")
    one._journal.close()
    shutil.copytree(one.folder, copy)
    assert recover(data) == []
    assert names(data.spool_open) == names(data.spool_sealed) == names(data.spool_failed) == []
    # The journal goes last, so that half a folder is still known for what it is.
    (copy / STREAMS[0]).unlink()
    copy.rename(one.folder)
    assert recover(data) == []
    assert names(data.spool_open) == names(data.spool_sealed) == names(data.spool_failed) == []


@pytest.mark.parametrize("left", [None, b"", b'{"at_ms":0,"event":"ope'])
def test_killed_before_the_opening_was_written(data: DataFolder, left: bytes | None) -> None:
    folder = data.spool_open / new_id()
    folder.mkdir()
    if left is not None:
        (folder / JOURNAL_NAME).write_bytes(left)
    assert recover(data) == []
    assert names(data.spool_open) == names(data.spool_failed) == []


def _foreign_name(one: OpenRecording) -> None:
    one.folder.rename(one.folder.with_name("not-an-id"))


def _another_journal(one: OpenRecording) -> None:
    journal = one.folder / JOURNAL_NAME
    journal.write_bytes(journal.read_bytes().replace(one.recording_id.encode(), new_id().encode()))


def _no_journal(one: OpenRecording) -> None:
    (one.folder / JOURNAL_NAME).unlink()


def _no_opening(one: OpenRecording) -> None:
    journal = one.folder / JOURNAL_NAME
    journal.write_bytes(journal.read_bytes().partition(b"\n")[2])


def _other_values(one: OpenRecording) -> None:
    journal = one.folder / JOURNAL_NAME
    journal.write_bytes(journal.read_bytes().replace(b'"index":1', b'"index":{}'))


def _no_rtpdump(one: OpenRecording) -> None:
    with (one.folder / STREAMS[0]).open("ab") as file:
        file.write(b"\0\0torn")
    (one.folder / STREAMS[1]).write_bytes(b"RIFF" + bytes(100))


def _link(one: OpenRecording) -> None:
    (one.folder / STREAMS[1]).unlink()
    (one.folder / STREAMS[1]).symlink_to(STREAMS[0])


@pytest.mark.parametrize(
    "damage",
    [_foreign_name, _another_journal, _no_journal, _no_opening, _other_values, _no_rtpdump, _link],
)
def test_what_cannot_be_read_is_set_aside_untouched(data: DataFolder, damage: object) -> None:
    assert callable(damage)
    one = interrupted(data)
    damage(one)
    (folder,) = data.spool_open.iterdir()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    other = interrupted(data)
    assert recover(data) == [other.recording_id]
    (aside,) = data.spool_failed.iterdir()
    assert aside.name == folder.name
    assert {path.name: path.read_bytes() for path in aside.iterdir()} == before
    assert recover(data) == []


def test_a_damaged_line_in_the_middle_costs_that_line_alone(data: DataFolder) -> None:
    one = interrupted(data)
    journal = one.folder / JOURNAL_NAME
    lines = journal.read_bytes().split(b"\n")
    lines[1] = lines[1][:-4] + b"\0\0\xff\xfe"
    journal.write_bytes(b"\n".join(lines))
    assert recover(data) == [one.recording_id]
    assert len(manifest(data.spool_sealed / one.recording_id).streams) == 2


def test_files_that_are_no_folder_are_left_alone(data: DataFolder) -> None:
    (data.spool_open / "note.txt").write_text("hello")
    (data.spool_open / new_id()).symlink_to(data.root)
    before = names(data.spool_open)
    assert recover(data) == []
    assert names(data.spool_open) == before


def test_recovery_waits_for_a_media_process_that_still_writes(data: DataFolder) -> None:
    one = interrupted(data)
    writer = (one.folder / STREAMS[0]).open("ab")
    fcntl.flock(writer, fcntl.LOCK_EX)
    last = record(500, rtp(99), False)

    def write_and_end() -> None:
        writer.write(last)
        writer.close()

    ending = threading.Timer(0.5, write_and_end)
    ending.start()
    assert recover(data) == [one.recording_id]
    ending.join()
    assert (data.spool_sealed / one.recording_id / STREAMS[0]).read_bytes() == DUMP + last


def test_a_folder_still_written_to_is_left_for_later(
    data: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "WRITER_WAIT_S", 0.1)
    one = interrupted(data)
    with (one.folder / STREAMS[0]).open("ab") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        assert recover(data) == []
    assert recover(data) == [one.recording_id]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_truncation_recovers_or_is_set_aside(draw: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as root:
        data = DataFolder(Path(root))
        data.make()
        one = interrupted(data)
        if draw.draw(st.booleans(), label="manifest was written"):
            one.seal(EndReason.BYE).rename(one.folder)
        for path in sorted(one.folder.iterdir()):
            keep = draw.draw(KEPT_BYTES, label=path.name)
            if keep is None:
                path.unlink()
            else:
                path.write_bytes(path.read_bytes()[:keep])
        _recovers(data, one)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_recovers_or_is_set_aside(draw: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as root:
        data = DataFolder(Path(root))
        data.make()
        one = interrupted(data)
        path = one.folder / draw.draw(st.sampled_from([JOURNAL_NAME, *STREAMS]))
        content = bytearray(path.read_bytes())
        at = draw.draw(st.integers(0, 4000)) % (len(content) + 1)
        content[at : at + draw.draw(st.integers(0, 40))] = draw.draw(st.binary(max_size=40))
        path.write_bytes(content)
        _recovers(data, one)


def _recovers(data: DataFolder, one: OpenRecording) -> None:
    sealed = recover(data)
    assert recover(data) == []
    assert names(data.spool_open) == []
    if not sealed:
        assert names(data.spool_sealed) == []
        return
    assert sealed == names(data.spool_sealed) == [one.recording_id]
    assert names(data.spool_failed) == []
    folder = data.spool_sealed / one.recording_id
    for stream in manifest(folder).streams:
        content = (folder / stream.file).read_bytes()
        assert header_length(content) > 0
        assert whole_length(content) == len(content)
