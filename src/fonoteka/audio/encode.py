"""Archive audio: one Ogg Opus file, a mono stream per party, packets of 120 ms, pages of 10 s.

Each party is encoded alone (so nothing of one is heard in the other), in frames of 60 ms; two of them are
joined into one packet (RFC 6716 appendix B frames all streams but the last), which saves container bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain, tee
from pathlib import Path

import numpy as np

from fonoteka.audio.gate import Gate, gate
from fonoteka.audio.ogg import PageWriter
from fonoteka.audio.opus_header import OpusHead, opus_tags
from fonoteka.audio.opus_packet import CLOCK_HZ, OpusPacket, join
from fonoteka.audio.party_encoder import CODINGS, FRAME_MS, Coding, PartyEncoder, Samples
from fonoteka.audio.resample import resample
from fonoteka.audio.sound import Channels, Sound
from fonoteka.domain.profiles import DEFAULT_PROFILE, profile_used

MAX_CHANNELS = 2
PACKET_MS = 2 * FRAME_MS
PAGE_MS = 10_000
NARROW_HZ, WIDE_HZ = 8_000, 16_000


def encode_opus(channels: Channels, sample_rate_hz: int, profile: str = DEFAULT_PROFILE) -> bytes:
    """Encode `channels` (int16, shape (parties, samples), one or two parties, 8 or 16 kHz) as a file.

    It is encoded at 16 kHz in the profile `wide`, at 8 kHz in the others, and decodes to exactly as many
    samples as that makes; the same input gives the same bytes. Two parties are written with mapping family
    1 (two streams, none coupled), one with family 0. Raises `ValueError` for other shapes or rates and for a
    profile that is not Opus.
    """
    coding = CODINGS.get(profile_used(profile, sample_rate_hz).name)
    count = channels.shape[0]
    if coding is None or not 1 <= count <= MAX_CHANNELS or sample_rate_hz not in (NARROW_HZ, WIDE_HZ):
        raise ValueError(f"{count} channels of {sample_rate_hz} Hz cannot be encoded as {profile}")
    if sample_rate_hz > coding.sample_rate_hz:
        rows = [resample(channel, sample_rate_hz, coding.sample_rate_hz) for channel in channels]
        channels = np.stack(rows)
    encoders = [PartyEncoder(coding) for _ in range(count)]
    gates = [_gate(channel, encoder, coding) for channel, encoder in zip(channels, encoders, strict=True)]
    return _file(Sound.of(channels, coding.sample_rate_hz), encoders, gates)


def to_opus(sound: Sound, path: Path) -> None:
    """Encode sound of any rate as it passes by, up to 8 kHz as `standard`, above as `wide`.

    Raises `ValueError` for more than two channels, OSError.
    """
    if not 1 <= sound.channels <= MAX_CHANNELS:
        raise ValueError(f"{sound.channels} channels cannot be encoded")
    coding = CODINGS[profile_used("wide", sound.sample_rate_hz).name]
    encoders = [PartyEncoder(coding) for _ in range(sound.channels)]
    path.write_bytes(_file(sound.at_rate(coding.sample_rate_hz), encoders, [None] * sound.channels))


def _gate(samples: Samples, encoder: PartyEncoder, coding: Coding) -> Gate | None:
    if coding.hard_bit_rate is None:
        return None
    return gate(samples, coding.sample_rate_hz, FRAME_MS, encoder.delay)


def _file(sound: Sound, encoders: list[PartyEncoder], gates: list[Gate | None]) -> bytes:
    blocks = iter(sound.blocks)
    first = next(blocks, np.zeros((sound.channels, 0), np.int16))
    scale = CLOCK_HZ // sound.sample_rate_hz
    pre_skip = encoders[0].delay * scale
    writer = PageWriter(serial=zlib.crc32(first.tobytes()))
    writer.add(OpusHead(sound.channels, pre_skip, sound.sample_rate_hz).serialize(), 0)
    writer.close_page()
    writer.add(opus_tags(), 0)
    writer.close_page()
    parties = tee(chain([first], blocks), sound.channels)
    frames = [
        encoder.frames(_row(party, row), gate)
        for row, (party, encoder, gate) in enumerate(zip(parties, encoders, gates, strict=True))
    ]
    _write_audio(writer, _multistream(frames))
    writer.close_page(last_granule=pre_skip + encoders[0].samples * scale)
    return writer.getvalue()


def _row(blocks: Iterable[Channels], row: int) -> Iterator[Samples]:
    return (block[row] for block in blocks)


def _write_audio(writer: PageWriter, packets: Iterable[tuple[bytes, int]]) -> None:
    """Write packets (bytes, length at 48 kHz); the last page stays open."""
    page_samples = PAGE_MS * CLOCK_HZ // 1000
    granule, page_start = 0, 0
    for packet, samples in packets:
        if granule + samples - page_start > page_samples:
            writer.close_page()
            page_start = granule
        granule += samples
        writer.add(packet, granule)


def _multistream(parties: list[Iterator[OpusPacket]]) -> Iterator[tuple[bytes, int]]:
    """Packets of 120 ms of all parties; of 60 ms where one party's two frames are of different modes."""
    pending: list[tuple[OpusPacket, ...]] = []
    for frames in zip(*parties, strict=True):
        pending.append(frames)
        if len(pending) < PACKET_MS // FRAME_MS:
            continue
        joined = [join(party) for party in zip(*pending, strict=True)]
        whole = [packet for packet in joined if packet is not None]
        for packets in [whole] if len(whole) == len(joined) else pending:
            yield _framed(packets)
        pending = []
    for packets in pending:
        yield _framed(packets)


def _framed(packets: tuple[OpusPacket, ...] | list[OpusPacket]) -> tuple[bytes, int]:
    """One multistream packet and its length at 48 kHz."""
    heads = [packet.serialize(self_delimited=True) for packet in packets[:-1]]
    return b"".join(heads) + packets[-1].serialize(), packets[-1].samples
