"""Who is heard when, in conversations whose truth is known because they are made of it."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from fonoteka.audio.frames import FRAME, FRAME_MS, PIECE_FRAMES, pieces
from fonoteka.audio.hearing import Heard, hear
from fonoteka.audio.silero import Silero, silero_file
from fonoteka.audio.sound import Sound
from fonoteka.audio.voice_activity import Detector
from fonoteka.domain.spans import Span, total_ms
from fonoteka.domain.talk import measure
from tests.voices import RATE_HZ, voice

MUSIC = Path("/usr/share/asterisk/moh")
TURNS = ((Span(1_000, 9_000), Span(22_000, 27_000)), (Span(10_000, 18_000), Span(24_000, 32_000)))
"""Both speak from 24 to 27 s."""
SECONDS = 34


@pytest.fixture(params=["energy", "silero"])
def detector(request: pytest.FixtureRequest) -> Detector | None:
    if request.param == "energy":
        return None
    path = silero_file()
    assert path is not None, "the extra `speech` is not installed"
    return Silero(path)


def fluent(language: str) -> np.ndarray:
    """A human voice whose pauses are cut out, so that it speaks all the time."""
    samples = voice(language, 70)
    blocks = samples[: len(samples) // 800 * 800].reshape(-1, 800)
    return blocks[np.abs(blocks).max(axis=1) > 1500].ravel()


def conversation(turns: tuple[tuple[Span, ...], ...] = TURNS, seconds: int = SECONDS) -> np.ndarray:
    channels = np.zeros((2, seconds * RATE_HZ), np.int16)
    for channel, language, spans in zip(channels, ("ru", "en"), turns, strict=True):
        samples = fluent(language)
        for one in spans:
            channel[one.since_ms * 8 : one.until_ms * 8] = samples[: one.length_ms * 8]
            samples = samples[one.length_ms * 8 :]
    return channels


def listen(channels: np.ndarray, detector: Detector | None = None) -> Heard:
    return hear(Sound.of(channels.astype(np.int16), RATE_HZ), detector)


def music(seconds: float) -> np.ndarray:
    """A piece of the music that Debian's Asterisk plays on hold, or chords where that is not installed."""
    path = MUSIC / "reno_project-system.wav"
    if path.exists():
        with wave.open(str(path)) as file:
            return np.frombuffer(file.readframes(int(seconds * RATE_HZ)), np.int16)
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    notes = 220 * 2 ** (np.array([0, 4, 7, 12])[:, None] / 12) * 2 ** ((at // 0.5 % 5) / 12)
    return (1500 * np.sin(2 * np.pi * np.cumsum(notes, axis=1) / RATE_HZ).sum(axis=0)).astype(np.int16)


def test_who_speaks_when(detector: Detector | None) -> None:
    heard = listen(conversation(), detector)
    figures = measure(heard.duration_ms, heard.speech)
    for party, spans in zip(figures.parties, TURNS, strict=True):
        assert party.spoken_ms == pytest.approx(total_ms(spans), rel=0.08)
    assert figures.crosstalk_ms == pytest.approx(3_000, abs=700)
    assert figures.longest_silence is not None
    assert figures.longest_silence.since_ms == pytest.approx(18_000, abs=400)
    assert figures.parties[1].interruptions == (pytest.approx(24_000, abs=300),)
    assert figures.parties[0].interruptions == ()
    assert figures.parties[1].response_ms == pytest.approx(1_000, abs=300)
    assert heard.music == ((), ())


def test_an_echo_of_the_other_is_nobody(detector: Detector | None) -> None:
    clean = conversation()
    delay = RATE_HZ // 20
    echoed = clean + 0.1 * np.roll(clean[::-1], delay, axis=1)  # -20 dB
    figures = [
        measure(heard.duration_ms, heard.speech)
        for heard in (listen(clean, detector), listen(np.clip(echoed, -32768, 32767), detector))
    ]
    crosstalk = [one.crosstalk_ms for one in figures]
    assert crosstalk[1] == pytest.approx(crosstalk[0], abs=900)
    for before, after in zip(*(one.parties for one in figures), strict=True):
        assert after.spoken_ms == pytest.approx(before.spoken_ms, rel=0.1)


def test_hold_music_is_a_hold_and_no_speech(detector: Detector | None) -> None:
    channels = conversation((TURNS[0], TURNS[1][:1]), 60)
    channels[1, 32 * RATE_HZ : 52 * RATE_HZ] = music(20)
    heard = listen(channels, detector)
    (span,) = heard.music[1]
    assert span.since_ms == pytest.approx(32_000, abs=2_500)
    assert span.until_ms == pytest.approx(52_000, abs=2_500)
    assert heard.music[0] == ()
    figures = measure(heard.duration_ms, heard.speech, heard.music[1])
    assert figures.parties[1].spoken_ms == pytest.approx(8_000, rel=0.15)


def test_a_ringing_tone_is_nobody(detector: Detector | None) -> None:
    at = np.arange(20 * RATE_HZ) / RATE_HZ
    ringing = np.where(at % 5 < 1, 6000 * np.sin(2 * np.pi * 425 * at), 0)
    heard = listen(np.stack([ringing, np.zeros_like(ringing)]), detector)
    assert total_ms(heard.speech[0]) <= 200


def test_noise_takes_nobody_for_a_speaker(detector: Detector | None) -> None:
    chosen = np.random.default_rng(1)
    noisy = conversation() + chosen.normal(0, 150, (2, SECONDS * RATE_HZ))
    heard = listen(np.clip(noisy, -32768, 32767), detector)
    for spans, turns in zip(heard.speech, TURNS, strict=True):
        assert total_ms(spans) == pytest.approx(total_ms(turns), rel=0.15)


@pytest.mark.parametrize("samples", [0, 1, 2_400])
def test_nothing_to_hear(detector: Detector | None, samples: int) -> None:
    heard = listen(np.zeros((2, samples), np.int16), detector)
    assert heard.speech == heard.music == ((), ())
    assert heard.duration_ms == -(-samples // FRAME) * FRAME_MS


def test_pieces_join_without_a_seam(detector: Detector | None) -> None:
    """What lies over the border of two pieces is heard as anywhere else; one channel is enough."""
    border_ms = PIECE_FRAMES * FRAME_MS
    silence = np.zeros(border_ms * 8 - 4 * RATE_HZ, np.int16)
    heard = listen(np.concatenate([silence, fluent("ru")[: 8 * RATE_HZ]])[None], detector)
    (spans,) = heard.speech
    assert spans[0].since_ms == pytest.approx(border_ms - 4_000, abs=200)
    assert total_ms(spans) == pytest.approx(8_000, rel=0.1)
    assert any(one.since_ms < border_ms - 500 and one.until_ms > border_ms + 500 for one in spans)


def test_memory_is_that_of_a_piece() -> None:
    """Hours come in pieces of a few minutes, whatever the size of the blocks."""
    blocks = (np.zeros((2, 70_000), np.int16) for _ in range(100))
    found = [piece.shape[1] // FRAME for piece in pieces(Sound(2, RATE_HZ, blocks))]
    assert max(found) < PIECE_FRAMES + 100
    assert sum(found) - 32 * len(found) == -(-7_000_000 // FRAME)
