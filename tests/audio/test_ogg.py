"""Ogg pages; ffmpeg is the other reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.audio.ogg import MAX_SEGMENTS, PageWriter, checksum, read_packets, read_pages
from fonoteka.domain.errors import AudioMalformed

SIZES = st.one_of(st.integers(0, 600), st.sampled_from([254, 255, 256, 510, 255 * 255, 255 * 256, 200_000]))


def bitwise_checksum(data):
    crc = 0
    for octet in data:
        crc ^= octet << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x8000_0000 else 0)) & 0xFFFF_FFFF
    return crc


@given(st.binary(max_size=200))
def test_checksum_is_rfc_3533s(data):
    assert checksum(data) == bitwise_checksum(data)


@given(st.lists(st.tuples(SIZES, st.booleans()), max_size=12))
def test_packets_round_trip(sizes):
    writer = PageWriter(serial=7)
    packets = [bytes([index]) * size for index, (size, _) in enumerate(sizes)]
    for index, (packet, (_, closes)) in enumerate(zip(packets, sizes, strict=True)):
        writer.add(packet, 100 * index)
        if closes:
            writer.close_page()
    writer.close_page(last_granule=300)
    data = writer.getvalue()
    assert read_packets(data)[0] == packets
    pages = list(read_pages(data))
    assert [page.sequence for page in pages] == list(range(len(pages)))
    assert [page.is_first for page in pages] == [True] + [False] * (len(pages) - 1)
    assert [page.is_last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert all(len(page.lacing) <= MAX_SEGMENTS for page in pages)


def test_damage_is_found():
    writer = PageWriter(serial=7)
    writer.add(b"abcdef", 1)
    writer.close_page(last_granule=300)
    data = writer.getvalue()
    for damaged in (data[:-1], data[:20], b"x" + data, data[:-1] + b"x", data + b"Ogg"):
        with pytest.raises(AudioMalformed):
            read_packets(damaged)
