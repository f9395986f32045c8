"""Assembling tracks from packets that a network treated badly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fonoteka.audio.anchor import EARLY_MS
from fonoteka.audio.timeline import LATE_MS, assemble
from fonoteka.domain.errors import AudioTooLong, CodecUnknown, WireMalformed
from fonoteka.domain.sealed import FormatSpan, HoldSpan, MediaFormat
from tests.audio.signals import alaw_decoded, alaw_encoded, speech_like, ulaw_encoded
from tests.rtp_tables import PCMA, Packet, stream, table_of

SECOND = 50  # packets


def assembled(packets, spans=PCMA, holds=()):
    table, data = table_of(packets)
    return assemble(table, data, spans, holds)


def jittered(packets, most_ms, seed=1):
    delays = np.random.default_rng(seed).uniform(0, most_ms, len(packets))
    return [packet.later(delay) for packet, delay in zip(packets, delays, strict=True)]


def test_whole_g711_is_bit_exact():
    payload = alaw_encoded(speech_like(10))
    track = assembled(stream(payload, start_ms=1234))
    assert np.array_equal(track.samples, alaw_decoded(payload))
    assert (track.sample_rate_hz, track.start_ms, track.codec) == (8000, 1234, "PCMA")
    assert (track.packets, track.lost_packets, track.duplicate_packets, track.gap_ms) == (500, 0, 0, 0)


def test_ulaw_and_packets_of_many_lengths():
    payload = ulaw_encoded(speech_like(6))
    spans = (FormatSpan(0, {0: MediaFormat("PCMU", 8000)}),)
    for octets in (80, 240, 480, 1024):
        packets = stream(payload, payload_type=0, packet_bytes=octets, ticks=octets, packet_ms=octets / 8)
        assert (
            assembled(packets, spans).samples.tobytes()
            == assembled(stream(payload, payload_type=0), spans).samples.tobytes()
        )


def test_sequence_and_timestamp_wrap():
    payload = alaw_encoded(speech_like(20))
    packets = stream(payload, seq=65_000, rtp_timestamp=2**32 - 160 * 300)
    assert np.array_equal(assembled(jittered(packets, 50)).samples, alaw_decoded(payload))


def test_bad_network_keeps_time():
    """5 % loss, 50 ms of jitter (so packets overtake each other), duplicates."""
    payload = alaw_encoded(speech_like(60))
    packets = stream(payload)
    chosen = np.random.default_rng(3)
    lost = set(chosen.choice(np.arange(1, len(packets) - 1), len(packets) // 20, replace=False).tolist())
    kept = [packet for index, packet in enumerate(packets) if index not in lost]
    again = [packet.later(3) for packet in kept[::40]]
    track = assembled(jittered(kept, 50) + jittered(again, 50, seed=2))
    expected = alaw_decoded(payload).reshape(-1, 160).copy()
    expected[sorted(lost)] = 0
    assert np.array_equal(track.samples, expected.ravel())
    assert abs(track.start_ms - 1000) <= 20
    assert track.lost_packets == len(lost)
    assert track.duplicate_packets == len(again)
    assert track.gap_ms == 20 * len(lost)


def test_both_parties_are_aligned_whatever_the_jitter():
    sound = alaw_encoded(speech_like(30))
    calm = assembled(stream(sound, start_ms=500, ssrc=1))
    rough = assembled(jittered(stream(sound, start_ms=500, ssrc=2), 50))
    assert abs(calm.start_ms - rough.start_ms) <= 20


def test_a_stall_with_its_backlog_is_no_gap():
    payload = alaw_encoded(speech_like(20))
    packets = [
        replace(packet, arrival_ms=max(packet.arrival_ms, 9000)) if packet.arrival_ms > 6000 else packet
        for packet in stream(payload)
    ]
    track = assembled(packets)
    assert np.array_equal(track.samples, alaw_decoded(payload))
    assert track.start_ms == 1000


def test_a_stall_that_ends_in_losses_misplaces_nothing():
    payload = alaw_encoded(speech_like(20))
    packets = stream(payload)
    held_up = [replace(packet, arrival_ms=9000) for packet in packets[250:300]]
    track = assembled([*packets[:250], *held_up, *packets[400:]])
    expected = alaw_decoded(payload)
    expected[300 * 160 : 400 * 160] = 0
    assert np.array_equal(track.samples, expected)
    assert (track.lost_packets, track.gap_ms) == (100, 2000)


def test_a_burst_of_what_was_buffered_starts_before_it_arrived():
    payload = alaw_encoded(speech_like(20))
    for buffered_s, kept_s in ((5, 5), (12, EARLY_MS // 1000)):
        packets = [
            replace(packet, arrival_ms=max(packet.arrival_ms, 1000 + 1000 * buffered_s))
            for packet in stream(payload)
        ]
        track = assembled(packets)
        assert np.array_equal(track.samples, alaw_decoded(payload)[int((buffered_s - kept_s) * 8000) :])
        assert track.start_ms == 1000 + (buffered_s - kept_s) * 1000


def test_late_last_packets_keep_their_place():
    payload = alaw_encoded(speech_like(5))
    packets = stream(payload)
    for late in (1, 3, 10):
        held_up = [*packets[:-late], *(packet.later(400) for packet in packets[-late:])]
        assert np.array_equal(assembled(held_up).samples, alaw_decoded(payload))


def test_a_late_first_packet_keeps_its_place():
    payload = alaw_encoded(speech_like(5))
    packets = stream(payload)
    packets[0] = packets[0].later(390)
    packets[1:20] = [replace(packet, arrival_ms=packets[0].arrival_ms + 1) for packet in packets[1:20]]
    track = assembled(packets)
    assert np.array_equal(track.samples, alaw_decoded(payload))
    assert track.start_ms == 1000


def test_pauses_in_sending_are_timed_silence_and_no_loss():
    payload = alaw_encoded(speech_like(10))
    packets = [packet for index, packet in enumerate(stream(payload)) if not 100 <= index < 300]
    # Discontinuous transmission: the sequence goes on, the timestamp skips the pause (RFC 3551 §4.1).
    packets = [replace(packet, seq=100 + index) for index, packet in enumerate(packets)]
    track = assembled(jittered(packets, 30))
    expected = alaw_decoded(payload)
    expected[100 * 160 : 300 * 160] = 0
    assert np.array_equal(track.samples, expected)
    assert (track.lost_packets, track.gap_ms) == (0, 0)


def test_telephone_events_comfort_noise_and_unknown_types_are_left_out():
    payload = alaw_encoded(speech_like(4))
    packets = stream(payload)
    packets[50] = replace(packets[50], payload_type=101, payload=b"\x05\x0a\x00\xa0")
    packets[60] = replace(packets[60], payload_type=13, payload=b"\x40")
    packets[70] = replace(packets[70], payload_type=77)
    track = assembled(packets)
    expected = alaw_decoded(payload).reshape(-1, 160).copy()
    expected[[50, 60, 70]] = 0
    assert np.array_equal(track.samples, expected.ravel())
    assert (track.packets, track.lost_packets, track.unknown_packets, track.gap_ms) == (197, 0, 1, 0)


def test_hold_spans_are_silence_and_time_goes_on():
    payload = alaw_encoded(speech_like(10))
    track = assembled(stream(payload), holds=(HoldSpan(3000, 5000),))
    expected = alaw_decoded(payload)
    expected[2000 * 8 : 4000 * 8] = 0
    assert np.array_equal(track.samples, expected)
    open_ended = assembled(stream(payload), holds=(HoldSpan(9000, None),))
    assert not open_ended.samples[8000 * 8 :].any()
    assert len(open_ended.samples) == len(track.samples)


@pytest.mark.parametrize("base", [0, 5000 + 160 * 100 + 8000 * 3600, 2**31 + 77])
def test_a_new_timestamp_base_goes_on_by_arrival(base):
    payload = alaw_encoded(speech_like(10))
    packets = [
        replace(packet, rtp_timestamp=base + 160 * index) if index >= 100 else packet
        for index, packet in enumerate(stream(payload))
    ]
    assert np.array_equal(assembled(packets).samples, alaw_decoded(payload))


@pytest.mark.parametrize("reason", ["pause: card number", "rule", "hold"])
def test_a_pause_is_timed_silence_and_no_loss(reason):
    payload = alaw_encoded(speech_like(10))
    sent = jittered(stream(payload, start_ms=0), 15)
    spoken = [packet for packet in sent if not 3000 <= packet.arrival_ms < 7000]
    holds = (HoldSpan(3000, 7000, reason),)
    track = assembled(spoken, holds=holds)
    expected = alaw_decoded(payload)
    assert (track.lost_packets, track.gap_ms, len(track.samples)) == (0, 0, len(expected))
    assert np.array_equal(track.samples[: 2900 * 8], expected[: 2900 * 8])
    assert np.array_equal(track.samples[7100 * 8 :], expected[7100 * 8 :])
    assert not track.samples[3050 * 8 : 6950 * 8].any()
    # What the network lost beside it is counted as ever.
    assert assembled(spoken[:20] + spoken[22:-5] + spoken[-2:], holds=holds).lost_packets == 5
    assert assembled(spoken).lost_packets > 190


@pytest.mark.parametrize("minutes", [1, 12, 21.85, 45])
def test_a_long_pause_keeps_its_length(minutes):
    payload = alaw_encoded(speech_like(2))
    pause_packets = int(minutes * 60 * SECOND)
    before = stream(payload, seq=100, start_ms=0)
    after = stream(
        payload,
        seq=100 + len(before) + pause_packets,
        rtp_timestamp=before[-1].rtp_timestamp + 160 * (pause_packets + 1),
        start_ms=2000 + 20 * pause_packets,
    )
    track = assembled(before + after, holds=(HoldSpan(2000, 2000 + 20 * pause_packets, "pause"),))
    assert (track.lost_packets, track.gap_ms) == (0, 0)
    sound = alaw_decoded(payload)
    assert len(track.samples) == 2 * len(sound) + 160 * pause_packets
    assert np.array_equal(track.samples[: len(sound)], sound)
    assert np.array_equal(track.samples[-len(sound) :], sound)


def test_a_timestamp_that_stands_still_during_a_hold_goes_on_by_arrival():
    payload = alaw_encoded(speech_like(10))
    packets = [
        packet.later(30_000) if index >= 100 else packet for index, packet in enumerate(stream(payload))
    ]
    track = assembled(packets)
    sound = alaw_decoded(payload)
    assert len(track.samples) == len(sound) + 30_000 * 8
    assert np.array_equal(track.samples[: 100 * 160], sound[: 100 * 160])
    assert np.array_equal(track.samples[-400 * 160 :], sound[-400 * 160 :])


def test_a_new_source_and_a_restarted_sequence_follow_by_arrival():
    payload = alaw_encoded(speech_like(12))
    first = stream(payload[: 160 * 200])
    second = stream(payload[160 * 200 : 160 * 400], start_ms=5000, ssrc=9, seq=60_000, rtp_timestamp=7)
    third = stream(payload[160 * 400 :], start_ms=9000, ssrc=9, seq=3, rtp_timestamp=7 + 160 * 200)
    track = assembled([*first, *second, *third])
    assert np.array_equal(track.samples, alaw_decoded(payload))
    assert track.lost_packets == 0


def test_a_restarted_sequence_does_not_hide_losses():
    payload = alaw_encoded(speech_like(8))
    packets = stream(payload)
    packets[200:] = [replace(packet, seq=packet.seq - 200) for packet in packets[200:]]
    assert assembled(packets[:50] + packets[52:]).lost_packets == 2


def test_a_new_source_that_comes_a_little_early_cuts_nothing():
    payload = alaw_encoded(speech_like(8))
    first, second = stream(payload[:32_000]), stream(payload[32_000:], start_ms=4985, ssrc=9)
    assert np.array_equal(assembled([*first, *second]).samples, alaw_decoded(payload))


def test_two_sources_at_once_are_added():
    one, other = np.full(8000 * 4, 1000, np.int16), np.full(8000 * 2, 3000, np.int16)
    packets = stream(alaw_encoded(one)) + stream(alaw_encoded(other), start_ms=2000, ssrc=2)
    track = assembled(packets)
    assert track.samples[4000] == pytest.approx(1000, abs=40)
    assert track.samples[8000 * 2] == pytest.approx(4000, abs=160)


def test_strays_change_nothing():
    payload = alaw_encoded(speech_like(8))
    strays = [
        Packet(2003, 9, 77, b"\x00" * 160, ssrc=55),
        Packet(3007, 40_000, 2**31, b"\x00" * 160),
        Packet(4011, 150, 5000 + 8000 * 7200, b"\x00" * 160),
    ]
    assert np.array_equal(assembled(stream(payload) + strays).samples, alaw_decoded(payload))


def test_one_packet_is_a_track():
    track = assembled(stream(alaw_encoded(speech_like(0.02))))
    assert (len(track.samples), track.packets, track.start_ms) == (160, 1, 1000)


def test_a_jump_of_hours_allocates_nothing_for_them():
    packets = stream(alaw_encoded(speech_like(4)))
    packets += [replace(packet, rtp_timestamp=packet.rtp_timestamp + 8000 * 7200) for packet in
                stream(alaw_encoded(speech_like(4)), start_ms=5000, seq=300)]  # fmt: skip
    packets += stream(alaw_encoded(speech_like(4)), start_ms=9000, seq=30_000, ticks=2**27)
    track = assembled(packets)
    assert len(track.samples) <= 8 * (12_000 + EARLY_MS + LATE_MS)


@pytest.mark.parametrize("drift", [200e-6, -200e-6, 500e-6])
def test_an_hour_of_drift_stays_aligned_and_cuts_no_sound(drift):
    """The sender's clock is slow or fast; each second it speaks for 0.6 s and is quiet for the rest."""
    packets_count = 3600 * SECOND
    beat = np.tile(np.concatenate([np.full(4800, 8000), np.zeros(3200)]), 4).astype(np.int16)
    beat_payload = alaw_encoded(beat)
    payload = beat_payload * (packets_count * 160 // len(beat_payload))
    track = assembled(jittered(stream(payload, packet_ms=20 * (1 + drift)), 30))
    loud = track.samples > 4000
    onsets = np.flatnonzero(np.diff(loud.astype(np.int8)) == 1)
    lengths = np.flatnonzero(np.diff(loud.astype(np.int8)) == -1)[-len(onsets) :] - onsets
    assert set(lengths.tolist()) == {4800}
    true_ms = np.arange(1, len(onsets) + 1) * 1000 * (1 + drift)
    assert np.abs(onsets / 8 - true_ms).max() <= 25
    assert abs(len(track.samples) / 8 - packets_count * 20 * (1 + drift)) <= 25


@pytest.mark.parametrize("drift", [300e-6, -300e-6])
def test_drift_is_followed_in_pauses_of_sending(drift):
    """Twenty minutes of 0.6 s of sound, then nothing sent for 0.4 s."""
    payload = alaw_encoded(np.full(8000 * 1200, 8000, np.int16))
    packets = stream(payload, packet_ms=20 * (1 + drift))
    track = assembled(jittered([packet for at, packet in enumerate(packets) if at % 50 < 30], 30))
    loud = np.concatenate([[False], track.samples > 4000, [False]]).astype(np.int8)
    onsets, ends = np.flatnonzero(np.diff(loud) == 1), np.flatnonzero(np.diff(loud) == -1)
    assert set((ends - onsets).tolist()) == {4800}
    assert np.abs(onsets / 8 - np.arange(len(onsets)) * 1000 * (1 + drift)).max() <= 25


@pytest.mark.parametrize("drift", [1200e-6, -1200e-6])
def test_sound_without_pauses_is_kept_near_its_time(drift):
    time = np.arange(8000 * 300) / 8000
    payload = alaw_encoded((8000 * np.sin(2 * np.pi * 400 * time)).astype(np.int16))
    track = assembled(jittered(stream(payload, packet_ms=20 * (1 + drift)), 30))
    assert abs(len(track.samples) / 8 - 300_000 * (1 + drift)) <= 100


def test_little_drift_touches_nothing():
    payload = alaw_encoded(speech_like(60))
    track = assembled(jittered(stream(payload, packet_ms=20 * 1.0002), 40))
    assert np.array_equal(track.samples, alaw_decoded(payload))


@pytest.mark.parametrize("answered_ms", [4500, 5000, 5500])
def test_formats_in_effect_and_in_flight(answered_ms):
    """The codec changes at 5000; signalling says so a little before or after."""
    sound = speech_like(8)
    one, other = alaw_encoded(sound[:32_000]), ulaw_encoded(sound[32_000:])
    spans = (
        FormatSpan(0, {96: MediaFormat("PCMA", 8000)}),
        FormatSpan(answered_ms, {97: MediaFormat("PCMU", 8000)}),
    )
    second = stream(other, start_ms=5000, seq=300, rtp_timestamp=5000 + 32_000, payload_type=97)
    track = assembled(stream(one, payload_type=96) + second, spans)
    assert (track.packets, track.unknown_packets) == (400, 0)
    assert np.corrcoef(track.samples, sound)[0, 1] > 0.99


def test_codecs_that_we_lack():
    packets = stream(b"\x01" * 2000, packet_bytes=20, payload_type=18)
    spans = (FormatSpan(0, {18: MediaFormat("G729", 8000), 8: MediaFormat("PCMA", 8000)}),)
    with pytest.raises(CodecUnknown, match="G729"):
        assembled(packets, spans)
    both = assembled(packets + stream(alaw_encoded(speech_like(2)), start_ms=4000), spans)
    assert (both.packets, both.unknown_packets) == (100, 100)


def test_nothing_to_hear_is_none():
    assert assembled([]) is None
    assert assembled(stream(b"", packet_bytes=160)) is None
    events = stream(b"\x05\x0a\x00\xa0" * 9, packet_bytes=4, payload_type=101)
    assert assembled(events) is None
    assert assembled(stream(b"\x00" * 800, payload_type=77)) is None


def test_typed_errors():
    table, data = table_of(stream(alaw_encoded(speech_like(1))))
    with pytest.raises(WireMalformed):
        assemble(np.zeros(3, np.int64), data, PCMA)
    with pytest.raises(WireMalformed):
        assemble(table, data[:-1], PCMA)
    table["arrival_ms"][-1] = 2**32 - 1
    with pytest.raises(AudioTooLong):
        assemble(table, data, PCMA)
