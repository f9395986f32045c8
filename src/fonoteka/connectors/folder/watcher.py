"""A folder that is watched: new files are imported once they have stopped growing."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from pathlib import Path

from fonoteka.connectors.folder import metrics
from fonoteka.connectors.folder.config import FolderConfig
from fonoteka.connectors.folder.freepbx import split_side
from fonoteka.connectors.folder.import_state import ImportState
from fonoteka.connectors.folder.importer import Importer, silent
from fonoteka.connectors.folder.report import ImportReport
from fonoteka.connectors.folder.rounds import Rounds
from fonoteka.connectors.folder.walk import FoundFile, FoundFolder, walk
from fonoteka.settings import Settings

LEFT_OUT_AGAIN_S = 300.0
"""After so long a file that was left out is looked at again: what describes it may have come."""
SETTLED_MAX = 500_000
"""So many files are passed over from memory; past that the state is asked again, which knows them too."""

_log = logging.getLogger(__name__)

_Look = tuple[int, int]
"""Size and time of a file at a look."""


class FolderWatcher(Rounds):
    """Watches one folder in a thread of its own; errors are logged, and the next round tries again."""

    def __init__(self, settings: Settings, config: FolderConfig) -> None:
        """Raises `SettingInvalid`, `ImportInvalid` for a configuration that can never work."""
        config.check()
        super().__init__(f"watched folder {config.path}", config.poll_s)
        self._settings = settings
        self._config = config
        self._importer: Importer | None = None
        self._tables: tuple[_Look, ...] = ()
        self._growing: dict[Path, _Look] = {}
        self._settled: dict[Path, tuple[_Look, float | None]] = {}

    def look(self) -> ImportReport:
        """One round. Raises `StorageFull`, `SpoolUnwritable`, `ImportInvalid` (folder or table), OSError."""
        importer = self._current_importer()
        report, growing = ImportReport(), dict[Path, _Look]()
        with ImportState(self._settings.folder.imports) as state:
            for folder in walk(importer.planner.root, self._settings.data):
                ready = self._ready(folder, growing)
                if ready.files or ready.problems:
                    if not importer.take_folder(state, ready, report, self.stopping, silent):
                        return report
                    self._settle(importer, state, ready.files)
        self._growing = growing
        metrics.GROWING.set(len(growing))
        for problem in report.problems:
            self.warn(problem)
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
