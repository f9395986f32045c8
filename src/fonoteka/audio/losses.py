"""Sequence numbers that never came (RFC 3550 §5.1, appendix A.1 and A.3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fonoteka.domain.sealed import HoldSpan

# A jump of the sequence is believed to be loss where this little time a packet could have filled the pause.
_SHORTEST_PACKET_MS = 5
_JITTER_MS = 2_000
_MISORDERED = 100  # MAX_MISORDER of RFC 3550 appendix A.1
_EPOCH = 1 << 20  # parts sequences that were started anew; no gap of 16 bits reaches it


def missing_before(
    ssrc: npt.NDArray[np.uint32],
    seq: npt.NDArray[np.uint16],
    arrival_ms: npt.NDArray[np.int64],
    holds: Sequence[HoldSpan] = (),
) -> npt.NDArray[np.int64]:
    """How many packets of its SSRC went missing up to each packet, for packets grouped by SSRC.

    Inside a group packets are in order of arrival; the count runs on from group to group, so differences
    count within a group, and the largest value is the total. A sequence that starts anew is no loss, nor
    is what was not recorded on purpose: a gap that reaches into a hold span (a pause).
    """
    if not len(seq):
        return np.zeros(0, np.int64)
    new_source = np.diff(ssrc) != 0
    step = np.diff(seq.astype(np.uint16)).astype(np.int16).astype(np.int64)
    pause_ms = np.maximum(np.diff(arrival_ms), 0)
    too_fast = step * _SHORTEST_PACKET_MS > pause_ms + _JITTER_MS
    restarted = (step < -_MISORDERED) | ((step > _MISORDERED) & too_fast)
    step = np.where(restarted, _EPOCH, step)
    group = np.concatenate([[0], np.cumsum(new_source)])
    extended = np.concatenate([[0], np.cumsum(step)])
    order = np.lexsort((extended, group))
    gap = np.diff(extended[order]) - 1
    pause_ms = np.maximum(np.diff(arrival_ms[order]), 0)
    paused = _reach_into(arrival_ms[order][:-1], arrival_ms[order][1:], holds)
    believed = (
        ~paused
        & (gap > 0)
        & (np.diff(group[order]) == 0)
        & (gap * _SHORTEST_PACKET_MS <= pause_ms + _JITTER_MS)
    )
    result = np.zeros(len(seq), np.int64)
    result[order[1:]] = np.cumsum(np.where(believed, gap, 0))
    return result


def _reach_into(
    since_ms: npt.NDArray[np.int64], until_ms: npt.NDArray[np.int64], holds: Sequence[HoldSpan]
) -> npt.NDArray[np.bool_]:
    """Which of the times between two packets overlap a hold span."""
    begins = np.sort([hold.since_ms for hold in holds])
    ends = np.sort([np.inf if hold.until_ms is None else hold.until_ms for hold in holds])
    # So many spans have begun by the end of the time, so many had ended before it began.
    return np.asarray(np.searchsorted(begins, until_ms, "right") > np.searchsorted(ends, since_ms, "left"))
