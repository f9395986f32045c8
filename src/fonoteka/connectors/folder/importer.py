"""An import: the files of a tree become sealed folders, each once, never more than the worker can chew."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fonoteka.audio.probe import Probe, probe
from fonoteka.connectors.folder import metrics
from fonoteka.connectors.folder.cdr import keys_of_file
from fonoteka.connectors.folder.deposit import open_deposit
from fonoteka.connectors.folder.finished import SoundIn, manifest_of, parties_of
from fonoteka.connectors.folder.import_state import Identity, ImportState, Taken
from fonoteka.connectors.folder.plan import TABLE_CODES, PlannedCall, Planner, line_problems
from fonoteka.connectors.folder.report import ImportReport, Problem
from fonoteka.connectors.folder.walk import HEADERLESS_SUFFIXES, FoundFile, FoundFolder, walk
from fonoteka.domain.call import Party
from fonoteka.domain.errors import AudioMalformed, ImportInvalid
from fonoteka.settings import DataFolder

SEALED_WAITING_MAX = 200
WAIT_S = 0.2
_CLOCK_DOUBT_MIN, _CLOCK_DOUBT_MAX = timedelta(minutes=50), timedelta(hours=26)

Progress = Callable[[ImportReport], None]


@dataclass(frozen=True, slots=True)
class Survey:
    """How much there is to look at, in sound files."""

    files: int
    bytes: int


def survey(root: Path, data: DataFolder) -> Survey:
    """Count the sound files below `root`; quick, for a progress bar."""
    files = size = 0
    for folder in walk(root, data.root):
        files += len(folder.files)
        size += sum(one.size_bytes for one in folder.files)
    return Survey(files, size)


@dataclass(frozen=True, slots=True)
class Importer:
    """Takes calls in for one tenant. Interrupted at any point, the next run goes on where it was.

    `channels` say who is heard on the channels of files that tell nothing of it themselves. With `dry_run`
    all is read and nothing is written. `patience_s` is how long a full spool may stay full before the
    import is broken off; None: for ever.
    """

    data: DataFolder
    tenant_id: str
    planner: Planner
    channels: tuple[Party, ...] = ()
    disk_free_min_bytes: int = 0
    dry_run: bool = False
    patience_s: float | None = None
    waiting_max: int = SEALED_WAITING_MAX

    def run(self, progress: Progress | None = None, stopping: threading.Event | None = None) -> ImportReport:
        """Import everything below the planner's root; `progress` is called after each file or so.

        Raises `StorageFull`, `SpoolUnwritable`; what was taken in until then stays.
        """
        report, stopping = ImportReport(), stopping or threading.Event()
        for table in (self.planner.cdr, self.planner.sidecar):
            for problem in line_problems(table) if table else ():
                report.add_problem(problem)
        with ImportState(self.data.imports) as state:
            for folder in walk(self.planner.root, self.data.root):
                if not self.take_folder(state, folder, report, stopping, progress or silent):
                    return report
        report.is_whole = True
        return report

    def take_folder(
        self,
        state: ImportState,
        folder: FoundFolder,
        report: ImportReport,
        stopping: threading.Event,
        progress: Progress,
    ) -> bool:
        """The same for the files of one folder; False when it was broken off."""
        report.others += folder.others
        for problem in folder.problems:
            report.add_problem(problem)
        known = {file for file in folder.files if state.knows_file(self.tenant_id, file)}
        new = [file for file in folder.files if file not in known]
        self._meet(report, known)
        report.known_files += len(known)
        report.files += len(known)
        progress(report)
        for item in self.planner.plan(replace(folder, files=new)):
            if isinstance(item, Problem):
                _leave_out(report, item)
                report.files += item.code not in TABLE_CODES
            else:
                if not self._has_room(report, stopping, progress):
                    return False
                self._take_call(state, item, report)
                report.files += len(item.files)
                report.bytes += sum(one.size_bytes for one in item.files)
            progress(report)
            if stopping.is_set():
                return False
        return True

    def _has_room(self, report: ImportReport, stopping: threading.Event, progress: Progress) -> bool:
        """Wait until the worker has caught up; False when that does not come about."""
        waited_s = 0.0
        while not self.dry_run and self._waiting() >= self.waiting_max:
            if self.patience_s is not None and waited_s >= self.patience_s:
                return False
            report.waiting = True
            progress(report)
            if stopping.wait(WAIT_S):
                return False
            waited_s += WAIT_S
        report.waiting = False
        return True

    def _waiting(self) -> int:
        with os.scandir(self.data.spool_sealed) as entries:
            return sum(1 for _ in entries)

    def _take_call(self, state: ImportState, call: PlannedCall, report: ImportReport) -> None:
        try:
            sounds = [(file, _look_at(file)) for file in call.files]
            taken = None if self.dry_run else self._deposit(state, call, sounds)
        except ImportInvalid as error:
            _leave_out(report, call.files[0].problem("audio_invalid", str(error)))
            return
        if taken is None or taken.is_new:
            report.imported_calls += 1
            report.imported_files += len(call.files)
            report.zone_doubts += call.is_zone_doubtful
            report.clock_doubts += _is_clock_doubtful(call, sounds[0][1])
        else:
            report.known_files += len(call.files)
        metrics.FILES.labels("imported" if taken is None or taken.is_new else "known").inc(len(call.files))
        self._meet(report, call.files, call.described.uniqueid)
        if not self.dry_run:
            state.remember_files(self.tenant_id, call.files)

    def _meet(self, report: ImportReport, files: Iterable[FoundFile], uniqueid: str = "") -> None:
        """Remember by what a CDR knows the calls of these files."""
        if self.planner.cdr is not None:
            for file in files:
                report.met.update(keys_of_file(file.name.rpartition(".")[0], uniqueid))

    def _deposit(self, state: ImportState, call: PlannedCall, sounds: list[tuple[FoundFile, Probe]]) -> Taken:
        size = sum(file.size_bytes for file in call.files)
        with open_deposit(self.data, self.disk_free_min_bytes, size) as deposit:
            sounds_in, contents = [], []
            for number, (file, looks) in enumerate(sounds):
                name = f"sound-{number}{file.suffix}"
                contents.append(deposit.copy(file.path, name))
                parties = self._parties(call, number, looks.channels)
                sounds_in.append(SoundIn(name, file.name, parties))
            content = contents[0] if len(contents) == 1 else _digest(contents)
            identity = Identity(self.tenant_id, call.source, call.external_id(content), content)

            def place(taken: Taken) -> None:
                deposit.seal(manifest_of(taken, identity, call.described, call.started_at, sounds_in))

            return state.take(identity, call.started_at, place, only_one=False)

    def _parties(self, call: PlannedCall, number: int, channels: int) -> tuple[Party | None, ...]:
        if len(call.files) == 2:
            return ((Party.CALLING, Party.CALLED)[number],)
        if call.described.side is not None:
            return (call.described.side,)
        return parties_of(channels, call.described.channels or self.channels)


def _look_at(file: FoundFile) -> Probe:
    """Raises `ImportInvalid` when there is no sound in it."""
    if file.size_bytes == 0:
        raise ImportInvalid("The file is empty.")
    if file.suffix in HEADERLESS_SUFFIXES:
        return Probe(file.suffix, file.suffix, 1, 8000, None)
    try:
        return probe(file.path)
    except AudioMalformed as error:
        raise ImportInvalid(f"{error}"[:1].upper() + f"{error}."[1:]) from error
    except OSError as error:
        raise ImportInvalid(f"It cannot be read: {error.strerror}.") from error


def _is_clock_doubtful(call: PlannedCall, looks: Probe) -> bool:
    """Whether the file was last written some hours away from when the call ended."""
    ended_at = call.started_at + timedelta(milliseconds=looks.duration_ms or 0)
    written_at = datetime.fromtimestamp(call.files[0].mtime_ns / 1e9, UTC)
    return _CLOCK_DOUBT_MIN < abs(written_at - ended_at) < _CLOCK_DOUBT_MAX


def _leave_out(report: ImportReport, problem: Problem) -> None:
    report.add_problem(problem)
    metrics.FILES.labels("left_out").inc()


def _digest(contents: list[str]) -> str:
    return hashlib.sha256("\n".join(contents).encode()).hexdigest()


def silent(_report: ImportReport) -> None:
    """No progress is shown."""
