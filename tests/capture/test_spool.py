"""A recording's folder from its opening to `sealed/`."""

from __future__ import annotations

import json
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fonoteka.capture.recovery import recover
from fonoteka.capture.spool import (
    JOURNAL_BYTES_MAX,
    KEPT_BYTES_MAX,
    MESSAGES_MAX,
    OpenRecording,
    Spool,
)
from fonoteka.domain.call import Party
from fonoteka.domain.errors import SpoolUnwritable, StorageFull
from fonoteka.domain.ids import is_id
from fonoteka.domain.recording import EndReason
from fonoteka.domain.sealed import (
    JOURNAL_NAME,
    MANIFEST_NAME,
    MediaFormat,
    SealedParticipant,
    SealedRecording,
)
from fonoteka.settings import DataFolder
from fonoteka.wire.rtpdump import header_length

PCMA = {8: MediaFormat("PCMA", 8000)}
OPUS = {111: MediaFormat("OPUS", 48000, 2, "useinbandfec=1")}
ANNA = SealedParticipant("p1", Party.CALLING, "101", "Анна", "sip:101@pbx")
BORIS = SealedParticipant("p2", Party.CALLED, "+74951234567", "", "sip:+74951234567@pbx")
VERA = SealedParticipant("p3", Party.CONNECTED, "103", "Вера", "sip:103@pbx")


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path)
    folder.make()
    return folder


def begin(data: DataFolder) -> OpenRecording:
    return Spool(data).begin("siprec", "192.0.2.1:5060", "SBC/1", "abc@sbc", "default")


def manifest(folder: Path) -> SealedRecording:
    return SealedRecording.from_json((folder / MANIFEST_NAME).read_text("utf-8"))


def journal(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / JOURNAL_NAME).read_text("ascii").splitlines()]


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """Files of this process cannot grow past so many bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_sealed_folder_tells_what_was_said(data: DataFolder) -> None:
    one = begin(data)
    assert is_id(one.recording_id)
    assert one.folder == data.spool_open / one.recording_id
    one.add_stream(0, "10", "stream-0.rtpdump")
    one.add_stream(1, "20", "stream-1.rtpdump")
    one.set_formats(0, PCMA)
    one.set_formats(1, PCMA)
    one.set_participants("cs-1", [ANNA, BORIS], {0: (Party.CALLING, ["p1"]), 1: (Party.CALLED, ["p2"])})
    one.set_formats(0, OPUS)
    folder = one.seal(EndReason.BYE)

    assert folder == data.spool_sealed / one.recording_id
    assert not one.folder.exists()
    found = manifest(folder)
    assert (found.recording_id, found.call_id, found.tenant_id) == (one.recording_id, one.call_id, "default")
    assert (found.source, found.peer) == ("siprec", "192.0.2.1:5060")
    assert (found.user_agent, found.sip_call_id) == ("SBC/1", "abc@sbc")
    assert found.opened_at == one.opened_at <= found.sealed_at
    assert found.end_reason is EndReason.BYE
    assert found.communication_session_id == "cs-1"
    assert found.participants == (ANNA, BORIS)
    assert [stream.label for stream in found.streams] == ["10", "20"]
    assert [stream.party for stream in found.streams] == [Party.CALLING, Party.CALLED]
    assert [stream.participant_ids for stream in found.streams] == [("p1",), ("p2",)]
    assert [span.formats for span in found.streams[0].format_spans] == [PCMA, OPUS]
    assert [span.formats for span in found.streams[1].format_spans] == [PCMA]
    # Whatever the manifest names is there, even if no packet came.
    for stream in found.streams:
        content = (folder / stream.file).read_bytes()
        assert header_length(content) == len(content)


def test_only_the_owner_may_read(data: DataFolder) -> None:
    one = begin(data)
    one.add_stream(0, "1", "stream-0.rtpdump")
    assert stat.S_IMODE(one.folder.stat().st_mode) == 0o700
    folder = one.seal(EndReason.BYE)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_saying_the_same_again_changes_nothing(data: DataFolder) -> None:
    one = begin(data)
    one.add_stream(0, "1", "stream-0.rtpdump")
    for _ in range(2):
        one.set_formats(0, PCMA)
        one.set_participants("cs", [ANNA], {0: (Party.CALLING, ["p1"])})
        one.hold(0)
    for _ in range(2):
        one.resume(0)
    one.hold(0, "masked")
    folder = one.seal(EndReason.BYE)

    (stream,) = manifest(folder).streams
    assert len(stream.format_spans) == 1
    first, last = stream.hold_spans
    assert first.reason == "hold"
    assert first.until_ms is not None
    assert first.since_ms <= first.until_ms <= last.since_ms
    assert (last.until_ms, last.reason) == (None, "masked")
    kinds = [event["event"] for event in journal(folder)]
    assert kinds == [
        *("opened", "stream", "formats", "participants", "hold", "resume", "hold", "ended"),
    ]


def test_new_participants_replace_the_old_but_no_sender_is_lost(data: DataFolder) -> None:
    one = begin(data)
    for index in range(2):
        one.add_stream(index, str(index), f"stream-{index}.rtpdump")
    one.set_participants("cs", [ANNA, BORIS], {0: (Party.CALLING, ["p1"]), 1: (Party.CALLED, ["p2"])})
    one.set_participants("cs-2", [ANNA, VERA], {1: (Party.CONNECTED, ["p3"])})
    one.set_participants("cs-2", [VERA], {})
    found = manifest(one.seal(EndReason.BYE))
    assert found.communication_session_id == "cs-2"
    assert found.participants == (VERA, ANNA)
    assert [stream.participant_ids for stream in found.streams] == [("p1",), ("p3",)]


def test_messages_and_metadata_are_kept_as_they_were(data: DataFolder) -> None:
    raw = b"INVITE sip:srs SIP/2.0\r\nX-Name: \xc4\xee\xed\r\n\r\n" + bytes(range(256))
    one = begin(data)
    one.keep_message("in", raw)
    one.keep_metadata("<имя/>".encode())
    kept = journal(one.seal(EndReason.BYE))[1:3]
    assert [event["event"] for event in kept] == ["message", "metadata"]
    assert kept[0]["direction"] == "in"
    assert str(kept[0]["raw"]).encode("utf-8", "surrogateescape") == raw
    assert str(kept[1]["raw"]).encode("utf-8", "surrogateescape") == "<имя/>".encode()


def test_what_is_kept_is_bounded(data: DataFolder) -> None:
    many = begin(data)
    for _ in range(MESSAGES_MAX + 50):
        many.keep_message("in", b"OPTIONS")
    long = begin(data)
    for _ in range(10):
        long.keep_metadata(b"\xff" * (KEPT_BYTES_MAX // 3))
    sizes = [(one.seal(EndReason.BYE) / JOURNAL_NAME).stat().st_size for one in (many, long)]
    events = journal(data.spool_sealed / many.recording_id)
    assert sum(event["event"] == "message" for event in events) == MESSAGES_MAX
    assert max(sizes) < JOURNAL_BYTES_MAX


def test_a_dialog_that_never_stops_changing_cannot_fill_the_disk(data: DataFolder) -> None:
    one = begin(data)
    one.add_stream(0, "1", "stream-0.rtpdump")
    crowd = [SealedParticipant(f"p{n}", None, "", "n" * 1000, "") for n in range(2000)]
    for turn in range(12):
        one.set_participants(f"cs-{turn}", crowd, {})
    folder = one.seal(EndReason.BYE)
    # The limit is asked before an event, so one more may pass it.
    assert (folder / JOURNAL_NAME).stat().st_size < JOURNAL_BYTES_MAX + 5_000_000
    assert manifest(folder).end_reason is EndReason.BYE


def test_text_from_the_network_is_bounded_and_clean(data: DataFolder) -> None:
    one = Spool(data).begin("siprec", "p", "u" * 100_000, "\ud800\udcff", "default")
    one.add_stream(0, "l" * 100_000, "stream-0.rtpdump")
    found = manifest(one.seal(EndReason.BYE))
    assert len(found.user_agent) == len(found.streams[0].label) == 1024
    assert found.sip_call_id == "??"


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", JOURNAL_NAME, MANIFEST_NAME])
def test_a_streams_file_lies_in_the_folder(data: DataFolder, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        begin(data).add_stream(0, "1", name)


def test_discarded_recording_leaves_nothing(data: DataFolder) -> None:
    one = begin(data)
    one.add_stream(0, "1", "stream-0.rtpdump")
    (one.folder / "stream-0.rtpdump").write_bytes(b"")
    one.discard()
    assert not list(data.spool_open.iterdir())
    assert recover(data) == []


def test_disk_full_at_the_beginning_is_told(data: DataFolder) -> None:
    with files_limited_to(10), pytest.raises(StorageFull):
        begin(data)
    assert recover(data) == []
    assert not list(data.spool_open.iterdir())


def test_a_refused_beginning_leaves_nothing_open(data: DataFolder) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_files()
    for _ in range(5):
        with files_limited_to(10), pytest.raises(StorageFull):
            begin(data)
    assert open_files() == before
    assert not list(data.spool_open.iterdir())


def test_changes_made_together_are_durable_at_the_end(data: DataFolder) -> None:
    one = begin(data)
    with one.together():
        one.add_stream(0, "1", "stream-0.rtpdump")
        one.set_formats(0, PCMA)
        one.hold(0)
        assert [event["event"] for event in journal(one.folder)] == ["opened"]
    assert [event["event"] for event in journal(one.folder)] == ["opened", "stream", "formats", "hold"]
    one.resume(0)
    assert journal(one.folder)[-1]["event"] == "resume"


def test_a_missing_spool_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpoolUnwritable):
        begin(DataFolder(tmp_path / "nowhere"))


def test_disk_full_while_recording_and_sealing_loses_no_event(data: DataFolder) -> None:
    one = begin(data)
    one.add_stream(0, "1", "stream-0.rtpdump")
    with files_limited_to(200):
        one.set_formats(0, PCMA)
        one.hold(0)
        one.keep_message("in", b"BYE")
        with pytest.raises(StorageFull):
            one.seal(EndReason.BYE)
    assert one.folder.is_dir()
    found = manifest(one.seal(EndReason.BYE))
    assert found.end_reason is EndReason.BYE
    assert found.streams[0].format_spans[0].formats == PCMA
    assert len(found.streams[0].hold_spans) == 1


def test_disk_full_while_sealing_leaves_the_folder_to_recovery(data: DataFolder) -> None:
    one = begin(data)
    one.add_stream(0, "1", "stream-0.rtpdump")
    one.set_formats(0, PCMA)
    with files_limited_to(300), pytest.raises(StorageFull):
        one.seal(EndReason.BYE)
    assert recover(data, live=[one.recording_id]) == []
    one._journal.close()  # as the end of the process does
    assert recover(data) == [one.recording_id]
    found = manifest(data.spool_sealed / one.recording_id)
    assert found.streams[0].format_spans[0].formats == PCMA


def test_events_written_after_the_disk_was_full_are_whole_lines(data: DataFolder) -> None:
    one = begin(data)
    size = (one.folder / JOURNAL_NAME).stat().st_size
    with files_limited_to(size + 20):
        one.add_stream(0, "1", "stream-0.rtpdump")
    assert size < (one.folder / JOURNAL_NAME).stat().st_size <= size + 20
    one.set_formats(0, PCMA)
    assert [event["event"] for event in journal(one.folder)] == ["opened", "stream", "formats"]


def test_what_could_not_be_sealed_is_sealed_later_with_all_that_was_said(data: DataFolder) -> None:
    spool = Spool(data)
    one = spool.begin("siprec", "p", "", "", "default")
    one.add_stream(0, "1", "stream-0.rtpdump")
    with files_limited_to(200):
        one.set_formats(0, PCMA)
        with pytest.raises(StorageFull):
            one.seal(EndReason.BYE)
        one.hold(0)
        assert spool.seal_again() == []
    assert spool.live == {one.recording_id}
    assert recover(data, spool.live) == []
    assert spool.seal_again() == [one.recording_id]
    assert spool.seal_again() == []
    assert not spool.live
    found = manifest(data.spool_sealed / one.recording_id)
    assert found.end_reason is EndReason.BYE
    assert found.streams[0].format_spans[0].formats == PCMA
    assert one.seal(EndReason.FAILED) == data.spool_sealed / one.recording_id


def test_only_recordings_in_progress_are_live(data: DataFolder) -> None:
    spool = Spool(data)
    opened = [spool.begin("siprec", "p", "", "", "default") for _ in range(3)]
    assert spool.live == {one.recording_id for one in opened}
    opened[0].seal(EndReason.BYE)
    opened[1].discard()
    assert spool.live == {opened[2].recording_id}
    with files_limited_to(10), pytest.raises(StorageFull):
        spool.begin("siprec", "p", "", "", "default")
    assert spool.live == {opened[2].recording_id}
