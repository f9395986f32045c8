"""Tracks side by side."""

from __future__ import annotations

import numpy as np
import pytest

from fonoteka.audio.mixdown import lay_out
from fonoteka.audio.resample import Resampler, resample
from fonoteka.audio.timeline import AssembledTrack
from fonoteka.domain.errors import AudioTooLong, RecordingSilent
from tests.audio.signals import speech_like


def track(samples, start_ms, rate=8000):
    return AssembledTrack(np.asarray(samples, np.int16), rate, start_ms, 1, 0, 0, 0, 0, "PCMA")


def test_two_tracks_on_one_clock():
    one, other = speech_like(3), speech_like(2)
    laid_out = lay_out([track(one, 700), track(other, 200)])
    assert (laid_out.start_ms, laid_out.sample_rate_hz, laid_out.channels.shape) == (200, 8000, (2, 28_000))
    assert np.array_equal(laid_out.channels[0, 4000:], one)
    assert np.array_equal(laid_out.channels[1, :16_000], other)
    assert not laid_out.channels[0, :4000].any()
    assert not laid_out.channels[1, 16_000:].any()


def test_one_track():
    assert lay_out([track([1, 2], -30)]).channels.tolist() == [[1, 2]]


def test_more_than_two_are_added_to_the_second_with_saturation():
    loud = np.full(80, 30_000)
    laid_out = lay_out([track(np.ones(160), 0), track(loud, 0), track(loud, 5), track(-loud, 10)])
    second = laid_out.channels[1].tolist()
    assert laid_out.channels.shape == (2, 160)
    assert (second[0], second[50], second[100], second[159]) == (30_000, 32_767, 0, -30_000)


def test_rates_meet_at_the_highest():
    time = np.arange(16_000) / 16_000
    tone = 8000 * np.sin(2 * np.pi * 700 * time)
    laid_out = lay_out([track(tone[::2], 0), track(tone, 0, rate=16_000)])
    assert (laid_out.sample_rate_hz, laid_out.channels.shape) == (16_000, (2, 16_000))
    difference = laid_out.channels[0].astype(int) - laid_out.channels[1]
    assert np.abs(difference[200:-200]).max() <= 10


def test_nothing_and_too_much():
    with pytest.raises(RecordingSilent):
        lay_out([])
    with pytest.raises(AudioTooLong):
        lay_out([track([1], 0), track([1], 2**31)])


@pytest.mark.parametrize(
    ("from_hz", "to_hz"), [(48_000, 8_000), (48_000, 16_000), (8_000, 16_000), (16_000, 8_000)]
)
def test_resampling_keeps_what_fits_and_removes_the_rest(from_hz, to_hz):
    time = np.arange(from_hz) / from_hz
    kept = 8000 * np.sin(2 * np.pi * 1000 * time)
    converted = resample(kept.astype(np.int16), from_hz, to_hz)
    ideal = 8000 * np.sin(2 * np.pi * 1000 * np.arange(to_hz) / to_hz)
    assert len(converted) == to_hz
    assert np.abs(converted - ideal)[200:-200].max() < 8
    if to_hz < from_hz:
        above = 8000 * np.sin(2 * np.pi * (to_hz / 2 * 1.15) * time)
        assert np.abs(resample(above.astype(np.int16), from_hz, to_hz))[200:-200].max() < 8


def test_a_stream_is_resampled_as_a_whole_would_be():
    sound = speech_like(2, 48_000)
    resampler = Resampler(48_000, 16_000)
    pieces = [resampler.push(piece) for piece in np.split(sound, [960, 2880, 2880, 48_000])]
    whole = resample(sound, 48_000, 16_000)
    streamed = np.concatenate(pieces)[resampler.delay :]
    # A sum of floats depends on its order: now and then one is rounded the other way.
    assert np.abs(streamed.astype(int) - whole[: -resampler.delay]).max() <= 1
    with pytest.raises(ValueError, match="multiple"):
        resampler.push(sound[:100])


def test_rates_that_are_not_those_of_telephony_are_refused():
    with pytest.raises(ValueError, match="ratio"):
        resample(np.zeros(22_050, np.int16), 22_050, 8_000)
