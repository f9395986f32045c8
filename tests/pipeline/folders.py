"""Spool folders for tests of the pipeline, made by the spool itself, and a real worker's results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fonoteka import wiring
from fonoteka.archive import Archive
from fonoteka.capture.spool import OpenRecording, Spool
from fonoteka.capture.stream_file import write_durably
from fonoteka.domain.call import DEFAULT_TENANT_ID, CallOutcome, Party
from fonoteka.domain.ids import new_id
from fonoteka.domain.query import CallQuery
from fonoteka.domain.recording import EndReason
from fonoteka.domain.rules import Decision, RuleOutcome
from fonoteka.domain.sealed import MANIFEST_NAME, MediaFormat, SealedRecording, SealedStream
from fonoteka.settings import DataFolder, load_settings
from fonoteka.wire.rtpdump import file_header, record
from tests.capture.streams import rtp

EVERY = CallQuery(outcomes=frozenset(CallOutcome), include_unheard=True)
"""Also calls that only the ledger lists, and those of which one hears nothing."""
MARKER = b"words that nobody may keep"
PACKETS = 100


def begin(data: Path, payload: bytes = MARKER) -> OpenRecording:
    """A recording of two seconds whose packets hold the payload."""
    folder = DataFolder(data)
    folder.make()
    one = Spool(folder).begin("siprec", "192.0.2.1:5060", "SBC/1", "abc")
    one.add_stream(0, "1", "stream-0.rtpdump")
    one.set_formats(0, {8: MediaFormat("PCMA", 8000)})
    header = file_header(one.opened_at, "127.0.0.1", 20_000)
    sound = (payload * 160)[:160]
    packets = b"".join(record(20 * seq, rtp(seq, sound), False) for seq in range(PACKETS))
    (one.folder / "stream-0.rtpdump").write_bytes(header + packets)
    return one


def on_demand(keep_within_s: int) -> Decision:
    return Decision(RuleOutcome.ON_DEMAND, "r1", "Совещания", 0, 3, "no such profile", None, keep_within_s)


def sealed(one: OpenRecording) -> Path:
    return one.seal(EndReason.BYE)


def manifest(streams: tuple[SealedStream, ...], **given: object) -> SealedRecording:
    """A manifest as others make it: of an import."""
    began_at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    plain = SealedRecording(
        *(new_id(), new_id(), DEFAULT_TENANT_ID, "folder", began_at, began_at + timedelta(days=200)),
        *(EndReason.BYE, "", "", "", "", (), streams),
    )
    return replace(plain, **given)  # type: ignore[arg-type]


def put(data: Path, one: SealedRecording, files: dict[str, bytes | Path]) -> Path:
    """Make a sealed folder as a connector does."""
    DataFolder(data).make()
    making = DataFolder(data).work / f"import-{one.recording_id}"
    making.mkdir()
    for name, content in files.items():
        (making / name).write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    write_durably(making / MANIFEST_NAME, one.to_json().encode())
    return making.rename(DataFolder(data).spool_sealed / one.recording_id)


def sound_stream(channel: int, file: str = "sound.wav", party: Party | None = None) -> SealedStream:
    return SealedStream(channel, str(channel), file, party, (), (), (), "audio", channel)


@contextmanager
def archive_of(data: Path) -> Iterator[Archive]:
    rooms = wiring.open_rooms(load_settings(data=data))
    try:
        yield rooms.archive
    finally:
        rooms.close()


def files_with(marker: bytes, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and marker in path.read_bytes()]
