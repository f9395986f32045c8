"""AMI's messages: whatever comes, memory stays bounded; and nothing breaks out of its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.domain.errors import WireMalformed
from fonoteka.wire.ami import BANNER, FIELDS_MAX, LINE_BYTES_MAX, AmiMessage, AmiParser, encode_action

GREETING = BANNER + b"11.0.0\r\n"
LINES = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=50)
NAMES = st.from_regex(r"[A-Za-z][A-Za-z-]{0,20}", fullmatch=True)


def greeted() -> AmiParser:
    parser = AmiParser()
    assert parser.feed(GREETING) == []
    return parser


def held(parser: AmiParser) -> int:
    """What it keeps in memory, roughly."""
    return len(parser._rest) + sum(len(name) + len(value) for name, value in parser._fields)


@given(
    st.lists(st.lists(st.tuples(NAMES, LINES.map(str.strip)), min_size=1, max_size=5), max_size=5), st.data()
)
def test_messages_survive_any_pieces(messages: list[list[tuple[str, str]]], data: st.DataObject) -> None:
    raw = GREETING + b"".join(map(encode_action, messages))
    parser, found = AmiParser(), []
    while raw:
        at = data.draw(st.integers(1, len(raw)))
        found += parser.feed(raw[:at])
        raw = raw[at:]
    assert [list(one.fields) for one in found] == messages


@given(st.lists(st.binary(max_size=300), max_size=30))
def test_any_bytes_are_messages_or_nothing(pieces: list[bytes]) -> None:
    parser = greeted()
    for piece in pieces:
        for message in parser.feed(piece):
            assert message.fields
            assert not (message.event and message.is_response)
    assert held(parser) <= 300 * 30


def test_without_line_ends_nothing_is_kept() -> None:
    parser = greeted()
    for _ in range(100):
        assert parser.feed(b"x" * LINE_BYTES_MAX) == []
        assert held(parser) <= 2 * LINE_BYTES_MAX
    (message,) = parser.feed(b"\r\nEvent: Hangup\r\n\r\n")
    assert message.event == "Hangup"


def test_a_line_that_is_too_long_is_left_out() -> None:
    long = b"Value: " + b"x" * LINE_BYTES_MAX
    (message,) = greeted().feed(b"Event: VarSet\r\n" + long + b"\r\nUniqueid: 1.1\r\n\r\n")
    assert message == AmiMessage((("Event", "VarSet"), ("Uniqueid", "1.1")))


def test_a_message_without_end_is_cut() -> None:
    parser = greeted()
    for _ in range(FIELDS_MAX):
        parser.feed(b"A: 1\r\nB: 2\r\n")
    (message,) = parser.feed(b"\r\n")
    assert len(message.fields) == FIELDS_MAX


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"Name: \xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0", "Анна"),
        (b"Name: M\xfcller", "Müller"),
        (b"name:value", "value"),
        (b"Name: a: b", "a: b"),
        (b"Name:", ""),
    ],
)
def test_values_as_asterisk_passes_them_on(raw: bytes, value: str) -> None:
    (message,) = greeted().feed(raw + b"\n\n")
    assert message.get("NAME") == value


def test_values_of_one_name_are_all_there() -> None:
    (message,) = greeted().feed(b"Event: Newchannel\nChanVariable: a=1\nChanVariable: b=2\n\n")
    assert message.all("ChanVariable") == ("a=1", "b=2")


@pytest.mark.parametrize(
    "greeting", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 400 Bad Request\r\n", b"\n", b"x" * 9000]
)
def test_what_is_no_manager_is_said_at_once(greeting: bytes) -> None:
    with pytest.raises(WireMalformed, match="not an Asterisk"):
        AmiParser().feed(greeting)


@pytest.mark.parametrize("value", ["x\r\nAction: Originate", "x\n", "x\r", "x\0", "x" * (LINE_BYTES_MAX + 1)])
def test_nothing_breaks_out_of_its_line(value: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        encode_action({"Action": "Hangup", "Channel": value})
    with pytest.raises(ValueError, match="one line"):
        encode_action({"Action": "Hangup", value: "x"})
