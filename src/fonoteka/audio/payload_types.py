"""What the payload type of each packet meant when it arrived."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from fonoteka.domain.sealed import FormatSpan, MediaFormat

UNKNOWN = -1
_PAYLOAD_TYPES = 128

# RFC 3551 table 4: these need no negotiation.
_STATIC = {
    0: MediaFormat("PCMU", 8_000),
    8: MediaFormat("PCMA", 8_000),
    9: MediaFormat("G722", 8_000),
    13: MediaFormat("CN", 8_000),
}


@dataclass(frozen=True, slots=True)
class Meanings:
    """`index` points into `formats` for each packet, `UNKNOWN` where nobody ever named its payload type."""

    formats: tuple[MediaFormat, ...]
    index: npt.NDArray[np.int64]


def meanings(
    arrival_ms: npt.NDArray[np.int64],
    payload_types: npt.NDArray[np.uint8],
    spans: tuple[FormatSpan, ...],
) -> Meanings:
    """Look up packets by arrival in the spans of their stream.

    A payload type that the span in effect does not name means what the span before or the next one says:
    packets are in flight while a re-INVITE is answered.
    """
    ordered = sorted(spans, key=lambda span: span.since_ms) or [FormatSpan(0, {})]
    formats: dict[MediaFormat, int] = {}
    table = np.full((len(ordered), _PAYLOAD_TYPES), UNKNOWN, np.int64)
    for row, span in zip(table, ordered, strict=True):
        for payload_type, media_format in span.formats.items():
            if 0 <= payload_type < _PAYLOAD_TYPES:
                row[payload_type] = formats.setdefault(media_format, len(formats))
    _fill_unnamed(table)
    _fill_unnamed(table[::-1])
    for payload_type, media_format in _STATIC.items():
        unnamed = table[:, payload_type] == UNKNOWN
        if unnamed.any():
            table[unnamed, payload_type] = formats.setdefault(media_format, len(formats))
    since = np.array([span.since_ms for span in ordered], np.int64)
    span_of = np.maximum(np.searchsorted(since, arrival_ms, side="right") - 1, 0)
    index = np.where(payload_types < _PAYLOAD_TYPES, table[span_of, payload_types % _PAYLOAD_TYPES], UNKNOWN)
    return Meanings(tuple(formats), index)


def _fill_unnamed(table: npt.NDArray[np.int64]) -> None:
    """Let unnamed payload types of each row mean what the row above says, in place."""
    for above, row in pairwise(table):
        np.copyto(row, above, where=row == UNKNOWN)
