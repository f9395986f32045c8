"""Many calls at once: each opened for an archive or a folder, written down, and named where it cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import tzinfo
from itertools import chain, islice

from fonoteka.archive.archive import Archive
from fonoteka.archive.file_names import archived_file_name
from fonoteka.archive.listening import NOT_PLAYABLE, AudioFormat, AudioPurpose, bytes_of, zone_of
from fonoteka.archive.metrics import OPENED
from fonoteka.archive.selection import SelectedCalls, walk_selection
from fonoteka.domain.access import Actor, Permission
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call
from fonoteka.domain.errors import CallNotFound, FonotekaError, ObjectsUnavailable, RecordingNotFound
from fonoteka.domain.ids import new_id
from fonoteka.domain.query import CallSelection
from fonoteka.domain.recording import Recording, RecordingState

_TOGETHER = 16
_FAILURES_MAX = 5

Read = Callable[[int, int | None], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """How calls are exported: `format` None is each as it is stored; `language` is that of the CSV."""

    format: AudioFormat | None = None
    mixed: bool = False
    language: str = "en"

    def of(self, recording: Recording) -> AudioFormat:
        """What this recording is given as."""
        return AudioFormat(recording.codec) if self.format is None else self.format

    def is_stored(self, recording: Recording) -> bool:
        """Whether the file is the stored one, byte for byte."""
        return not self.mixed and self.of(recording) == recording.codec

    def __str__(self) -> str:
        return f"{self.format or 'stored'}{' mixed' if self.mixed else ''}"


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file to export, or why there is none (`error`, a code, and then no `read`).

    `name` has a folder a day. Of a call that was named and not found there is only the id. `sha256` is that
    of the stored file where the file is this.
    """

    call_id: str
    call: Call | None = None
    recording: Recording | None = None
    name: str = ""
    size_bytes: int = 0
    sha256: str = ""
    error: str = ""
    read: Read | None = None


def open_exported(
    archive: Archive,
    actor: Actor,
    selection: CallSelection,
    wanted: ExportFormat,
    is_there: Callable[[ExportedFile], bool] | None = None,
    still: Callable[[], Actor] | None = None,
) -> Iterator[ExportedFile]:
    """The recordings of chosen calls, each opened; that it is given away is written down before.

    With `still` it ends once the actor may not any more, as `walk_selection`. What `is_there` already is not
    opened: it has a name and neither `read` nor `error`.
    Raises as `walk_selection` before the first, and later `ObjectsUnavailable` once that is what several in
    a row say, `StoreUnavailable`.
    """
    pages = walk_selection(archive, actor, selection, Permission.RECORDING_DOWNLOAD, still)
    export_id = new_id()
    chosen = f"calls={len(selection.ids)}" if selection.ids else "a search"
    with archive.store.transaction() as tx:
        detail = f"format={wanted} {chosen}"
        tx.audit.append(actor, AuditAction.CALLS_EXPORTED, export_id, detail, archive.now())
    return _opened(archive, actor, pages, _Opener(archive, wanted, is_there), export_id)


def _opened(
    archive: Archive, actor: Actor, pages: Iterator[SelectedCalls], opener: _Opener, export_id: str
) -> Iterator[ExportedFile]:
    wanted, zone = opener.wanted, zone_of(archive, actor.tenant_id)
    # What has to be made first is opened one by one: nobody should wait for many at once.
    together = _TOGETHER if wanted.format is None and not wanted.mixed else 1
    failures = 0
    files = chain.from_iterable(map(_files_of, pages))
    while some := tuple(islice(files, together)):
        opened = [opener.open(one, zone) for one in some]
        _write_down(archive, actor, opened, wanted, export_id)
        for one in opened:
            failures = failures + 1 if one.error == ObjectsUnavailable.code else 0
            if failures == _FAILURES_MAX:
                raise ObjectsUnavailable
            yield one


def _files_of(page: SelectedCalls) -> Iterable[ExportedFile]:
    for call in page.calls:
        for recording in call.recordings:
            yield ExportedFile(call.id, call, recording)
        if not call.recordings:
            yield ExportedFile(call.id, call, error=RecordingNotFound.code)
    for call_id in page.not_found:
        yield ExportedFile(call_id, error=CallNotFound.code)


@dataclass(frozen=True, slots=True)
class _Opener:
    archive: Archive
    wanted: ExportFormat
    is_there: Callable[[ExportedFile], bool] | None

    def open(self, file: ExportedFile, zone: tzinfo) -> ExportedFile:
        """The file with its bytes, or with why there are none."""
        call, recording = file.call, file.recording
        if call is None or recording is None:
            return file
        if recording.state is not RecordingState.READY:
            return replace(file, error=NOT_PLAYABLE[recording.state].code)
        wanted = self.wanted
        suffix = f"{'mixed.' if wanted.mixed else ''}{wanted.of(recording)}"
        sha256 = recording.sha256 if wanted.is_stored(recording) else ""
        named = replace(file, name=archived_file_name(call, recording, suffix, zone), sha256=sha256)
        if self.is_there is not None and self.is_there(named):
            return named
        try:
            size, read = bytes_of(self.archive, recording, wanted.of(recording), mixed=wanted.mixed)
        except FonotekaError as failed:
            return replace(file, error=failed.code)
        return replace(named, size_bytes=size, read=read)


def _write_down(
    archive: Archive, actor: Actor, files: list[ExportedFile], wanted: ExportFormat, export_id: str
) -> None:
    given = [one.recording for one in files if one.recording is not None and one.read is not None]
    if not given:
        return
    with archive.store.transaction() as tx:
        for one in given:
            format = wanted.of(one)
            detail = f"format={format}{' mixed' if wanted.mixed else ''} export={export_id}"
            tx.audit.append(actor, AuditAction.RECORDING_DOWNLOADED, one.id, detail, archive.now())
            OPENED.labels(purpose=AudioPurpose.DOWNLOAD.value, format=format.value).inc()
