"""What holds of `assemble` for any packets."""

from __future__ import annotations

import contextlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fonoteka.audio.anchor import EARLY_MS
from fonoteka.audio.timeline import LATE_MS, assemble
from fonoteka.domain.errors import AudioTooLong, CodecUnknown, WireMalformed
from fonoteka.domain.sealed import FormatSpan, HoldSpan, MediaFormat
from tests.audio.signals import alaw_decoded, alaw_encoded, speech_like
from tests.rtp_tables import PCMA, TABLE, stream, table_of

PACKETS = 120
PAYLOAD = alaw_encoded(speech_like(PACKETS * 0.02))
SAMPLES = alaw_decoded(PAYLOAD).reshape(PACKETS, 160)

SPANS = (
    FormatSpan(0, {8: MediaFormat("PCMA", 8000), 9: MediaFormat("G722", 8000), 99: MediaFormat("CN", 8000)}),
    FormatSpan(4000, {0: MediaFormat("PCMU", 8000), 111: MediaFormat("OPUS", 48000, 2)}),
    FormatSpan(9000, {96: MediaFormat("L16", 16000), 18: MediaFormat("G729", 8000)}),
)
NOISE = np.random.default_rng(0).bytes(5000)


@given(
    delays=st.lists(st.floats(0, 150), min_size=PACKETS, max_size=PACKETS),
    lost=st.sets(st.integers(1, PACKETS - 2), max_size=40),
    doubled=st.dictionaries(st.integers(0, PACKETS - 1), st.floats(0, 150), max_size=20),
    seq=st.integers(0, 2**16 - 1),
    rtp_timestamp=st.integers(0, 2**32 - 1),
)
@settings(max_examples=150, deadline=None)
def test_order_repetition_and_loss_never_move_sound(delays, lost, doubled, seq, rtp_timestamp):
    sent = stream(PAYLOAD, seq=seq, rtp_timestamp=rtp_timestamp)
    delays[0] = 0.0
    packets = [packet.later(delays[index]) for index, packet in enumerate(sent) if index not in lost] + [
        packet.later(doubled[index]) for index, packet in enumerate(sent) if index in doubled
    ]
    track = assemble(*table_of(packets), PCMA)
    expected = SAMPLES.copy()
    really_lost = sorted(lost - set(doubled))
    expected[really_lost] = 0
    assert track is not None
    assert np.array_equal(track.samples, expected.ravel())
    assert track.start_ms == 1000
    assert (track.packets, track.lost_packets) == (PACKETS - len(really_lost), len(really_lost))
    assert track.duplicate_packets == len(set(doubled) - lost)
    assert track.gap_ms == 20 * len(really_lost)


def _integers(top: int) -> st.SearchStrategy[int]:
    return st.one_of(st.integers(0, top), st.integers(0, 2000), st.just(top))


ROWS = st.lists(
    st.tuples(
        _integers(100_000),
        _integers(2**16 - 1),
        _integers(2**32 - 1),
        st.one_of(st.integers(0, 2), st.integers(0, 2**32 - 1)),
        st.sampled_from([0, 8, 9, 13, 18, 96, 99, 101, 111, 200]),
        st.booleans(),
        st.integers(0, 4000),
        st.integers(0, 1000),
    ),
    max_size=60,
)


@given(rows=ROWS, cut=st.integers(0, 200))
@settings(max_examples=300, deadline=None)
def test_garbage_is_bounded_by_the_arrival_clock(rows, cut):
    table = np.array(rows, TABLE)
    with contextlib.suppress(WireMalformed, CodecUnknown, AudioTooLong):
        track = assemble(table, NOISE[: len(NOISE) - cut], SPANS, (HoldSpan(500, 700), HoldSpan(90, None)))
        if track is not None:
            span_ms = int(table["arrival_ms"].max()) - int(table["arrival_ms"].min())
            most_ms = span_ms + EARLY_MS + LATE_MS
            assert 0 < len(track.samples) <= most_ms * track.sample_rate_hz / 1000
            assert track.samples.base is None or track.samples.base.nbytes <= most_ms * 2 * 16 + 2
            assert track.lost_packets >= 0
            assert track.gap_ms >= 0


@given(
    jumps=st.lists(
        st.tuples(st.integers(1, PACKETS - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1)),
        max_size=4,
    )
)
@settings(max_examples=100, deadline=None)
def test_jumps_of_timestamps_and_sequences_keep_the_length(jumps):
    """Whatever bases the sender chooses in mid-stream, sound goes on by arrival."""
    sent = stream(PAYLOAD)
    table, data = table_of(sent)
    for at, timestamp, seq in jumps:
        table["rtp_timestamp"][at:] += np.uint32(timestamp)
        table["seq"][at:] += np.uint16(seq)
    track = assemble(table, data, PCMA)
    assert track is not None
    # A jump of less than a pause is believed to be a pause; drift takes it back at leisure.
    assert abs(len(track.samples) / 8 - PACKETS * 20) <= 200 * len(jumps)
