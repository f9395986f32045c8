"""A stream's file continued after a crash, and what the two processes say to each other."""

from __future__ import annotations

import fcntl
import os
import time
from collections import deque
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.capture.media_file import MediaFile, Totals
from fonoteka.capture.media_protocol import (
    LENGTHS_PER_REPORT,
    MESSAGE_BYTES_MAX,
    CloseStream,
    Done,
    MediaCounts,
    Message,
    OpenStream,
    Report,
    Trouble,
    decode,
    encode,
)
from fonoteka.domain.errors import SpoolCorrupt
from fonoteka.wire.rtpdump import record
from tests.capture.streams import rtp, seqs


def opened(path: Path, whole_bytes: int = 0) -> MediaFile:
    asked = OpenStream(1, 1, str(path), time.monotonic_ns(), time.time(), "127.0.0.1", 20_000, whole_bytes)
    outbox: deque[Message] = deque()
    return MediaFile(asked, Totals(), outbox)


def close(file: MediaFile) -> None:
    file.finish()
    os.close(file.descriptor)


@pytest.mark.parametrize("known", ["nothing", "the first", "all that is whole"])
@pytest.mark.parametrize("torn_bytes", [0, 1, 7, 8, 100, 179])
def test_a_torn_tail_is_overwritten(tmp_path: Path, known: str, torn_bytes: int) -> None:
    path = tmp_path / "stream-0.rtpdump"
    file = opened(path)
    header = file.length
    for seq in range(3):
        file.append(record(seq * 20, rtp(seq), False), 1, time.monotonic_ns())
    whole = file.length
    close(file)
    with path.open("ab") as torn:
        torn.write(record(60, rtp(3), False)[:torn_bytes])

    file = opened(path, {"nothing": 0, "the first": header + 180, "all that is whole": whole}[known])
    assert file.length == path.stat().st_size == whole
    file.append(record(80, rtp(4), False), 1, time.monotonic_ns())
    close(file)
    assert seqs(path) == [0, 1, 2, 4]


def test_a_torn_header_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "stream-0.rtpdump"
    path.write_bytes(b"#!rtpplay1.0 127.")
    file = opened(path)
    file.append(record(0, rtp(1), False), 1, time.monotonic_ns())
    close(file)
    assert seqs(path) == [1]


def test_another_file_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "stream-0.rtpdump"
    path.write_bytes(b"RIFF" + bytes(500))
    with pytest.raises(SpoolCorrupt):
        opened(path)
    assert path.read_bytes() == b"RIFF" + bytes(500)


def test_two_media_processes_never_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "stream-0.rtpdump"
    file = opened(path)
    with pytest.raises(BlockingIOError):
        opened(path)
    close(file)
    close(opened(path))
    with path.open("rb") as free:
        fcntl.flock(free, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    (tmp_path / "stream-0.rtpdump").symlink_to(target)
    with pytest.raises(OSError, match="symbolic"):
        opened(tmp_path / "stream-0.rtpdump")
    assert not target.exists()


NUMBERS = st.integers(0, 2**63)
MESSAGES = st.one_of(
    st.builds(
        OpenStream, NUMBERS, NUMBERS, st.text(), NUMBERS, st.floats(0, 4e9), st.text(), NUMBERS, NUMBERS
    ),
    st.builds(CloseStream, NUMBERS, NUMBERS),
    st.builds(Done, NUMBERS, st.text()),
    st.builds(Trouble, NUMBERS, st.text()),
    st.builds(
        Report,
        st.builds(MediaCounts, *[NUMBERS] * 8),
        st.lists(st.tuples(NUMBERS, NUMBERS)).map(tuple),
        NUMBERS,
        NUMBERS,
    ),
)


@given(MESSAGES)
def test_messages_round_trip(message: Message) -> None:
    assert decode(encode(message)) == message


@given(st.one_of(st.binary(), MESSAGES.map(lambda message: encode(message)[:-1])))
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no message"):
        decode(data)


def test_the_longest_report_fits() -> None:
    lengths = tuple((10**9 + n, 10**11) for n in range(LENGTHS_PER_REPORT))
    assert len(encode(Report(MediaCounts(*[10**12] * 8), lengths, 10**6, 10**6))) < MESSAGE_BYTES_MAX
