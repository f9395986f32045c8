"""Tables of a report as CSV, for programs and spreadsheets alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from fonoteka.domain.report import Figures, Report, SubjectFigures

# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_OF_FIGURES = (
    "calls",
    "incoming",
    "outgoing",
    "internal",
    "answered",
    "missed",
    "unanswered",
    "talk_ms",
    "wanted",
    "recorded",
)
Cell = str | int


class ReportTable(StrEnum):
    """Which table of a report."""

    TOTALS = "totals"
    DAYS = "days"
    HOURS = "hours"
    AGENTS = "agents"
    GROUPS = "groups"
    CALLERS = "callers"
    STORAGE = "storage"


def report_csv(report: Report, table: ReportTable) -> bytes:
    """The table in UTF-8 with a mark and semicolons, as spreadsheets here open it; the first row names.

    Of `storage` there is no more than the names for who may not see it.
    """
    return csv_of(_ROWS[table](report))


def csv_of(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as CSV in UTF-8 with a mark and semicolons; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _totals(report: Report) -> Iterator[list[Cell]]:
    yield ["period", "first_day", "last_day", *_OF_FIGURES]
    for name, days, figures in (
        ("now", report.days, report.figures),
        ("before", report.days.before, report.before),
    ):
        yield [name, days.first.isoformat(), days.last.isoformat(), *_cells(figures)]


def _days(report: Report) -> Iterator[list[Cell]]:
    yield ["day", *_OF_FIGURES]
    for one in report.by_day:
        yield [one.day.isoformat(), *_cells(one.figures)]


def _hours(report: Report) -> Iterator[list[Cell]]:
    yield ["weekday", "hour", "calls", "missed"]
    for one in report.by_hour:
        yield [one.weekday + 1, one.hour, one.calls, one.missed]


def _agents(report: Report) -> Iterator[list[Cell]]:
    yield ["extension", "name", *_OF_FIGURES, "calls_before", "missed_before"]
    yield from (_of(one, [one.label, one.name]) for one in report.agents)


def _groups(report: Report) -> Iterator[list[Cell]]:
    yield ["group", *_OF_FIGURES, "calls_before", "missed_before"]
    yield from (_of(one, [one.label]) for one in report.groups)


def _callers(report: Report) -> Iterator[list[Cell]]:
    yield ["period", "new_numbers", "new_calls", "known_numbers", "known_calls"]
    for name, one in (("now", report.callers), ("before", report.callers_before)):
        yield [name, one.new, one.new_calls, one.known, one.known_calls]


def _storage(report: Report) -> Iterator[list[Cell]]:
    yield ["added_bytes", "added_before_bytes", "stored_bytes"]
    if report.sound is not None:
        yield [report.sound.added_bytes, report.sound.before_bytes, report.sound.stored_bytes]


_ROWS = {
    ReportTable.TOTALS: _totals,
    ReportTable.DAYS: _days,
    ReportTable.HOURS: _hours,
    ReportTable.AGENTS: _agents,
    ReportTable.GROUPS: _groups,
    ReportTable.CALLERS: _callers,
    ReportTable.STORAGE: _storage,
}


def _of(one: SubjectFigures, names: list[Cell]) -> list[Cell]:
    return [*names, *_cells(one.figures), one.before.calls, one.before.missed]


def _cells(figures: Figures) -> list[Cell]:
    return [getattr(figures, name) for name in _OF_FIGURES]


def _safe(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
