"""Multipart bodies."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.domain.errors import WireMalformed
from fonoteka.wire.multipart import PARTS_MAX, Part, build_multipart, parse_multipart

PARTS = st.builds(
    Part,
    content_type=st.sampled_from(["application/sdp", "application/rs-metadata+xml", "text/plain", ""]),
    disposition=st.sampled_from(["session", "recording-session", ""]),
    headers=st.dictionaries(
        st.from_regex(r"x-[a-z]{1,8}", fullmatch=True),
        st.from_regex(r"[!-~а-я]{1,20}", fullmatch=True),
        max_size=3,
    ),
    body=st.binary(max_size=200),
)
BOUNDARIES = st.from_regex(r"[0-9A-Za-z'()+_,./:=?-]{1,40}", fullmatch=True)


@given(st.lists(PARTS, min_size=1, max_size=5), BOUNDARIES)
def test_round_trip(parts: list[Part], boundary: str) -> None:
    if any(b"--" + boundary.encode() in part.body for part in parts):
        with pytest.raises(ValueError, match="boundary"):
            build_multipart(parts, boundary)
        return
    content_type, body = build_multipart(parts, boundary)
    found = parse_multipart(content_type, body)
    assert [(one.content_type, one.disposition, one.body) for one in found] == [
        (one.content_type, one.disposition, one.body) for one in parts
    ]
    for one, part in zip(found, parts, strict=True):
        assert part.headers.items() <= one.headers.items()
    assert parse_multipart(*build_multipart(found, boundary)) == found


def test_other_types_are_one_part() -> None:
    (part,) = parse_multipart("Application/SDP; charset=utf-8", b"v=0\r\n")
    assert part == Part("application/sdp", "", {}, b"v=0\r\n")
    assert parse_multipart("application/sdp", b" \r\n") == ()


def test_lines_that_only_look_like_delimiters() -> None:
    inner = b"text --b\r\n--bb\r\n --b\r\n--b--b"
    (part,) = parse_multipart(
        "multipart/mixed;boundary=b", b"--b\r\n\r\n" + inner + b"\r\n--b--\r\nepilogue --b\r\n--b\r\n"
    )
    assert part.body == inner


def test_empty_parts() -> None:
    parts = parse_multipart(
        "multipart/mixed;boundary=b", b"--b\r\n--b\r\n\r\n\r\n--b\r\nA: b\r\n\r\n\r\n--b--"
    )
    assert [part.body for part in parts] == [b"", b"", b""]


def test_folded_header_of_a_part() -> None:
    body = b"--b\r\nContent-Type: application/sdp;\r\n charset=x\r\n\r\nv=0\r\n--b--"
    assert parse_multipart("multipart/mixed;boundary=b", body)[0].headers == {
        "content-type": "application/sdp; charset=x"
    }


@pytest.mark.parametrize(
    "body",
    [b"no delimiter at all", b"--", b"--b--", b"--b", b"--b\r\nA: b\r\n\r\nx\r\n" * (PARTS_MAX + 2)],
)
def test_what_is_no_multipart_body(body: bytes) -> None:
    with pytest.raises(WireMalformed):
        parse_multipart("multipart/mixed;boundary=b", body)


@pytest.mark.parametrize("filler", [b"--b", b"--", b" ", b"\r\n", b"--b \t"])
def test_bodies_that_would_make_patterns_backtrack(filler: bytes) -> None:
    body = b"--" + (filler * 262_144)[:262_144]
    for content_type in (
        "multipart/mixed;boundary=b",
        "multipart/mixed",
        "multipart/mixed;boundary=" + "b" * 60_000,
    ):
        started = time.process_time()
        with suppress(WireMalformed):
            parse_multipart(content_type, body)
        assert time.process_time() - started < 3


def test_a_hundred_thousand_delimiters_are_refused() -> None:
    with pytest.raises(WireMalformed):
        parse_multipart("multipart/mixed;boundary=b", b"--b\r\n" * 50_000)
