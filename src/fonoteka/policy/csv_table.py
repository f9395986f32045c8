"""CSV as people's programs write it: bytes to rows with their line numbers, and back.

UTF-8 with or without a mark, or Windows-1251; commas or semicolons. Nothing here raises for bad bytes:
what is wrong is told line by line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

LINES_MAX = 50_000
BYTES_MAX = 16 * 1024 * 1024
PROBLEMS_MAX = 1_000
_FIELD_MAX = 100_000
_FORMULA = tuple("=+-@\t\r")
_PLAIN_NUMBER = frozenset("+0123456789 ")
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line (from 1, as an editor counts; 0: with the whole file)."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row: the line on which it begins, and its cells by the name of their column."""

    line: int
    cells: dict[str, str]


class Problems:
    """Collects problems in the order of their lines, up to `PROBLEMS_MAX`; `count` counts all."""

    def __init__(self) -> None:
        self._some: list[Problem] = []
        self.count = 0

    def add(self, line: int, text: str) -> None:
        """Note what is wrong with a line."""
        self.count += 1
        if len(self._some) < PROBLEMS_MAX:
            self._some.append(Problem(line, text))

    def all(self) -> tuple[Problem, ...]:
        """What was noted, by line."""
        return tuple(sorted(self._some, key=lambda one: one.line))


def read_rows(data: bytes, columns: Mapping[str, Sequence[str]], problems: Problems) -> Iterator[CsvRow]:
    """The rows below the heading. `columns` are the names of columns with what else they may be called.

    The first column is needed in the heading, the others may lack; each line has the heading's cells.
    """
    if len(data) > BYTES_MAX:
        problems.add(0, f"The file is larger than {BYTES_MAX // 1024 // 1024} MiB.")
        return
    if data.startswith(_UTF16_MARKS):
        problems.add(0, "The file is UTF-16; save it as UTF-8 or Windows-1251.")
        return
    text = _text(data, problems)
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=_delimiter(text), strict=True)
    heading: list[str] | None = None
    for line, cells in _numbered(reader, problems):
        if not any(cell.strip() for cell in cells):
            continue
        if heading is None:
            heading = _heading(line, cells, columns, problems)
            if heading is None:
                return
        elif line > LINES_MAX + 1:
            problems.add(line, f"The file has more than {LINES_MAX} lines.")
            return
        elif len(cells) < len(heading) or any(cell.strip() for cell in cells[len(heading) :]):
            problems.add(line, f"The line has {len(cells)} cells, the heading {len(heading)}.")
        else:
            pairs = zip(heading, cells, strict=False)
            yield CsvRow(line, {name: _unguarded(cell.strip()) for name, cell in pairs if name})
    if heading is None:
        problems.add(0, "The file is empty.")


def write_rows(columns: Iterable[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with a mark (so that spreadsheets read it right), commas, CRLF (RFC 4180).

    A cell that a spreadsheet would take for a formula gets an apostrophe before it, which `read_rows` takes
    away again.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(list(columns))
    writer.writerows([_guarded(cell) for cell in row] for row in rows)
    return _UTF8_MARK + out.getvalue().encode()


def _text(data: bytes, problems: Problems) -> str:
    """Decoded whole. Bytes that are no text are replaced and their lines told."""
    is_marked = data.startswith(_UTF8_MARK)
    data = data.removeprefix(_UTF8_MARK)
    encoding = "utf-8" if is_marked or _is_utf8(data) else "cp1251"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        for line, part in enumerate(data.split(b"\n"), 1):
            if "\ufffd" in part.decode(encoding, "replace"):
                problems.add(line, f"The line holds bytes that are not {encoding.upper()}.")
    for line, one in enumerate(text.split("\n"), 1):
        if "\0" in one:
            problems.add(line, "The line holds a zero byte; is this a text file?")
    return text.replace("\0", "\ufffd")


def _is_utf8(data: bytes) -> bool:
    """Whether the file is meant as UTF-8: one broken line does not make a file Windows-1251.

    A Cyrillic line of Windows-1251 is practically never right UTF-8, so that one right line tells.
    """
    beyond_ascii = [line for line in data.split(b"\n") if not line.isascii()]
    return not beyond_ascii or any(_decodes(line) for line in beyond_ascii)


def _decodes(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: str) -> str:
    heading = next((line for line in text.splitlines() if line.strip()), "")
    return ";" if heading.count(";") > heading.count(",") else ","


def _numbered(reader: Iterator[list[str]], problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins; what cannot be parsed ends the file."""
    while True:
        line = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.add(line, f"The line cannot be read, a quotation mark may be wrong ({error}).")
            return
        if any(len(cell) > _FIELD_MAX for cell in cells):
            problems.add(line, "A cell is too long.")
            continue
        yield line, cells


def _heading(
    line: int, cells: Sequence[str], columns: Mapping[str, Sequence[str]], problems: Problems
) -> list[str] | None:
    meanings = {_plain(one): name for name, others in columns.items() for one in (name, *others)}
    found = [meanings.get(_plain(cell), "") for cell in cells]
    needed = next(iter(columns))
    expected = ", ".join(columns)
    unknown = [cell.strip() for cell, name in zip(cells, found, strict=True) if not name and cell.strip()]
    if needed not in found:
        problems.add(line, f"The heading has no column “{needed}”. Columns: {expected}.")
    elif unknown:
        problems.add(line, f"The column “{unknown[0][:60]}” is not known. Columns: {expected}.")
    elif len([name for name in found if name]) != len({name for name in found if name}):
        problems.add(line, "A column stands twice in the heading.")
    else:
        return found
    return None


def _plain(name: str) -> str:
    return " ".join(name.strip().casefold().replace("ё", "е").replace("_", " ").split())


def _guarded(cell: str) -> str:
    is_formula = cell.startswith(_FORMULA) and not _PLAIN_NUMBER.issuperset(cell)
    return f"'{cell}" if is_formula or _is_guarded(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if _is_guarded(cell) else cell


def _is_guarded(cell: str) -> bool:
    return cell.startswith("'") and cell[1:].startswith(("'", *_FORMULA))
