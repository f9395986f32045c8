"""A folder that is watched: new files are imported once they have stopped growing."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from pathlib import Path

from fonoteka.connectors.folder import metrics
from fonoteka.connectors.folder.config import FolderConfig
from fonoteka.connectors.folder.freepbx import split_side
from fonoteka.connectors.folder.import_state import ImportState
from fonoteka.connectors.folder.importer import Importer, silent
from fonoteka.connectors.folder.report import ImportReport, Problem
from fonoteka.connectors.folder.walk import FoundFile, FoundFolder, walk
from fonoteka.domain.errors import FonotekaError
from fonoteka.settings import Settings

LEFT_OUT_AGAIN_S = 300.0
"""After so long a file that was left out is looked at again: what describes it may have come."""
SETTLED_MAX = 500_000
"""So many files are passed over from memory; past that the state is asked again, which knows them too."""
_SHARE_OF_TIME = 0.1
"""A large tree takes long to look at; looking then takes at most this share of the time."""
_LOGGED_MAX = 10_000

_log = logging.getLogger(__name__)

_Look = tuple[int, int]
"""Size and time of a file at a look."""


class FolderWatcher:
    """Watches one folder in a thread of its own; errors are logged, and the next round tries again."""

    def __init__(self, settings: Settings, config: FolderConfig) -> None:
        """Raises `SettingInvalid`, `ImportInvalid` for a configuration that can never work."""
        config.check()
        self._settings = settings
        self._config = config
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name=f"watch {config.path}", daemon=True)
        self._importer: Importer | None = None
        self._tables: tuple[_Look, ...] = ()
        self._growing: dict[Path, _Look] = {}
        self._settled: dict[Path, tuple[_Look, float | None]] = {}
        self._logged: set[str] = set()

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self, patience_s: float = 20.0) -> None:
        """End after the file in hand."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(patience_s)

    def run(self) -> None:
        """Watch until `stop`."""
        while True:
            began = time.monotonic()
            try:
                self.look()
            except (FonotekaError, OSError) as error:
                metrics.FAILURES.inc()
                self._warn(Problem(str(self._config.path), "watch", str(error)))
            took_s = time.monotonic() - began
            if self._stopping.wait(max(self._config.poll_s, took_s / _SHARE_OF_TIME)):
                return

    def look(self) -> ImportReport:
        """One round. Raises `StorageFull`, `SpoolUnwritable`, `ImportInvalid` (folder or table), OSError."""
        importer = self._current_importer()
        report, growing = ImportReport(), dict[Path, _Look]()
        with ImportState(self._settings.folder.imports) as state:
            for folder in walk(importer.planner.root, self._settings.data):
                ready = self._ready(folder, growing)
                if ready.files or ready.problems:
                    if not importer.take_folder(state, ready, report, self._stopping, silent):
                        return report
                    self._settle(importer, state, ready.files)
        self._growing = growing
        metrics.GROWING.set(len(growing))
        for problem in report.problems:
            self._warn(problem)
        if report.imported_calls:
            _log.info("watched folder %s: %d calls came in", self._config.path, report.imported_calls)
        return report

    def _ready(self, folder: FoundFolder, growing: dict[Path, _Look]) -> FoundFolder:
        """The folder's files that are complete and were not looked at as they are now."""
        quiet_before_ns = time.time_ns() - int(self._config.quiet_s * 1e9)
        now_s = time.monotonic()
        ready, waiting = list[FoundFile](), set[str]()
        for file in folder.files:
            look = (file.size_bytes, file.mtime_ns)
            settled, again_at_s = self._settled.get(file.path, (None, None))
            if settled == look and (again_at_s is None or now_s < again_at_s):
                continue
            # That it did not change between two looks counts as well: its time may be another machine's.
            if file.mtime_ns <= quiet_before_ns and (self._growing.get(file.path) == look or settled == look):
                ready.append(file)
            else:
                growing[file.path] = look
                waiting.add(split_side(file.path.stem)[0])
        for file in ready:
            if split_side(file.path.stem)[0] in waiting:
                growing[file.path] = (file.size_bytes, file.mtime_ns)
        return replace(folder, files=[file for file in ready if file.path not in growing])

    def _settle(self, importer: Importer, state: ImportState, files: list[FoundFile]) -> None:
        if len(self._settled) > SETTLED_MAX:
            self._settled.clear()
        again_at_s = time.monotonic() + LEFT_OUT_AGAIN_S
        for file in files:
            is_known = state.knows_file(importer.tenant_id, file)
            self._settled[file.path] = (file.size_bytes, file.mtime_ns), None if is_known else again_at_s

    def _current_importer(self) -> Importer:
        """The importer with the tables as they are now."""
        tables = tuple(
            (status.st_size, status.st_mtime_ns)
            for status in (path.stat() for path in (self._config.cdr, self._config.sidecar) if path)
        )
        if self._importer is None or tables != self._tables:
            self._importer = self._config.importer(self._settings, patience_s=0.0)
            self._tables = tables
            # What was left out may be understood now; what came in is known to the state.
            self._settled.clear()
        return self._importer

    def _warn(self, problem: Problem) -> None:
        """Say it once, not with every look."""
        said = f"{problem.path}\n{problem.code}\n{problem.detail}"
        if said not in self._logged:
            if len(self._logged) >= _LOGGED_MAX:
                self._logged.clear()
            self._logged.add(said)
            _log.warning("watched folder: %r left out (%s): %s", problem.path, problem.code, problem.detail)
