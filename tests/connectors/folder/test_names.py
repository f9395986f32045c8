"""What file names tell: FreePBX's and its kin's, and patterns that users give."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.connectors.folder.freepbx import describe_name, split_side
from fonoteka.connectors.folder.pattern import NamePattern
from fonoteka.domain.call import Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import ImportInvalid

NOON = datetime(2026, 3, 2, 12, 0)  # noqa: DTZ001 - local to the PBX


@pytest.mark.parametrize(
    ("stem", "calling", "called", "direction"),
    [
        (
            "external-101-+79161234567-20260302-120000-1772442000.12",
            "+79161234567",
            "101",
            Direction.INCOMING,
        ),
        (
            "in-84951112233-79161234567-20260302-120000-1772442000.12",
            "79161234567",
            "84951112233",
            Direction.INCOMING,
        ),
        ("out-84951234567-102-20260302-120000-1772442000.12", "102", "84951234567", Direction.OUTGOING),
        ("internal-101-102-20260302-120000-1772442000.12", "102", "101", Direction.INTERNAL),
        ("exten-101-102-20260302-120000-pbx7-1772442000.12", "102", "101", Direction.UNKNOWN),
        ("q-600-79161234567-20260302-120000-1772442000.12", "79161234567", "600", Direction.UNKNOWN),
        ("rg-600-anonymous-20260302-120000-1772442000.12", "", "600", Direction.UNKNOWN),
        ("out-*43-102-20260302-120000-1772442000.12", "102", "*43", Direction.OUTGOING),
        ("q500-20260302-120000-1772442000.12", "", "500", Direction.UNKNOWN),
        ("OUT101-20260302-120000-1772442000.12", "101", "", Direction.OUTGOING),
        ("20260302-120000-1772442000.12", "", "", Direction.UNKNOWN),
    ],
)
def test_names_of_freepbx(stem: str, calling: str, called: str, direction: Direction) -> None:
    found = describe_name(stem)
    assert found is not None
    assert (found.at, found.calling, found.called, found.direction) == (NOON, calling, called, direction)
    assert found.uniqueid.endswith("1772442000.12")
    assert found.side is None


def test_older_names_with_seconds_since_1970() -> None:
    found = describe_name("auto-1772442000-101-84951234567")
    assert found is not None
    assert found.at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert (found.calling, found.called) == ("101", "84951234567")


@pytest.mark.parametrize(
    "stem",
    [
        "",
        "-",
        "holiday",
        "out-1-2-20261302-120000-1772442000.12",
        "out-1-2-20260302-256000-1772442000.12",
        "out-1-2-20260302-120000",
    ],
)
def test_other_names_tell_nothing(stem: str) -> None:
    assert describe_name(stem) is None


@given(st.text(max_size=300))
def test_any_name_is_survived(stem: str) -> None:
    describe_name(stem)
    split_side(stem)


@pytest.mark.parametrize(
    ("ending", "side"),
    [("-in", Party.CALLING), ("-out", Party.CALLED), ("_r", Party.CALLING), ("-T", Party.CALLED)],
)
def test_halves_of_a_call(ending: str, side: Party) -> None:
    found = describe_name(f"out-84951234567-102-20260302-120000-1772442000.12{ending}")
    assert found is not None
    assert found.side is side
    assert found.uniqueid == "1772442000.12"


def test_a_pattern_of_the_user() -> None:
    pattern = NamePattern.compile("{date:%d.%m.%y} {time:%H-%M}_{direction}_{calling}_{called}_{any}.mp3")
    found = pattern.describe("x.mp3", ("02.03.26 12-00_in_+74951234567_101_rest of it", ".mp3"))
    assert found is not None
    assert (found.at, found.calling, found.called) == (NOON, "+74951234567", "101")
    assert found.direction is Direction.INCOMING
    assert pattern.describe("x", ("02.03.26 12-00_in_+74951234567_101_", ".wav")) is None
    assert pattern.describe("x", ("32.03.26 12-00_in_+74951234567_101_x", ".mp3")) is None


def test_a_pattern_with_folders_and_sides() -> None:
    pattern = NamePattern.compile("{called}/{epoch}-{calling}-{side}")
    found = pattern.describe("101/1772442000-102-rx.wav", ("1772442000-102-rx", ".wav"))
    assert found is not None
    assert (found.calling, found.called, found.side) == ("102", "101", Party.CALLING)


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("{calling}-{called}", "no time"),
        ("{date}-{date}", "twice"),
        ("{date}-{caller}", "caller"),
        ("{date:%Q}", "%Q"),
        ("{date}{", "brace"),
        ("{date}-{calling:%d}", "calling"),
        ("{date}*{any}*{any}", "more than"),
        ("{date}" + "x" * 600, "longer"),
    ],
)
def test_a_bad_pattern_is_explained(pattern: str, says: str) -> None:
    with pytest.raises(ImportInvalid, match=says):
        NamePattern.compile(pattern)


@given(st.text(max_size=60), st.text(max_size=255))
def test_any_pattern_is_survived(text: str, name: str) -> None:
    try:
        pattern = NamePattern.compile(text)
    except ImportInvalid:
        return
    pattern.describe(name, (name, ""))
