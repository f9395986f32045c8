"""Tables beside the recordings: CDR and sidecars, as PBXs and people write them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fonoteka.connectors.folder.cdr import CdrTable
from fonoteka.connectors.folder.sidecar import SidecarTable, read_object
from fonoteka.domain.call import Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import ImportInvalid

NOON = datetime(2026, 3, 2, 12, 0)  # noqa: DTZ001 - local to the source
MASTER = (
    '"","79161234567","101","from-trunk","""Котова"" <79161234567>","SIP/trunk-1","SIP/101-2",'
    '"Dial","SIP/101",'
    '"2026-03-02 12:00:00","2026-03-02 12:00:05","2026-03-02 12:01:00",60,55,"ANSWERED","DOCUMENTATION",'
    '"1772442000.12",""\n'
)


def test_master_csv(tmp_path: Path) -> None:
    path = tmp_path / "Master.csv"
    path.write_text(MASTER, "utf-8")
    found = CdrTable.read(path).find("anything", "1772442000.12")
    assert found is not None
    assert (found.at, found.calling, found.called, found.calling_name) == (
        NOON,
        "79161234567",
        "101",
        "Котова",
    )


def test_an_export_with_a_header_in_cp1251_names_bad_lines(tmp_path: Path) -> None:
    path = tmp_path / "cdr.csv"
    path.write_bytes(
        "calldate;clid;src;dst;disposition;billsec;uniqueid;recordingfile;cnam\n"
        "2026-03-02 12:00:00;x;101;102;NO ANSWER;0;1.1;a b-1.wav;\n"
        "2026-03-02 12:00:00;x;101;103;ANSWERED;20;1.1;/var/spool/a-1.wav;Анна\n"
        "yesterday;x;101;103;ANSWERED;20;1.2;;Анна\n".encode("cp1251")
    )
    table = CdrTable.read(path)
    found = table.find("a-1", "")
    assert found is not None
    assert (found.called, found.calling_name) == ("103", "Анна")
    by_id = table.find("", "1.1")
    assert by_id is not None
    assert by_id.called == "103", "the leg that was answered tells who spoke"
    assert [line for line, _ in table.bad_lines] == [4]


def test_what_is_no_cdr_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cdr.csv"
    for content in (b"", b"a,b\n1,2\n", b"\x89PNG\0\0\0"):
        path.write_bytes(content)
        with pytest.raises(ImportInvalid):
            CdrTable.read(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_of_a_person(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "calls.csv"
    lines = [
        ["Файл", "Дата", "Время", "Кто", "Кому", "Имя звонившего", "Направление"],
        ["запись 1.wav", "02.03.2026", "12:00", "101", "+74951234567", "Анна", "исходящий"],
    ]
    path.write_bytes("\n".join(delimiter.join(line) for line in lines).encode(encoding))
    found = SidecarTable.read(path).find("запись 1.wav")
    assert found is not None
    assert (found.at, found.calling, found.calling_name) == (NOON, "101", "Анна")
    assert found.direction is Direction.OUTGOING


def test_a_json_table_and_a_json_beside(tmp_path: Path) -> None:
    call = {
        "started_at": "2026-03-02T12:00:00+03:00",
        "calling": {"number": "101", "name": "Анна"},
        "called": 102,
        "channels": ["called", "calling"],
    }
    table = tmp_path / "calls.json"
    table.write_text(json.dumps({"calls": [{"file": "a/b.wav", **call}, {"file": "c.wav"}, 7]}))
    read = SidecarTable.read(table)
    assert [line for line, _ in read.bad_lines] == [2, 3]
    beside = tmp_path / "b.json"
    beside.write_text(json.dumps(call))
    for found in (read.find("a/b.wav"), read_object(beside)):
        assert found is not None
        assert (found.calling, found.calling_name, found.called) == ("101", "Анна", "102")
        assert found.channels == (Party.CALLED, Party.CALLING)


def test_a_file_named_twice_is_nobodys(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(
        "file,started_at,calling\na.wav,2026-03-02 12:00,101\na.wav,2026-03-02 13:00,102\nb.wav,x,1\n"
    )
    table = SidecarTable.read(path)
    assert table.find("a.wav") is None
    assert [line for line, _ in table.bad_lines] == [3, 4]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400))
def test_any_bytes_are_survived(tmp_path: Path, data: bytes) -> None:
    for reader, name in (
        (CdrTable.read, "x.csv"),
        (SidecarTable.read, "y.csv"),
        (SidecarTable.read, "y.json"),
        (read_object, "z.json"),
    ):
        path = tmp_path / name
        path.write_bytes(b"file;date;src;dst;calldate\n" + data if name != "z.json" else data)
        try:
            reader(path)
        except ImportInvalid:
            continue
