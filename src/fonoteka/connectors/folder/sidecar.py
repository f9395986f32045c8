"""What people put beside their recordings: `X.json` for `X.wav`, or one CSV or JSON table for a folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from fonoteka.connectors.folder.described import Described
from fonoteka.connectors.folder.pattern import SIDES, direction_named
from fonoteka.connectors.folder.text_file import read_rows, read_text
from fonoteka.connectors.folder.times import parse_moment
from fonoteka.domain.call import Party
from fonoteka.domain.errors import ImportInvalid

TABLE_NAMES = ("calls.csv", "calls.json", "recordings.csv", "recordings.json")
ROWS_MAX = 500_000
BAD_LINES_MAX = 1_000
_OBJECT_BYTES_MAX = 64 * 1024
_CHANNELS_MAX = 8

# What the fields are called, in our words first, then in those met at others.
_ALIASES = {
    "file": ("file", "filename", "file_name", "path", "recording", "recordingfile", "файл", "имя файла"),
    "at": ("started_at", "start", "started", "datetime", "date_time", "calldate", "timestamp", "начало"),
    "date": ("date", "дата"),
    "time": ("time", "время"),
    "calling": ("calling", "caller", "from", "src", "source", "calling_number", "кто", "звонил", "от кого"),
    "called": ("called", "callee", "to", "dst", "destination", "called_number", "кому", "куда"),
    "calling_name": ("calling_name", "caller_name", "from_name", "имя звонившего"),
    "called_name": ("called_name", "callee_name", "to_name", "имя вызываемого"),
    "direction": ("direction", "type", "направление"),
    "uniqueid": ("uniqueid", "external_id", "call_id", "id"),
    "side": ("side", "сторона"),
    "channels": ("channels", "каналы"),
}


@dataclass(slots=True)
class SidecarTable:
    """The calls of a table by the file's path below the table's folder, or by its bare name.

    `bad_lines` are (line number, what is wrong), the first `BAD_LINES_MAX` of `bad_line_count`.
    """

    path: Path
    rows: int = 0
    bad_lines: list[tuple[int, str]] = field(default_factory=list)
    bad_line_count: int = 0
    _calls: dict[str, Described] = field(default_factory=dict)
    _twice: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, path: Path) -> SidecarTable:
        """Raises `ImportInvalid` when the file is no table, names no files, or is too large."""
        table = cls(path)
        for number, row in _json_rows(path) if path.suffix.lower() == ".json" else _csv_rows(path):
            table._take(number, row)
            if table.rows > ROWS_MAX:
                raise ImportInvalid(f"{path.name} has more than {ROWS_MAX} rows; split it.")
        return table

    def find(self, relative: str) -> Described | None:
        """What the table tells of a file, by its path (`/`) below the table's folder, else by its bare name.

        A bare name that stands twice tells nothing: nobody can say which file is meant.
        """
        return self._calls.get(relative) or self._calls.get(PurePosixPath(relative).name)

    def _take(self, number: int, row: Mapping[str, Any]) -> None:
        named = str(row.get("file") or "").strip().replace("\\", "/").removeprefix("./")
        call = _described(row)
        if not named or call is None:
            self.bad_line_count += 1
            if len(self.bad_lines) < BAD_LINES_MAX:
                what = "no file is named" if not named else "the time of the call is not understood"
                self.bad_lines.append((number, what))
            return
        self.rows += 1
        if named in self._twice or self._calls.setdefault(named, call) is not call:
            self._twice.add(named)
            self._calls.pop(named, None)
            self.bad_line_count += 1
            if len(self.bad_lines) < BAD_LINES_MAX:
                self.bad_lines.append((number, f"{named} is named twice; neither line counts"))


def read_object(path: Path) -> Described:
    """What `X.json` tells of `X.wav`. Raises `ImportInvalid` for anything but an object with a time."""
    try:
        value = json.loads(read_text(path, _OBJECT_BYTES_MAX))
    except (ValueError, RecursionError) as error:
        raise ImportInvalid(f"{path.name} is no JSON: {error}.") from error
    if not isinstance(value, dict):
        raise ImportInvalid(f"{path.name} holds no object.")
    call = _described(_canonical(value))
    if call is None:
        raise ImportInvalid(f"{path.name} tells no time of the call (`started_at`) that is understood.")
    return call


def _csv_rows(path: Path) -> Iterable[tuple[int, Mapping[str, Any]]]:
    rows = iter(read_rows(path))
    header = next(rows, (0, []))[1]
    names = [_name(cell) for cell in header]
    if "file" not in names:
        raise ImportInvalid(f"{path.name} has no column `file`; its first line must name the columns.")
    for number, row in rows:
        yield number, {name: cell for name, cell in zip(names, row, strict=False) if name}


def _json_rows(path: Path) -> Iterable[tuple[int, Mapping[str, Any]]]:
    try:
        value = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise ImportInvalid(f"{path.name} is no JSON: {error}.") from error
    if isinstance(value, dict):
        value = next((one for one in value.values() if isinstance(one, list)), None)
    if not isinstance(value, list):
        raise ImportInvalid(f"{path.name} holds no list of calls.")
    for number, row in enumerate(value, 1):
        yield number, _canonical(row) if isinstance(row, dict) else {}


_KNOWN = {alias: name for name, aliases in _ALIASES.items() for alias in aliases}


def _name(cell: str) -> str:
    return _KNOWN.get(cell.strip().lower(), "")


def _canonical(value: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, one in value.items():
        name = _name(str(key))
        if name in ("calling", "called") and isinstance(one, dict):
            found[name] = one.get("number", "")
            found.setdefault(f"{name}_name", one.get("name", ""))
        elif name:
            found[name] = one
    return found


def _described(row: Mapping[str, Any]) -> Described | None:
    text = {
        name: str(value).strip()
        for name, value in row.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }
    at = parse_moment(text.get("at") or f"{text.get('date', '')} {text.get('time', '')}")
    if at is None:
        return None
    return Described(
        at=at,
        calling=text.get("calling", ""),
        called=text.get("called", ""),
        calling_name=text.get("calling_name", ""),
        called_name=text.get("called_name", ""),
        direction=direction_named(text.get("direction", "")),
        uniqueid=text.get("uniqueid", ""),
        side=SIDES.get(text.get("side", "").lower()),
        channels=parse_channels(row.get("channels", "")),
    )


def parse_channels(value: object) -> tuple[Party, ...]:
    """Who is heard on which channel: `calling,called` or a list of these; empty when not understood."""
    names = value.replace("/", ",").split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not 1 <= len(names) <= _CHANNELS_MAX:
        return ()
    parties = [SIDES.get(str(one).strip().lower()) for one in names]
    return tuple(one for one in parties if one) if all(parties) else ()
