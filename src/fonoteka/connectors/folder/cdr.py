"""Call detail records of Asterisk (CSV): `Master.csv` of 16 columns and more, or an export with a header.

cdr_csv writes accountcode, src, dst, dcontext, clid, channel, dstchannel, lastapp, lastdata, start, answer,
end, duration, billsec, disposition, amaflags, and where asked for uniqueid, userfield, linkedid; FreePBX's
table has other names and `recordingfile`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from fonoteka.connectors.folder.described import Described
from fonoteka.connectors.folder.text_file import read_rows
from fonoteka.connectors.folder.times import parse_moment
from fonoteka.domain.errors import ImportInvalid

ROWS_MAX = 500_000
BAD_LINES_MAX = 1_000
_POSITIONS = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
    *("uniqueid", "userfield", "linkedid"),
)
_COLUMNS_MIN = 16
_NAME_IN_CLID = re.compile(r'"?([^"<]*?)"?\s*<')
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
        names: tuple[str, ...] = ()
        for number, row in lines:
            if not names:
                names = _header(row) or _POSITIONS
                if names is not _POSITIONS:
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

    def _take(self, number: int, names: tuple[str, ...], row: list[str]) -> None:
        if names is _POSITIONS and len(row) < _COLUMNS_MIN:
            self._refuse(number, f"{len(row)} columns where a CDR has {_COLUMNS_MIN}")
            return
        value = dict(zip(names, row, strict=False))
        at = parse_moment(value.get("calldate") or value.get("start") or "")
        if at is None:
            self._refuse(number, "the time of the call is not understood")
            return
        self.rows += 1
        clid = _NAME_IN_CLID.match(value.get("clid", ""))
        call = Described(
            at=at,
            calling=value.get("src") or value.get("cnum", ""),
            called=value.get("dst", ""),
            calling_name=value.get("cnam") or (clid[1].strip() if clid else ""),
            called_name=value.get("dst_cnam", ""),
            uniqueid=value.get("uniqueid", ""),
        )
        talked_s = value.get("billsec", "")
        answered = value.get("disposition", "").upper() == "ANSWERED"
        rank = 1 + min(int(talked_s), 10**6) if answered and re.fullmatch(r"[0-9]{1,9}", talked_s) else 0
        for key in _keys(value):
            known = self._calls.get(key)
            if known is None or known[0] < rank:
                self._calls[key] = (rank, call)

    def _refuse(self, number: int, what: str) -> None:
        self.bad_line_count += 1
        if len(self.bad_lines) < BAD_LINES_MAX:
            self.bad_lines.append((number, what))


def _header(row: list[str]) -> tuple[str, ...] | None:
    names = tuple(cell.strip().lower() for cell in row)
    is_header = {"src", "dst"} <= set(names) and bool({"calldate", "start"} & set(names))
    return names if is_header else None


def _keys(value: dict[str, str]) -> Iterator[str]:
    if value.get("uniqueid"):
        yield f"id {value['uniqueid']}"
    for column in ("recordingfile", "userfield", "lastdata"):
        if match := _FILE_IN_TEXT.search(value.get(column, "")):
            yield f"file {PurePosixPath(match[0]).stem}"
