"""What is drawn of a recording."""

from __future__ import annotations

import numpy as np

from fonoteka.audio.peaks import peaks, strip
from fonoteka.domain.recording import STRIP_COLUMNS
from tests.audio.signals import speech_like


def test_an_interval_shows_its_largest_amplitude():
    channels = np.zeros((2, 8000), np.int16)
    channels[0, 401], channels[0, 7999], channels[1, 0] = 16_384, -32_768, 1
    drawn = peaks(channels, 8000)
    assert (drawn.shape, drawn.dtype) == ((2, 20), np.uint8)
    assert drawn[0].tolist() == [0, 128] + [0] * 17 + [255]
    assert drawn[1].tolist() == [1] + [0] * 19


def test_a_part_of_an_interval_counts():
    assert peaks(np.full((1, 401), 32_767, np.int16), 8000).tolist() == [[255, 255]]
    assert peaks(np.zeros((2, 0), np.int16), 8000).shape == (2, 0)
    assert peaks(np.full((1, 160), 300, np.int16), 16_000, interval_ms=10).shape == (1, 1)


def test_strip_tells_speech_from_silence():
    sound = np.concatenate([np.zeros(80_000, np.int16), speech_like(10)])
    drawn = strip(peaks(np.stack([sound, sound[::-1]]), 8000))
    assert [len(track) for track in drawn.tracks] == [STRIP_COLUMNS] * 2
    first, second = drawn.tracks
    assert max(first[:22]) == 0
    assert np.mean(first[23:]) > 5
    assert max(second[24:]) == 0


def test_strips_of_short_recordings():
    for intervals in (0, 1, 44, 46):
        drawn = strip(np.full((1, intervals), 255, np.uint8))
        assert drawn.tracks == ((15 if intervals else 0,) * STRIP_COLUMNS,)
