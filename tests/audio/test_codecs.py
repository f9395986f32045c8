"""Codecs with state, heard through `assemble`; reference signals are made by ffmpeg's encoders."""

from __future__ import annotations

import numpy as np
import pytest

from fonoteka.audio.codecs import find_codec
from fonoteka.audio.timeline import assemble
from fonoteka.domain.errors import CodecUnknown
from fonoteka.domain.sealed import FormatSpan, MediaFormat
from tests.audio.signals import alaw_encoded, encoded_packets, speech_like
from tests.rtp_tables import Packet, stream, table_of
from tests.speech import CALLED_TEXT, spoken

G722 = MediaFormat("G722", 8000)
OPUS = MediaFormat("OPUS", 48000, 2)
SPANS = (FormatSpan(0, {9: G722, 111: OPUS, 8: MediaFormat("PCMA", 8000), 96: MediaFormat("L16", 16000)}),)


def wide_speech():
    return spoken(CALLED_TEXT, "en", 16000)


def opus_packets(samples, frame_ms=20, *, start_ms=1000, without=()):
    packet_samples = 16 * frame_ms
    encoded = encoded_packets(
        "libopus", samples, 16000, packet_samples, {"frame_duration": str(frame_ms), "application": "voip"}
    )
    return [
        Packet(start_ms + frame_ms * index, index, 48 * frame_ms * index, payload, 7, 111)
        for index, payload in enumerate(encoded)
        if index not in without
    ]


def g722_payload(samples):
    return b"".join(encoded_packets("g722", samples, 16000, 320, {}))


def similarity(heard, sent, most_lag=200):
    """The best correlation of two signals within a lag of some samples, and that lag."""
    length = min(len(heard), len(sent)) - 2 * most_lag
    middle = sent[most_lag : most_lag + length].astype(float)
    scores = [np.corrcoef(heard[lag : lag + length], middle)[0, 1] for lag in range(2 * most_lag)]
    return max(scores), int(np.argmax(scores)) - most_lag


def test_g722_is_16_khz_on_a_clock_of_8():
    sent = wide_speech()
    track = assemble(*table_of(stream(g722_payload(sent), payload_type=9)), SPANS)
    assert (track.sample_rate_hz, track.codec, track.start_ms) == (16000, "G722", 1000)
    assert len(track.samples) == len(sent) // 320 * 320
    score, lag = similarity(track.samples, sent)
    assert score > 0.98
    assert abs(lag) <= 32


@pytest.mark.parametrize("frame_ms", [10, 20, 60])
def test_opus_is_16_khz_on_a_clock_of_48(frame_ms):
    sent = wide_speech()
    packets = opus_packets(sent, frame_ms)
    track = assemble(*table_of(packets), SPANS)
    assert (track.sample_rate_hz, track.codec) == (16000, "OPUS")
    assert len(track.samples) == len(packets) * 16 * frame_ms
    score, lag = similarity(track.samples, sent)
    assert score > 0.9
    assert 0 <= lag <= 160


def test_losses_of_codecs_with_state_are_silence_in_their_place():
    sent = wide_speech()
    whole = assemble(*table_of(opus_packets(sent)), SPANS)
    holed = assemble(*table_of(opus_packets(sent, without=range(100, 130))), SPANS)
    assert len(whole.samples) == len(holed.samples)
    assert not holed.samples[100 * 320 : 130 * 320].any()
    assert np.corrcoef(holed.samples[140 * 320 :], whole.samples[140 * 320 :])[0, 1] > 0.95
    assert (holed.lost_packets, holed.gap_ms) == (30, 600)

    packets = stream(g722_payload(sent), payload_type=9)
    whole = assemble(*table_of(packets), SPANS)
    holed = assemble(*table_of(packets[:100] + packets[130:]), SPANS)
    assert not holed.samples[100 * 320 : 130 * 320].any()
    assert np.corrcoef(holed.samples[140 * 320 :], whole.samples[140 * 320 :])[0, 1] > 0.95


def test_a_codec_change_is_heard_at_the_highest_rate():
    sent = wide_speech()[: 16000 * 8]
    narrow = alaw_encoded(np.ascontiguousarray(sent[: 16000 * 4 : 2]))
    packets = stream(narrow) + [
        Packet(
            one.arrival_ms + 4000,
            one.seq + 300,
            one.rtp_timestamp + 5000 + 32_000,
            one.payload,
            payload_type=9,
        )
        for one in stream(g722_payload(sent[16000 * 4 :]), start_ms=1000, seq=0, rtp_timestamp=0)
    ]
    track = assemble(*table_of(packets), SPANS)
    assert (track.sample_rate_hz, len(track.samples), track.start_ms) == (16000, len(sent), 1000)
    first, second = track.samples[: 16000 * 4], track.samples[16000 * 4 :]
    assert similarity(first, sent[: 16000 * 4])[0] > 0.95
    assert similarity(second, sent[16000 * 4 :])[0] > 0.98


def test_a_change_to_a_codec_with_another_clock_goes_on_by_arrival():
    sent = wide_speech()[: 16000 * 8]
    narrow = stream(alaw_encoded(np.ascontiguousarray(sent[: 16000 * 4 : 2])), ssrc=7)
    track = assemble(*table_of(narrow + opus_packets(sent[16000 * 4 :], start_ms=5000)), SPANS)
    assert (len(track.samples), track.sample_rate_hz) == (len(sent), 16000)


def test_l16():
    sent = speech_like(4, 16000)
    packets = stream(sent.astype(">i2").tobytes(), payload_type=96, packet_bytes=640, ticks=320)
    assert np.array_equal(assemble(*table_of(packets), SPANS).samples, sent)


def test_broken_opus_packets_are_silence_of_their_length():
    packets = opus_packets(wide_speech())
    broken = [
        Packet(one.arrival_ms, one.seq, one.rtp_timestamp, b"\x4b\xc3", one.ssrc, 111)
        if 50 <= index < 60
        else one
        for index, one in enumerate(packets)
    ]
    track = assemble(*table_of(broken), SPANS)
    assert len(track.samples) == len(packets) * 320
    assert track.packets <= len(packets)


@pytest.mark.parametrize(
    "media_format",
    [MediaFormat("G729", 8000), MediaFormat("PCMU", 8000, 2), MediaFormat("L16", 44100), MediaFormat("", 0)],
)
def test_unknown_codecs(media_format):
    with pytest.raises(CodecUnknown):
        find_codec(media_format)
