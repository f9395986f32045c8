"""Call detail records of Asterisk (CSV) as a table beside files: what they tell of each recording."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from fonoteka.connectors.folder.cdr_row import CdrRow, header_of, row_of
from fonoteka.connectors.folder.described import Described
from fonoteka.connectors.folder.freepbx import describe_name, split_side
from fonoteka.connectors.folder.text_file import read_rows
from fonoteka.domain.errors import ImportInvalid

ROWS_MAX = 500_000
BAD_LINES_MAX = 1_000
_FILE_IN_TEXT = re.compile(r"([^/,;|\s]+)\.(?:wav|mp3|gsm|ogg|opus|sln|ulaw|alaw|raw)\b", re.IGNORECASE)


@dataclass(slots=True)
class CdrTable:
    """The calls of a CDR by the recording's file name and by the channel's id; the best row of each wins.

    `bad_lines` are (line number, what is wrong), the first `BAD_LINES_MAX` of `bad_line_count`.
    """

    path: Path
    rows: int = 0
    bad_lines: list[tuple[int, str]] = field(default_factory=list)
    bad_line_count: int = 0
    _calls: dict[str, tuple[int, Described]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> CdrTable:
        """Raises `ImportInvalid` when it is no CDR at all or has more than `ROWS_MAX` rows."""
        table = cls(path)
        lines = iter(read_rows(path))
        names: tuple[str, ...] | None = None
        for place, (number, row) in enumerate(lines):
            if place == 0 and (names := header_of(row)) is not None:
                continue
            table._take(number, names, row)
            if table.rows > ROWS_MAX:
                raise ImportInvalid(f"{path.name} has more than {ROWS_MAX} rows; split it by month or year.")
        if not table.rows:
            raise ImportInvalid(f"{path.name} holds no call detail records.")
        return table

    def find(self, stem: str, uniqueid: str) -> Described | None:
        """The call that a file belongs to, by its name or by the id in it; None when the CDR has none."""
        for key in (f"file {stem}", f"id {uniqueid}"):
            if found := self._calls.get(key):
                return found[1]
        return None

    def _take(self, number: int, names: tuple[str, ...] | None, cells: list[str]) -> None:
        try:
            row = row_of(names, cells)
        except ImportInvalid as error:
            self._refuse(number, str(error))
            return
        self.rows += 1
        call = Described(
            at=row.at,
            calling=row.src,
            called=row.dst,
            calling_name=row.calling_name,
            called_name=row.called_name,
            uniqueid=row.uniqueid,
        )
        rank = 1 + min(row.talked_s, 10**6) if row.was_answered else 0
        for key in keys_of_row(row):
            known = self._calls.get(key)
            if known is None or known[0] < rank:
                self._calls[key] = (rank, call)

    def _refuse(self, number: int, what: str) -> None:
        self.bad_line_count += 1
        if len(self.bad_lines) < BAD_LINES_MAX:
            self.bad_lines.append((number, what))


def keys_of_file(stem: str, uniqueid: str = "") -> Iterator[str]:
    """By what a CDR may know a file: its name, that of the call of which it is one side, the id in it."""
    whole = split_side(stem)[0]
    named = describe_name(stem)
    for id_ in {uniqueid, named.uniqueid if named else ""} - {""}:
        yield f"id {id_}"
    yield from {f"file {stem}", f"file {whole}"}


def keys_of_row(row: CdrRow) -> Iterator[str]:
    """By what files may belong to a record."""
    if row.uniqueid:
        yield f"id {row.uniqueid}"
    for text in row.file_texts:
        if match := _FILE_IN_TEXT.search(text):
            yield f"file {PurePosixPath(match[0]).stem}"
