"""When keys of the telephone were pressed (RFC 4733): the moments alone, never which keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fonoteka.audio.payload_types import meanings
from fonoteka.domain.sealed import FormatSpan, HoldSpan

EVENT = "TELEPHONE-EVENT"
PRESSES_MAX = 10_000
"""Of one stream; more in a call is not somebody's finger."""
_KEYS = 16
"""Events below this are 0–9, *, #, A–D (RFC 4733 §3.2); those above are tones of machines."""
_EVENT_BYTES = 4


def key_presses(
    table: npt.NDArray[Any],
    data: bytes,
    spans: tuple[FormatSpan, ...],
    holds: Sequence[HoldSpan] = (),
) -> tuple[int, ...]:
    """When each key was pressed, in ms on the recording's clock, in order; not what was in a hold.

    `table` as for `timeline.assemble`. All packets of one press carry the instant at which it began (§2.2.1).
    """
    if not any(one.encoding.upper() == EVENT for span in spans for one in span.formats.values()):
        return ()
    arrival_ms = table["arrival_ms"].astype(np.int64)
    found = meanings(arrival_ms, table["payload_type"], spans)
    are_events = np.array([one.encoding.upper() == EVENT for one in found.formats] + [False], np.bool_)
    rows = np.flatnonzero(are_events[found.index] & (table["payload_bytes"] >= _EVENT_BYTES))
    event = np.frombuffer(data, np.uint8)[table["payload_at"][rows]]
    rows = rows[event < _KEYS]
    rows = rows[np.argsort(arrival_ms[rows], kind="stable")]
    began = table["ssrc"][rows].astype(np.int64) << 32 | table["rtp_timestamp"][rows].astype(np.int64)
    firsts = np.sort(np.unique(began, return_index=True)[1])[:PRESSES_MAX]
    return tuple(at for at in arrival_ms[rows[firsts]].tolist() if not _is_held(at, holds))


def _is_held(at_ms: int, holds: Sequence[HoldSpan]) -> bool:
    return any(one.since_ms <= at_ms and (one.until_ms is None or at_ms < one.until_ms) for one in holds)
