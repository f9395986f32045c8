"""Signals for the tests of this room; G.711 both ways by ffmpeg, not by the code under test."""

from __future__ import annotations

import av
import numpy as np


def speech_like(seconds: float, sample_rate_hz: int = 8000) -> np.ndarray:
    """Syllables of a few tones with pauses between them: never twice the same, and never quite silent."""
    count = round(seconds * sample_rate_hz)
    time = np.arange(count) / sample_rate_hz
    tone = np.sin(2 * np.pi * (180 + 20 * np.sin(time)) * time) + 0.5 * np.sin(2 * np.pi * 733 * time)
    syllables = np.clip(np.sin(2 * np.pi * 2.3 * time), 0, 1) * (np.sin(2 * np.pi * 0.21 * time) > -0.6)
    noise = np.random.default_rng(5).normal(0, 30, count)
    return (tone * syllables * 6000 + noise).astype(np.int16)


def alaw_encoded(samples: np.ndarray) -> bytes:
    return _coded("pcm_alaw", samples)


def ulaw_encoded(samples: np.ndarray) -> bytes:
    return _coded("pcm_mulaw", samples)


def alaw_decoded(payload: bytes) -> np.ndarray:
    context = av.CodecContext.create("pcm_alaw", "r")
    context.sample_rate, context.layout = 8000, "mono"
    parts = [frame.to_ndarray().ravel() for frame in context.decode(av.Packet(payload))]
    return np.concatenate(parts).copy()


def encoded_packets(
    codec: str, samples: np.ndarray, sample_rate_hz: int, packet_samples: int, options: dict[str, str]
) -> list[bytes]:
    """Packets of a codec with frames (`libopus`, `g722`)."""
    context = av.CodecContext.create(codec, "w")
    context.sample_rate, context.layout, context.format = sample_rate_hz, "mono", "s16"
    context.bit_rate = 32_000 if codec == "libopus" else 64_000
    context.options = options
    packets: list[bytes] = []
    for at in range(0, len(samples) - packet_samples + 1, packet_samples):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples[None, at : at + packet_samples]), format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts = sample_rate_hz, at
        packets += [bytes(packet) for packet in context.encode(frame)]
    return packets


def _coded(codec: str, samples: np.ndarray) -> bytes:
    context = av.CodecContext.create(codec, "w")
    context.sample_rate, context.layout, context.format = 8000, "mono", "s16"
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None]), format="s16", layout="mono")
    frame.sample_rate, frame.pts = 8000, 0
    return b"".join(bytes(packet) for packet in context.encode(frame))
