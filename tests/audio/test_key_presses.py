"""Keys pressed in a call: when, and never which (RFC 4733)."""

from __future__ import annotations

import struct
from pathlib import Path

from fonoteka.audio.key_presses import key_presses
from fonoteka.domain.sealed import FormatSpan, HoldSpan, MediaFormat
from fonoteka.pipeline.spooled import read_audio, read_manifest
from fonoteka.wire.rtpdump import record
from tests.audio.signals import alaw_encoded, speech_like
from tests.pipeline.folders import PACKETS, begin, sealed
from tests.rtp_tables import PCMA, Packet, stream, table_of


def press(at_ms: int, event: int, ssrc: int = 0x1234) -> list[Packet]:
    """One press as it is sent: every 20 ms the same instant, a longer duration, the end three times."""
    steps = [(0, n) for n in range(1, 5)] + [(0x80, 4)] * 3
    return [
        Packet(at_ms + 20 * n, 700 + n, 8 * at_ms, bytes((event, end | 10, 0, 160 * length % 256)), ssrc, 101)
        for n, (end, length) in enumerate(steps)
    ]


def test_each_press_is_one_instant() -> None:
    packets = stream(alaw_encoded(speech_like(9)))
    packets += press(2_000, 4) + press(2_500, 4) + press(3_000, 11) + press(3_000, 0, ssrc=7)
    packets += press(4_000, 16) + press(4_500, 32)  # a flash, an answering tone
    packets += [Packet(5_000, 1, 1, b"\x01", payload_type=101), Packet(5_100, 2, 2, b"", payload_type=101)]
    packets += [Packet(5_200, 3, 3, b"\x01\x0a\x00\xa0", payload_type=102)]
    assert key_presses(*table_of(packets), PCMA) == (2_000, 2_500, 3_000, 3_000)
    assert key_presses(*table_of(packets), PCMA, (HoldSpan(2_400, 2_900), HoldSpan(2_950, None))) == (2_000,)
    assert key_presses(*table_of(packets), (FormatSpan(0, {8: MediaFormat("PCMA", 8000)}),)) == ()
    assert key_presses(*table_of([]), PCMA) == ()


def test_a_folder_of_the_spool_tells_when(tmp_path: Path) -> None:
    one = begin(tmp_path)
    one.set_formats(0, {8: MediaFormat("PCMA", 8000), 101: MediaFormat("TELEPHONE-EVENT", 8000)})
    with (one.folder / "stream-0.rtpdump").open("ab") as file:
        for seq, at_ms in enumerate((1_000, 1_020, 1_500), PACKETS):
            header = struct.pack(">BBHII", 0x80, 101, seq, at_ms // 500, 7)
            file.write(record(at_ms, header + b"\x05\x0a\x00\xa0", False))
    folder = sealed(one)
    found = read_audio(folder, read_manifest(folder))
    assert found is not None
    assert found.key_presses == (1_000, 1_500)
