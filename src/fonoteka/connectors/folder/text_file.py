"""Small text files that people and PBXs write: UTF-8 or cp1251, comma, semicolon or tab."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from fonoteka.domain.errors import ImportInvalid

TEXT_BYTES_MAX = 300 * 1024 * 1024
_FIELD_CHARACTERS_MAX = 65_536


def read_text(path: Path, bytes_max: int = TEXT_BYTES_MAX) -> str:
    """The file as text: UTF-8 with or without a mark, UTF-16 with one, else cp1251.

    Raises `ImportInvalid` when it is too large, empty of text or cannot be read.
    """
    try:
        if path.stat().st_size > bytes_max:
            raise ImportInvalid(f"{path.name} is larger than {bytes_max} bytes; split it.")
        data = path.read_bytes()
    except OSError as error:
        raise ImportInvalid(f"{path.name} cannot be read: {error.strerror}.") from error
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:4096]:
        raise ImportInvalid(f"{path.name} is no text file.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1251", "replace")


def read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines of a CSV file with their numbers, cells trimmed; empty lines are left out.

    Raises `ImportInvalid` naming the line where the file stops being CSV.
    """
    text = read_text(path)
    head = text[: text.find("\n") if "\n" in text else None]
    delimiter = max(",;\t", key=head.count)
    csv.field_size_limit(_FIELD_CHARACTERS_MAX)
    reader = csv.reader(StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if any(row):
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise ImportInvalid(f"{path.name}, line {reader.line_num}: {error}.") from error


def name_of(raw: str) -> str:
    """A file's name as text to show: names that are not UTF-8 are taken as cp1251."""
    data = raw.encode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1251", "replace")
