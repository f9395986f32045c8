"""What is in an export: a line a file, as JSON for programs and as CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from tempfile import SpooledTemporaryFile

from fonoteka import __version__
from fonoteka.archive.exporting import ExportedFile
from fonoteka.archive.manifest_words import DIRECTIONS, HEADINGS, PROBLEMS
from fonoteka.domain.call import Call, Participant, Party

CSV_NAME, JSON_NAME = "manifest.csv", "manifest.json"
_IN_MEMORY_BYTES = 1 << 20
_BLOCK_BYTES = 1 << 18
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Line:
    """A file as it was written: its own bytes and hash, and what went wrong (a code, empty: nothing)."""

    file: ExportedFile
    size_bytes: int = 0
    sha256: str = ""
    error: str = ""


class Manifest:
    """Both forms, growing on disk as lines come; `close` gives the disk back.

    The CSV has a byte order mark and semicolons, so that Excel opens it where the comma is decimal.
    """

    def __init__(self, scratch_folder: Path, made_by: str, language: str, zone: tzinfo) -> None:
        self._csv, self._json = (
            SpooledTemporaryFile(_IN_MEMORY_BYTES, dir=str(scratch_folder))  # noqa: SIM115
            for _ in range(2)
        )
        self._language = language if language in HEADINGS else "en"
        self._zone = zone
        self._files = self._bytes = self._problems = self._lines = 0
        head = {"fonoteka": __version__, "made_at": _instant(datetime.now(UTC)), "made_by": made_by}
        self._json.write(json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "calls": [')
        self._csv.write(b"\xef\xbb\xbf")
        self._write_row(HEADINGS[self._language])

    def add(self, line: Line) -> None:
        """One file, or one that could not be given."""
        value = line_value(line)
        separator = b",\n" if self._lines else b"\n"
        self._json.write(separator + json.dumps(value, ensure_ascii=False).encode())
        self._write_row(self._cells(line))
        self._lines += 1
        self._files += bool(line.file.name)
        self._bytes += line.size_bytes
        self._problems += bool(line.error)

    def finish(self) -> Iterator[tuple[str, int, Iterator[bytes]]]:
        """Each form: its name, bytes, and the bytes in pieces."""
        counts = {"files": self._files, "bytes": self._bytes, "problems": self._problems}
        self._json.write(b"\n], " + json.dumps(counts)[1:].encode() + b"\n")
        for name, file in ((CSV_NAME, self._csv), (JSON_NAME, self._json)):
            size = file.tell()
            file.seek(0)
            yield name, size, iter(lambda file=file: file.read(_BLOCK_BYTES), b"")  # type: ignore[misc]

    def close(self) -> None:
        """Give the temporary files back."""
        self._csv.close()
        self._json.close()

    def _write_row(self, cells: tuple[str, ...]) -> None:
        text = io.StringIO()
        safe = [f"'{one}" if one.startswith(_FORMULA) else one for one in cells]
        csv.writer(text, delimiter=";").writerow(safe)
        self._csv.write(text.getvalue().encode("utf-8"))

    def _cells(self, line: Line) -> tuple[str, ...]:
        call, recording = line.file.call, line.file.recording
        started = recording.started_at if recording else call.started_at if call else None
        duration_ms = recording.duration_ms if recording else call.duration_ms if call else None
        calling, called = _parties(call)
        return (
            line.file.name,
            f"{started.astimezone(self._zone):%Y-%m-%d %H:%M:%S}" if started else "",
            "" if duration_ms is None else str(duration_ms // 1000),
            DIRECTIONS[self._language].get(call.direction.value, "") if call else "",
            *(calling.number if calling else "", calling.name if calling else ""),
            *(called.number if called else "", called.name if called else ""),
            str(line.size_bytes) if line.file.name else "",
            line.sha256,
            PROBLEMS[self._language].get(line.error, line.error),
            line.file.call_id,
            recording.id if recording else "",
        )


def line_value(line: Line) -> dict[str, object]:
    """A line as JSON."""
    call, recording = line.file.call, line.file.recording
    calling, called = _parties(call)
    return {
        "file": line.file.name or None,
        "size_bytes": line.size_bytes,
        "sha256": line.sha256 or None,
        "error": line.error or None,
        "call_id": line.file.call_id,
        "recording_id": recording.id if recording else None,
        "started_at": _instant(recording.started_at if recording else call.started_at) if call else None,
        "duration_ms": recording.duration_ms if recording else call.duration_ms if call else None,
        "direction": call.direction.value if call else None,
        "calling": _person(calling),
        "called": _person(called),
    }


def _parties(call: Call | None) -> tuple[Participant | None, Participant | None]:
    if call is None:
        return None, None
    called = call.participant(Party.CALLED) or call.participant(Party.CONNECTED)
    return call.participant(Party.CALLING), called


def _person(one: Participant | None) -> dict[str, str] | None:
    return None if one is None else {"number": one.number, "name": one.name}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
