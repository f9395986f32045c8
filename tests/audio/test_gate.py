"""The compact profile: half the bytes where people take turns, and never worse than GSM where they do not."""

from __future__ import annotations

import numpy as np
import pytest
from pesq import pesq

from fonoteka.audio.decode import decode_opus
from fonoteka.audio.encode import encode_opus
from fonoteka.audio.gate import gate
from fonoteka.audio.ogg import read_packets
from tests import gsm
from tests.speech import conversation, human_conversation

RATE = 8000
FRAME_MS = 60
LEAD = 52


@pytest.fixture(scope="module")
def call():
    human = human_conversation()
    return conversation() if human is None else human


def with_noise(channels, level_db, seed=3):
    """Noise that falls off by 3 dB an octave."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(0, 1, channels.shape))
    noise = np.fft.irfft(spectrum / np.sqrt(np.arange(spectrum.shape[1]) + 1), channels.shape[1])
    return clipped(channels + noise / noise.std() * 32768 * 10 ** (level_db / 20))


def clipped(samples):
    return np.clip(samples, -32768, 32767).astype(np.int16)


def hold_music(seconds):
    """Chords that swell and fade, never to silence."""
    time = np.arange(seconds * RATE) / RATE
    roots = np.array([220, 196, 175, 247])[(time / 2).astype(int) % 4]
    chord = sum(np.sin(2 * np.pi * np.cumsum(roots * ratio) / RATE) for ratio in (1, 1.25, 1.5, 4.01))
    return (chord * (0.4 + 0.3 * np.sin(2 * np.pi * 0.5 * time)) * 4000).astype(np.int16)


def scores(sent, heard, spoken):
    window = 6 * RATE
    spans = [slice(at, at + window) for at in range(0, len(sent) - window + 1, window)]
    spans = [span for span in spans if np.mean(np.abs(spoken[span]) > 500) > 0.2]
    assert spans
    return np.mean([pesq(RATE, sent[span], heard[span], "nb") for span in spans])


def silent_frames(stored):
    """The share of packets in which no party has a byte."""
    packets, _ = read_packets(stored)
    return np.mean([len(packet) <= 3 for packet in packets[2:]])


CONDITIONS = {
    "a quiet line": lambda call: call,
    "a quiet talker": lambda call: clipped(call * 0.1),
    "a quiet talker on a noisy line": lambda call: with_noise(clipped(call * 0.1), -62),
    "an office": lambda call: with_noise(call, -50),
    "a street": lambda call: with_noise(call, -35),
}


@pytest.mark.needs_library("gsm", "libgsm1")
@pytest.mark.parametrize("condition", CONDITIONS)
def test_speech_is_never_worse_than_gsm(call, condition):
    sent = CONDITIONS[condition](call)
    heard, _ = decode_opus(encode_opus(sent, RATE, "compact"))
    assert heard.shape == sent.shape
    for party, one, spoken in zip(sent, heard, call, strict=True):
        assert scores(party, one, spoken) >= scores(party, gsm.coded(party), spoken)


def test_who_listens_costs_nothing(call):
    silence = with_noise(np.zeros_like(call), -62)
    assert len(encode_opus(silence, RATE, "compact")) / (call.shape[1] / RATE / 60) < 4_000
    stored = encode_opus(call, RATE, "compact")
    assert len(stored) < 0.62 * len(encode_opus(call, RATE, "standard"))
    assert silent_frames(stored) > 0.02


def test_silence_between_words_is_silent(call):
    """No bang, no hiss: what lies between is not louder than the line."""
    heard, _ = decode_opus(encode_opus(call, RATE, "compact"))
    for sent, one in zip(call, heard, strict=True):
        quiet = np.repeat(np.abs(sent[: len(sent) // 800 * 800]).reshape(-1, 800).max(axis=1) < 60, 800)
        quiet &= np.roll(quiet, 1600) & np.roll(quiet, -1600)
        assert quiet.any()
        assert np.abs(one[: len(quiet)][quiet]).max() < 200


@pytest.mark.parametrize("name", ["noise", "music", "speech without a pause"])
def test_where_there_is_no_silence_all_is_coded_and_better(call, name):
    without_a_pause = np.concatenate(
        [block for block in np.split(call[0][:80_000], 1000) if np.ptp(block) > 600]
    )
    steady = {
        "noise": with_noise(np.zeros((1, 30 * RATE)), -40)[0],
        "music": hold_music(30),
        "speech without a pause": np.resize(without_a_pause, 30 * RATE),
    }[name]
    found = gate(steady, RATE, FRAME_MS, LEAD)
    assert found.is_open.mean() > 0.99
    assert found.is_hard.mean() > 0.99


def test_music_in_mid_call_is_told_from_speech(call):
    speech = np.resize(call[1], 60 * RATE)
    mixed = np.concatenate([speech, hold_music(40), speech])
    found = gate(mixed, RATE, FRAME_MS, LEAD)
    seconds = np.arange(len(found.is_hard)) * FRAME_MS / 1000
    music = (seconds > 65) & (seconds < 95)
    talk = (seconds < 50) | (seconds > 110)
    assert found.is_hard[music].all()
    assert found.is_open[music].all()
    assert (found.is_hard & found.is_open)[talk].mean() < 0.2
    assert found.is_open[talk].mean() < 0.8


@pytest.mark.parametrize("samples", [1, 52, 428, 429, 480, 8001, 80_011])
def test_compact_has_the_exact_length(call, samples):
    sent = call[:, :samples]
    heard, rate = decode_opus(encode_opus(sent, RATE, "compact"))
    assert (heard.shape, rate) == (sent.shape, RATE)


def test_wideband_sound_is_kept_as_telephone_sound():
    heard, rate = decode_opus(encode_opus(conversation(16_000), 16_000, "compact"))
    assert rate == RATE
    assert heard.shape[1] == -(-conversation(16_000).shape[1] // 2)


def test_direct_current_is_no_sound(call):
    lifted = np.zeros((1, 20 * RATE), np.int16) + np.int16(900)
    assert not gate(lifted[0], RATE, FRAME_MS, LEAD).is_open[3:-3].any()
