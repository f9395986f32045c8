"""Human voices for benches: Debian's prompts of Asterisk, Russian and English, as two parties of a call."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import av
import numpy as np

_SOUNDS = Path("/usr/share/asterisk/sounds")
_MUSIC = Path("/usr/share/asterisk/moh")
_PACKAGES = "asterisk-core-sounds-{ru,en}-{wav,g722} asterisk-moh-opsound-wav"
_SHORTEST_S = 1.0
_SUFFIXES = {8_000: "wav", 16_000: "g722"}
_FULL_SCALE = 32_768


def conversation(seconds: int, sample_rate_hz: int, noise_db: float | None = -62.0) -> np.ndarray:
    """Two people who take turns, int16 of shape (2, samples), 8 or 16 kHz, over lines with a little noise.

    Each turn is a few sentences; the next begins up to a second later or, one in four, a little too early.
    """
    chosen = np.random.default_rng(2)
    parties = [cycle(_clips(language, sample_rate_hz)) for language in ("ru", "en")]
    channels = np.zeros((2, seconds * sample_rate_hz))
    at, turn = 0, 0
    while at < channels.shape[1]:
        sentences = [next(parties[turn]) for _ in range(chosen.integers(1, 4))]
        said = np.concatenate(sentences)[: channels.shape[1] - at]
        channels[turn, at : at + len(said)] += said
        pause_s = -chosen.uniform(0, 0.6) if chosen.random() < 0.25 else chosen.uniform(0.2, 1.0)
        at = max(0, at + len(said) + round(pause_s * sample_rate_hz))
        turn = 1 - turn
    return _with_noise(channels, noise_db)


def quiet(channels: np.ndarray, by_db: float, noise_db: float) -> np.ndarray:
    """The same people far from the telephone, over a better line."""
    return _with_noise(channels * 10 ** (by_db / 20), noise_db)


def noisy(channels: np.ndarray, level_db: float) -> np.ndarray:
    """The same call from a street: noise that falls off by 3 dB an octave, as traffic does."""
    chosen = np.random.default_rng(5)
    spectrum = np.fft.rfft(chosen.normal(0, 1, channels.shape))
    spectrum /= np.sqrt(np.arange(spectrum.shape[1]) + 1)
    noise = np.fft.irfft(spectrum, channels.shape[1])
    return _int16(channels + noise / noise.std() * _FULL_SCALE * 10 ** (level_db / 20))


def in_a_crowd(channels: np.ndarray, level_db: float) -> np.ndarray:
    """The same call from a room where eight others talk."""
    chosen = np.random.default_rng(6)
    voices = np.concatenate(_clips("en", 8_000)[100:220]).astype(float)
    turned = [np.roll(voices, at)[: channels.shape[1]] for at in chosen.integers(0, len(voices), 8)]
    crowd = np.sum([np.resize(one, channels.shape[1]) for one in turned], axis=0)
    return _int16(channels + crowd / crowd.std() * _FULL_SCALE * 10 ** (level_db / 20))


def music(seconds: int) -> np.ndarray:
    """Hold music on both channels, int16 of 8 kHz."""
    paths = sorted(_MUSIC.glob("*.wav"))[:2]
    if len(paths) < 2:
        raise SystemExit(f"Install {_PACKAGES} to run this bench.")
    return np.stack([_read(path)[: seconds * 8_000] for path in paths])


def _clips(language: str, sample_rate_hz: int) -> list[np.ndarray]:
    paths = sorted(_SOUNDS.glob(f"{language}_*/*.{_SUFFIXES[sample_rate_hz]}"))
    if not paths:
        raise SystemExit(f"Install {_PACKAGES} to run this bench.")
    spoken = (path for path in paths if not {"beep", "beeperr", "ascending-2tone"} & {path.stem})
    return [clip for clip in map(_read, spoken) if len(clip) > _SHORTEST_S * sample_rate_hz]


def _read(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray().ravel() for frame in container.decode(audio=0)]
    return np.concatenate(frames) if frames else np.zeros(0, np.int16)


def _with_noise(channels: np.ndarray, level_db: float | None) -> np.ndarray:
    if level_db is None:
        return _int16(channels)
    noise = np.random.default_rng(7).normal(0, _FULL_SCALE * 10 ** (level_db / 20), channels.shape)
    return _int16(channels + noise)


def _int16(channels: np.ndarray) -> np.ndarray:
    return np.clip(channels, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
