"""The packets of one stream that have sound, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fonoteka.audio.codecs import Codec, Payloads, find_codec
from fonoteka.audio.losses import missing_before
from fonoteka.audio.payload_types import UNKNOWN, meanings
from fonoteka.domain.errors import CodecUnknown, WireMalformed
from fonoteka.domain.sealed import FormatSpan, HoldSpan, MediaFormat

_Integers = npt.NDArray[np.int64]

_FIELDS = {"arrival_ms", "seq", "rtp_timestamp", "ssrc", "payload_type", "payload_at", "payload_bytes"}
# Payloads that are known and carry no sound of their own (RFC 4733, RFC 3389).
_SOUNDLESS = {"TELEPHONE-EVENT", "CN", "TONE"}


@dataclass(frozen=True, slots=True)
class Packets:
    """Packets with sound, grouped by SSRC, in order of arrival inside a group.

    `codec` points into `codecs`; `samples` counts at `sample_rate_hz`, `rtp_timestamp` ticks at `clock_hz`;
    `missing` is the running count of packets of all kinds that never came.
    """

    codecs: tuple[Codec, ...]
    codec: _Integers
    clock_hz: _Integers
    sample_rate_hz: _Integers
    ssrc: npt.NDArray[np.uint32]
    seq: npt.NDArray[np.uint16]
    rtp_timestamp: npt.NDArray[np.uint32]
    arrival_ms: _Integers
    payloads: Payloads
    samples: _Integers
    missing: _Integers
    lost: int
    unknown: int

    def __len__(self) -> int:
        return len(self.seq)

    @property
    def ticks(self) -> _Integers:
        """How long each packet sounds, on its RTP clock."""
        return self.samples * self.clock_hz // self.sample_rate_hz


def sounding_packets(
    table: npt.NDArray[Any], data: bytes, spans: tuple[FormatSpan, ...], holds: Sequence[HoldSpan] = ()
) -> Packets | None:
    """Pick the packets that can be decoded; None where there are none.

    Packets of payload types that nobody named or that no codec decodes are left out and counted; what is
    missing in a hold span is not lost. Raises `WireMalformed` if the table is not one of `data`,
    `CodecUnknown` if there is sound, but all of it in codecs that we lack.
    """
    _check(table, len(data))
    table = table[np.lexsort((np.arange(len(table)), table["arrival_ms"], table["ssrc"]))]
    arrival_ms = table["arrival_ms"].astype(np.int64)
    missing = missing_before(table["ssrc"], table["seq"], arrival_ms, holds)
    found = meanings(arrival_ms, table["payload_type"], spans)
    codecs, codec_of_format, soundless = _codecs(found.formats)
    codec = np.where(found.index == UNKNOWN, UNKNOWN, codec_of_format[found.index])
    unknown = (codec == UNKNOWN) & ~((found.index != UNKNOWN) & soundless[found.index])
    payloads = Payloads(
        np.frombuffer(data, np.uint8),
        table["payload_at"].astype(np.int64),
        table["payload_bytes"].astype(np.int64),
    )
    samples = np.zeros(len(table), np.int64)
    for index, one in enumerate(codecs):
        of_codec = np.flatnonzero((codec == index) & (payloads.size > 0))
        if len(of_codec):
            samples[of_codec] = one.count(payloads[of_codec])
    kept = np.flatnonzero(samples > 0)
    if not len(kept):
        _raise_if_undecodable(found.formats, found.index[unknown & (found.index != UNKNOWN)])
        return None
    return Packets(
        codecs=codecs,
        codec=codec[kept],
        clock_hz=np.array([one.clock_hz for one in codecs], np.int64)[codec[kept]],
        sample_rate_hz=np.array([one.sample_rate_hz for one in codecs], np.int64)[codec[kept]],
        ssrc=table["ssrc"][kept],
        seq=table["seq"][kept],
        rtp_timestamp=table["rtp_timestamp"][kept],
        arrival_ms=arrival_ms[kept],
        payloads=payloads[kept],
        samples=samples[kept],
        missing=missing[kept],
        lost=int(missing.max()),
        unknown=int(np.count_nonzero(unknown)),
    )


def _check(table: npt.NDArray[Any], data_bytes: int) -> None:
    if table.dtype.names is None or not _FIELDS.issubset(table.dtype.names):
        raise WireMalformed("This is no table of RTP packets.")
    at, size = table["payload_at"].astype(np.int64), table["payload_bytes"].astype(np.int64)
    if len(table) and (
        at.min() < 0 or size.min() < 0 or at.max() > data_bytes or (at + size).max() > data_bytes
    ):
        raise WireMalformed("A payload lies outside the file.")


def _codecs(
    formats: tuple[MediaFormat, ...],
) -> tuple[tuple[Codec, ...], _Integers, npt.NDArray[np.bool_]]:
    """The codecs in use, the codec of each format (or `UNKNOWN`), and which formats have no sound."""
    codecs: dict[Codec, int] = {}
    of_format = []
    for media_format in formats:
        try:
            of_format.append(codecs.setdefault(find_codec(media_format), len(codecs)))
        except CodecUnknown:
            of_format.append(UNKNOWN)
    soundless = [media_format.encoding.upper() in _SOUNDLESS for media_format in formats]
    return tuple(codecs), np.array(of_format, np.int64), np.array(soundless, np.bool_)


def _raise_if_undecodable(formats: tuple[MediaFormat, ...], unknown: _Integers) -> None:
    if len(unknown):
        names = sorted({formats[index].encoding for index in set(unknown.tolist())})
        raise CodecUnknown(f"No decoder for {', '.join(names)}.")
