"""Opus packets as bytes."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.audio.opus_packet import OpusPacket, join, packet_samples
from fonoteka.domain.errors import AudioMalformed

NARROWBAND_60_MS = 3 << 3
FRAME = st.binary(max_size=400)


@given(st.lists(FRAME, min_size=1, max_size=6), st.sampled_from([0, 8 << 3, 16 << 3, 31 << 3]))
def test_packets_round_trip(frames, toc):
    packet = OpusPacket(toc, tuple(frames))
    assert OpusPacket.parse(packet.serialize()) == packet


@given(st.binary(max_size=300))
def test_any_bytes_are_a_packet_or_malformed(data):
    with contextlib.suppress(AudioMalformed):
        packet = OpusPacket.parse(data)
        columns = (np.array([octet], np.uint8) for octet in (data[0], data[1] if len(data) > 1 else 0))
        assert packet_samples(*columns, np.array([len(data)]))[0] == packet.samples


def test_two_frames_of_one_length_take_code_1_and_of_others_code_2():
    assert OpusPacket(NARROWBAND_60_MS, (b"ab", b"cd")).serialize() == b"\x19abcd"
    assert OpusPacket(NARROWBAND_60_MS, (b"a", b"bcd")).serialize() == b"\x1a\x01abcd"
    assert OpusPacket(NARROWBAND_60_MS, (bytes(300), b"")).serialize()[:3] == b"\x1a\xfc\x0c"


def test_self_delimited_packets_end_with_their_last_length():
    """Appendix B: the length of the last frame (of each, in code 1) follows the header."""
    assert OpusPacket(NARROWBAND_60_MS, (b"abc",)).serialize(self_delimited=True) == b"\x18\x03abc"
    assert OpusPacket(NARROWBAND_60_MS, (b"ab", b"cd")).serialize(self_delimited=True) == b"\x19\x02abcd"
    assert OpusPacket(NARROWBAND_60_MS, (b"a", b"bc")).serialize(self_delimited=True) == b"\x1a\x01\x02abc"


def test_padding_is_no_part_of_a_frame():
    assert OpusPacket.parse(b"\x1b\x41\x03abc\0\0\0").frames == (b"abc",)


def test_join():
    one, other = OpusPacket(NARROWBAND_60_MS, (b"a",)), OpusPacket(NARROWBAND_60_MS, (b"bc",))
    assert join([one, other]) == OpusPacket(NARROWBAND_60_MS, (b"a", b"bc"))
    assert join([one, other, one]) is None
    assert join([one, OpusPacket(11 << 3, (b"bc",))]) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x19a",
        b"\x1a",
        b"\x1a\x09ab",
        b"\x1b",
        b"\x1b\x00",
        b"\x1b\x41\xff",
        b"\x1b\x82\xfc",
        b"\x1b\x03abc",
    ],
)
def test_malformed(data):
    with pytest.raises(AudioMalformed):
        OpusPacket.parse(data)
