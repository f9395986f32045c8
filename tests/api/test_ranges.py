"""Byte ranges by RFC 9110 §14: what a header selects of a file, compared with plain slicing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.api.ranges import (
    ByteRange,
    first_position,
    if_none_match_holds,
    if_range_holds,
    select_range,
)
from fonoteka.domain.errors import RangeUnsatisfiable

SIZES = st.integers(0, 50)
POSITIONS = st.integers(0, 60)


def selected(header: str, size: int) -> bytes | None:
    """The bytes that the header selects of a file of that size; None for 416."""
    content = bytes(range(size))
    try:
        chosen = select_range(header, size)
    except RangeUnsatisfiable:
        return None
    if chosen is None:
        return content
    assert 0 <= chosen.start < chosen.stop <= size
    return content[chosen.start : chosen.stop]


@given(SIZES, POSITIONS, POSITIONS)
def test_first_and_last(size: int, first: int, last: int) -> None:
    content = bytes(range(size))
    if last < first:
        expected: bytes | None = content
    else:
        expected = content[first : last + 1] or None
    assert selected(f"bytes={first}-{last}", size) == expected


@given(SIZES, POSITIONS)
def test_open_range(size: int, first: int) -> None:
    assert selected(f"bytes={first}-", size) == (bytes(range(size))[first:] or None)


@given(SIZES, POSITIONS)
def test_suffix(size: int, length: int) -> None:
    expected = bytes(range(size))[-length:] if length else None
    assert selected(f"bytes=-{length}", size) == expected


@given(SIZES, st.text(max_size=30) | st.from_regex(r"\A[bB]ytes ?=[ ,0-9-]{0,20}\Z"))
def test_any_text_gives_a_part_the_whole_or_416(size: int, header: str) -> None:
    part = selected(header, size)
    assert part is None or part in bytes(range(size))
    assert first_position(header) >= 0


@pytest.mark.parametrize(
    "header",
    [
        "bytes=",
        "bytes=-",
        "bytes=5",
        "bytes=a-b",
        "bytes=1-2-3",
        "bytes=0x1-0x2",
        "bytes=+1-2",
        "bytes=١-٢",
        "bytes 0-1",
        "items=0-1",
        "bytes=0-1,4-5",
        "bytes=90-99,100-",
        "bytes=7-3",
        "",
    ],
)
def test_the_whole_file_for_what_is_no_single_byte_range(header: str) -> None:
    assert select_range(header, 10) is None
    assert first_position(header) == 0


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=9-9", (9, 10)),
        ("bytes=0-99999999999999999999999999", (0, 10)),
        ("BYTES=2-3", (2, 4)),
        ("bytes= 2-3 ", (2, 4)),
        ("bytes=,2-3,", (2, 4)),
        ("bytes=-99999999999999999999999999", (0, 10)),
        ("bytes=00000000000000000000000002-3", (2, 4)),
    ],
)
def test_forms_that_the_grammar_allows(header: str, expected: tuple[int, int]) -> None:
    assert select_range(header, 10) == ByteRange(*expected)


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=" + "9" * 5000 + "-"])
def test_outside_the_file(header: str) -> None:
    with pytest.raises(RangeUnsatisfiable):
        select_range(header, 10)


def test_content_range_names_the_last_byte() -> None:
    assert ByteRange(2, 4).content_range(10) == "bytes 2-3/10"


@pytest.mark.parametrize(
    ("header", "position"), [(None, 0), ("bytes=0-", 0), ("bytes=7-", 7), ("bytes=-500", 1)]
)
def test_first_position_is_what_the_header_alone_tells(header: str | None, position: int) -> None:
    assert first_position(header) == position


def test_if_range_wants_the_very_tag() -> None:
    assert if_range_holds(None, '"a"')
    assert if_range_holds('"a"', '"a"')
    assert not if_range_holds('W/"a"', '"a"')
    assert not if_range_holds("Mon, 02 Mar 2026 09:15:30 GMT", '"a"')


def test_if_none_match_takes_lists_and_weak_tags() -> None:
    assert if_none_match_holds(None, '"a"')
    assert if_none_match_holds('"b", "c"', '"a"')
    assert not if_none_match_holds('"b", W/"a"', '"a"')
    assert not if_none_match_holds("*", '"a"')
