"""A CDR file is read on from where it was left, whatever log rotation and half-written lines do to it."""

from __future__ import annotations

import csv
import gzip
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fonoteka.connectors.folder.cdr_calls import CdrClock, calls_of
from fonoteka.connectors.folder.cdr_file import LINES_TOGETHER, START, Place, end_of, read_on
from fonoteka.connectors.folder.cdr_row import CdrRow, row_of
from fonoteka.domain.announced import AnnouncedCall

MOSCOW = CdrClock(ZoneInfo("Europe/Moscow"))


def line(n: int, **fields: str) -> str:
    """A line of Master.csv as Asterisk 22 writes it with every column switched on; call `n` of the day."""
    given = {
        "accountcode": "",
        "src": "79161234567",
        "dst": "101",
        "dcontext": "from-trunk",
        "clid": '""Котова"" <79161234567>',
        "channel": f"PJSIP/trunk-{n:08x}",
        "dstchannel": f"PJSIP/101-{n:08x}",
        "lastapp": "Dial",
        "lastdata": "PJSIP/101,30",
        "start": f"2026-03-02 12:{n // 60 % 60:02}:{n % 60:02}",
        "answer": "",
        "end": "",
        "duration": "60",
        "billsec": "55",
        "disposition": "ANSWERED",
        "amaflags": "DOCUMENTATION",
        "uniqueid": f"1772442000.{n}",
        "userfield": "",
        "peeraccount": "",
        "linkedid": f"1772442000.{n}",
        "sequence": str(n),
    }
    return ",".join(f'"{value}"' for value in {**given, **fields}.values()) + "\n"


class Reader:
    """Reads a file on, its place kept as text between two looks, as the watcher does."""

    def __init__(self, path: Path, place: Place = START) -> None:
        self.path, self.place = path, place.to_json()

    def read(self) -> list[str]:
        """The ids in what is new."""
        ids = []
        for lines in read_on(self.path, Place.from_json(self.place)):
            ids += [row.linkedid for row in lines.rows] + [
                one.path.rpartition(":")[2] for one in lines.problems
            ]
            self.place = lines.place.to_json()
        return ids


def ids(*numbers: int) -> list[str]:
    return [f"1772442000.{n}" for n in numbers]


def append(path: Path, text: str) -> None:
    with path.open("ab") as file:
        file.write(text.encode())


def test_a_half_written_line_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "Master.csv"
    reader = Reader(path)
    assert reader.read() == []
    append(path, line(1) + line(2)[:50])
    assert reader.read() == ids(1)
    assert reader.read() == []
    append(path, line(2)[50:])
    assert reader.read() == ids(2)


def renamed(path: Path) -> None:
    path.rename(path.with_name("Master.csv.1"))


def copied_and_emptied(path: Path) -> None:
    shutil.copy(path, path.with_name("Master.csv-20260302"))
    os.truncate(path, 0)


def packed(path: Path) -> None:
    with gzip.open(path.with_name("Master.csv.1.gz"), "wb") as file:
        file.write(path.read_bytes())
    path.unlink()


def rotated_twice(path: Path) -> None:
    path.rename(path.with_name("Master.csv.2"))
    append(path, line(10))
    os.utime(path.with_name("Master.csv.2"), (1, 1))
    path.rename(path.with_name("Master.csv.1"))


@pytest.mark.parametrize("rotate", [renamed, copied_and_emptied, packed, rotated_twice])
def test_nothing_is_lost_or_read_twice_over_log_rotation(
    tmp_path: Path, rotate: Callable[[Path], None]
) -> None:
    path = tmp_path / "Master.csv"
    append(path, line(1) + line(2))
    reader = Reader(path)
    assert reader.read() == ids(1, 2)
    append(path, line(3))
    rotate(path)
    between = ids(10) if rotate is rotated_twice else []
    assert reader.read() == ids(3) + between, "the end of what was rotated away"
    assert reader.read() == []
    append(path, line(11) + line(12)[:9])
    assert reader.read() == ids(11)
    append(path, line(12)[9:])
    assert reader.read() == ids(12)


def test_a_file_that_begins_anew_without_a_trace_is_read_from_its_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "Master.csv"
    append(path, line(1) + line(2))
    reader = Reader(path)
    reader.read()
    path.write_text(line(7) + line(8) + line(9))
    assert reader.read() == ids(7, 8, 9)
    assert "begins anew" in caplog.text


def test_an_export_written_anew_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "cdr.csv"
    head = "\ufeffcalldate;src;dst;disposition;billsec;duration;uniqueid;linkedid\n"
    rows = [f"2026-03-02 12:0{n}:00;101;102;ANSWERED;20;25;5.{n};1772442000.{n}\n" for n in range(9)]
    path.write_text(head + "".join(rows[:4]), "utf-8")
    reader = Reader(path)
    assert reader.read() == ids(0, 1, 2, 3)
    (tmp_path / "new").write_text(head + "".join(rows[:6]), "utf-8")
    (tmp_path / "new").replace(path)
    assert reader.read() == ids(4, 5)


def test_bad_lines_are_named_and_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "Master.csv"
    path.write_bytes(
        line(1).encode("cp1251")
        + b"rubbish\n\n\x00\xff,\n"
        + b'"unclosed,'
        + line(2).encode()
        + b"x" * 200_000
    )
    append(path, "\n" + line(3))
    found = Reader(path).read()
    assert found[0] == "1772442000.1"
    assert "1772442000.3" in found
    assert {"2", "4", "5"} <= set(found), "by their numbers"


def test_the_end_of_a_long_file_is_found_without_reading_records(tmp_path: Path) -> None:
    path = tmp_path / "Master.csv"
    append(path, "".join(map(line, range(3 * LINES_TOGETHER))) + line(9)[:30])
    reader = Reader(path, end_of(path))
    assert Place.from_json(reader.place).lines == 3 * LINES_TOGETHER
    assert reader.read() == []
    append(path, line(9)[30:])
    assert reader.read() == ids(9)
    whole = Reader(path)
    assert whole.read() == ids(*range(3 * LINES_TOGETHER), 9)
    assert whole.place == reader.place


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=300).map(lambda some: line(1).encode() + some + b"\n" + line(2).encode()),
    cuts=st.lists(st.integers(0, 900), max_size=5),
)
def test_reading_in_pieces_is_reading_at_once(tmp_path: Path, data: bytes, cuts: list[int]) -> None:
    path = tmp_path / "Master.csv"
    path.write_bytes(data)
    whole = Reader(path).read()
    path.write_bytes(b"")
    reader, pieces = Reader(path), []
    for until in sorted({min(cut, len(data)) for cut in cuts} | {len(data)}):
        path.write_bytes(data[:until])
        pieces += reader.read()
    assert sorted(pieces) == sorted(whole)


# --- from records to calls


def rows(tmp_path: Path, *lines: str) -> list[CdrRow]:
    path = tmp_path / "rows.csv"
    path.write_text("".join(lines))
    return [row for some in read_on(path, START) for row in some.rows]


def the_call(tmp_path: Path, *lines: str) -> AnnouncedCall:
    (one,), wrong = calls_of(rows(tmp_path, *lines), "default", MOSCOW)
    assert wrong == []
    return one


@pytest.mark.parametrize(
    ("columns", "external_id"),
    [
        (16, None),
        (17, "1772442000.5"),
        (18, "1772442000.5"),
        (20, "1772442000.3"),
        (21, "1772442000.3"),
    ],
)
def test_the_columns_that_cdr_conf_asks_for(tmp_path: Path, columns: int, external_id: str | None) -> None:
    cells = line(5, linkedid="1772442000.3").strip().split(",")
    # Commas stand in the last data, which is one cell.
    cells[8:10] = [",".join(cells[8:10])]
    if columns == 20:
        del cells[17]
    one = the_call(tmp_path, ",".join(cells[:columns]) + "\n")
    if external_id is not None:
        assert one.external_id == external_id
    assert one.numbers == ("79161234567", "101")
    assert one.started_at == datetime(2026, 3, 2, 9, 0, 5, tzinfo=UTC)


QUEUE = (
    line(1, dst="600", dstchannel="PJSIP/102-1", lastapp="Queue", disposition="NO ANSWER", billsec="0"),
    line(2, dst="600", lastapp="Queue", linkedid="1772442000.1", uniqueid="1772442000.1"),
)
MOVED = (
    line(1),
    line(2, src="101", dst="105", dstchannel="PJSIP/105-9", linkedid="1772442000.1", duration="90"),
)
OUTSIDE = (
    line(1, dst="104", dstchannel="Local/79031112233@out-1;1"),
    line(2, dst="79031112233", dstchannel="PJSIP/trunk-3", linkedid="1772442000.1"),
)


@pytest.mark.parametrize(
    ("lines", "numbers", "was_answered"),
    [
        ((line(1),), ("79161234567", "101"), True),
        ((line(1, disposition="BUSY", billsec="0"),), ("79161234567", "101"), False),
        (QUEUE, ("79161234567", "600", "101"), True),
        (QUEUE[:1], ("79161234567", "600", "102"), False),
        (MOVED, ("79161234567", "101", "105"), True),
        (OUTSIDE, ("79161234567", "104", "79031112233"), True),
        ((line(1, dst="74950000101"),), ("79161234567", "101"), True),
        ((line(1, src="101", dst="84951112233", dstchannel="PJSIP/trunk-1"),), ("101", "84951112233"), True),
        ((line(1, dst="600", dstchannel="", lastapp="Queue"),), ("79161234567", "600"), False),
        ((line(1, dst="s", dstchannel="", lastapp="BackGround"),), ("79161234567",), False),
        ((line(1, dst="800", dstchannel="", lastapp="ConfBridge"),), ("79161234567", "800"), True),
    ],
    ids=[
        "one leg",
        "busy",
        "queue",
        "queue, nobody came",
        "transferred",
        "forwarded outside",
        "the number dialled is the company's",
        "outgoing",
        "the queue alone answered",
        "a menu alone answered",
        "a conference",
    ],
)
def test_who_took_part(
    tmp_path: Path, lines: tuple[str, ...], numbers: tuple[str, ...], was_answered: bool
) -> None:
    one = the_call(tmp_path, *lines)
    assert (one.numbers, one.was_answered) == (numbers, was_answered)
    assert one.external_id == "1772442000.1"


def test_the_epoch_in_the_id_outweighs_a_wrong_time_zone_and_nonsense_is_left_out(tmp_path: Path) -> None:
    utc = CdrClock(ZoneInfo("UTC"))
    (one,), _ = calls_of(rows(tmp_path, line(5)), "default", utc)
    assert one.started_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    bad = line(5, start="1970-01-02 00:00:00", uniqueid="x", linkedid="x")
    calls, wrong = calls_of(rows(tmp_path, bad), "default", utc)
    assert (calls, len(wrong)) == ([], 1)


def test_records_of_taps_are_no_calls() -> None:
    def row(channel: str, lastapp: str, dstchannel: str = "") -> CdrRow:
        cells = next(csv.reader([line(1, channel=channel, lastapp=lastapp, dstchannel=dstchannel)]))
        return row_of(None, cells)

    taps = [
        row("Snoop/1772442000.1-00000001", "Stasis", "UnicastRTP/127.0.0.1:20002-0x7f78900072a0"),
        row("UnicastRTP/127.0.0.1:20000-0x5606bc957ac0", "ChanSpy"),
    ]
    assert calls_of(taps, "default", MOSCOW) == ([], [])
    (listening,), _ = calls_of([row("PJSIP/105-00000001", "ExtenSpy")], "default", MOSCOW)
    assert not listening.was_answered, "a supervisor who listens talks to nobody"
