"""Which files make which call: what is told of each is brought together, halves of one call are joined."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from fonoteka.connectors.folder.cdr import CdrTable
from fonoteka.connectors.folder.described import Described
from fonoteka.connectors.folder.freepbx import describe_name, epoch_of
from fonoteka.connectors.folder.pattern import NamePattern
from fonoteka.connectors.folder.report import Problem
from fonoteka.connectors.folder.sidecar import TABLE_NAMES, SidecarTable, read_object
from fonoteka.connectors.folder.text_file import name_of
from fonoteka.connectors.folder.times import to_utc
from fonoteka.connectors.folder.walk import FoundFile, FoundFolder
from fonoteka.domain.call import Party
from fonoteka.domain.errors import ImportInvalid

FOLDER, FREEPBX = "folder", "freepbx"
TABLE_CODES = frozenset({"line_invalid", "table_invalid"})
"""Problems of tables, not of sound files."""


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """Files that make one recording: one, or the calling party's and then the called party's."""

    files: tuple[FoundFile, ...]
    described: Described
    started_at: datetime
    source: str
    is_zone_doubtful: bool

    def external_id(self, content_sha256: str) -> str:
        """The same for the same call, wherever its files lie and whatever zone was given.

        Where the PBX gave no id of its own the content decides, so that two calls that look alike stay two.
        """
        call = self.described
        assert call.at is not None, "a call is planned by its time"
        told = (call.uniqueid or content_sha256, call.at.isoformat(), call.calling, call.called)
        return hashlib.sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Planner:
    """How calls are recognised. `zone` is that of local times, `shift` corrects a clock that was off.

    With `allow_unknown` a call whose numbers nobody tells is taken all the same.
    """

    root: Path
    zone: tzinfo
    shift: timedelta = timedelta()
    pattern: NamePattern | None = None
    cdr: CdrTable | None = None
    sidecar: SidecarTable | None = None
    allow_unknown: bool = False

    def plan(self, folder: FoundFolder) -> Iterator[PlannedCall | Problem]:
        """The calls of a folder in the order of its files, halves after all others; and what is no call."""
        table, problems = self._own_table(folder.path)
        yield from problems
        halves: dict[Described, list[tuple[FoundFile, Party, str]]] = {}
        for file in folder.files:
            try:
                described, source = self._describe(file, table)
            except ImportInvalid as error:
                yield file.problem("not_understood", str(error))
                continue
            if described.side is not None:
                key = replace(described, side=None)
                halves.setdefault(key, []).append((file, described.side, source))
            else:
                yield self._planned((file,), described, source)
        for described, found in halves.items():
            yield from self._joined(described, found)

    def _joined(
        self, described: Described, found: list[tuple[FoundFile, Party, str]]
    ) -> Iterator[PlannedCall | Problem]:
        sides = {side: file for file, side, _ in found}
        if len(found) == 2 and len(sides) == 2:
            pair = (sides[Party.CALLING], sides[Party.CALLED])
            yield self._planned(pair, described, found[0][2])
            return
        for file, side, source in found:
            yield self._planned((file,), replace(described, side=side), source)

    def _planned(
        self, files: tuple[FoundFile, ...], described: Described, source: str
    ) -> PlannedCall | Problem:
        if described.at is None:
            return files[0].problem("no_time", "Nothing tells when the call began.")
        if not described.has_numbers and not self.allow_unknown:
            return files[0].problem("no_numbers", "Nothing tells who called; the PBX's CDR may (--cdr).")
        began = epoch_of(described.uniqueid)
        started_at, doubtful = to_utc(described.at, self.zone, self.shift, began)
        if started_at is None:
            detail = f"A call cannot have begun at {described.at.isoformat()} (--shift corrects a clock)."
            return files[0].problem("time_implausible", detail)
        return PlannedCall(files, described, started_at, source, doubtful)

    def _describe(self, file: FoundFile, table: SidecarTable | None) -> tuple[Described, str]:
        """Raises `ImportInvalid` when nothing that is known of the file makes a call of it."""
        beside = self._beside(file, table)
        stem, suffix = os.path.splitext(file.name)  # noqa: PTH122 - the name as text, not as the path has it
        if self.pattern is not None:
            named = self.pattern.describe(self._relative(file.path), (stem, suffix))
            if named is None and beside is None:
                raise ImportInvalid("The name does not fit the pattern.")
        else:
            named = describe_name(stem)
        known = (beside or Described()).or_else(named or Described())
        if self.cdr is not None and (row := self.cdr.find(stem, known.uniqueid)) is not None:
            # The PBX's local time of the CDR is when the call came, that of the name when recording began.
            known = known.or_else(row)
        if known == Described():
            raise ImportInvalid("The name tells nothing of a call, and nothing beside it does (--pattern).")
        return known.bounded(), FREEPBX if self.pattern is None and named is not None else FOLDER

    def _beside(self, file: FoundFile, table: SidecarTable | None) -> Described | None:
        for path in (file.path.with_suffix(".json"), file.path.with_name(file.path.name + ".json")):
            if path.is_file() and not path.is_symlink() and path.name not in TABLE_NAMES:
                return read_object(path)
        if table is not None and (row := table.find(file.name)) is not None:
            return row
        if self.sidecar is None:
            return None
        try:
            relative = file.path.relative_to(self.sidecar.path.resolve().parent)
        except ValueError:
            relative = Path(file.path.name)
        return self.sidecar.find(name_of(relative.as_posix()))

    def _own_table(self, folder: Path) -> tuple[SidecarTable | None, list[Problem]]:
        for name in TABLE_NAMES:
            path = folder / name
            if path.is_file() and not path.is_symlink():
                try:
                    table = SidecarTable.read(path)
                except ImportInvalid as error:
                    return None, [Problem(name_of(str(path)), "table_invalid", str(error))]
                return table, line_problems(table)
        return None, []

    def _relative(self, path: Path) -> str:
        root = self.root if self.root.is_dir() else self.root.parent
        return name_of(path.relative_to(root).as_posix())


def line_problems(table: CdrTable | SidecarTable) -> list[Problem]:
    """The lines of a table that were not understood, each with its number."""
    shown = name_of(str(table.path))
    found = [Problem(f"{shown}:{number}", "line_invalid", what) for number, what in table.bad_lines]
    if table.bad_line_count > len(found):
        detail = f"{table.bad_line_count - len(found)} further lines were not understood."
        found.append(Problem(shown, "line_invalid", detail))
    return found
