"""How fast a sealed recording becomes its stored file: assemble, lay out, encode, peaks, on one core.

A ten-minute call of two parties who speak in turns over a network with 1 % loss, jitter and duplicates,
A-law in 20 ms packets. Beside it, in the same run: libopus alone over the same samples (PyAV, one mono
encoder a party, the same settings, no file), which is the least that encoding can cost. Times are CPU
seconds of this process, all threads added; each is the best of several passes, taken in turn.
"""

from __future__ import annotations

import av
import numpy as np
from pesq import pesq

from bench.cpu import call_lasting, cpu_seconds
from bench.report import report
from fonoteka.audio.decode import decode_opus
from fonoteka.audio.encode import encode_opus
from fonoteka.audio.mixdown import lay_out
from fonoteka.audio.party_encoder import CODINGS, FRAME_MS
from fonoteka.audio.peaks import peaks, strip
from fonoteka.audio.timeline import AssembledTrack, assemble
from tests.audio.signals import alaw_encoded
from tests.rtp_tables import PCMA, Packet, stream, table_of

MINUTES = 10
PASSES = 5
RATE_HZ = 8_000


def main() -> None:
    sound = call_lasting(MINUTES * 60)
    tables = [table_of(_over_a_network(alaw_encoded(party), seed)) for seed, party in enumerate(sound)]
    laid_out = lay_out(_assemble_all(tables))

    def whole() -> None:
        channels = lay_out(_assemble_all(tables)).channels
        encode_opus(channels, RATE_HZ)
        strip(peaks(channels, RATE_HZ))

    stored = encode_opus(laid_out.channels, RATE_HZ)
    took = cpu_seconds(
        {
            "whole": whole,
            "bare": lambda: _bare_libopus(laid_out.channels),
            "assemble": lambda: _assemble_all(tables),
            "peaks": lambda: strip(peaks(laid_out.channels, RATE_HZ)),
            "decode": lambda: decode_opus(stored),
        },
        PASSES,
    )
    seconds = MINUTES * 60
    figures = {
        "assemble_encode_times_real_time": seconds / took["whole"],
        "bare_libopus_times_real_time": seconds / took["bare"],
        "whole_over_bare_libopus": took["whole"] / took["bare"],
        "assemble_times_real_time": seconds / took["assemble"],
        "peaks_times_real_time": seconds / took["peaks"],
        "decode_times_real_time": seconds / took["decode"],
        "kilobytes_per_minute": len(stored) / 1000 / MINUTES,
        "pesq_worse_party": _worse_pesq(laid_out.channels, stored),
    }
    goals = {
        "assemble_encode_times_real_time": (">=", 150.0),
        "whole_over_bare_libopus": ("<=", 1.15),
        "pesq_worse_party": (">=", 3.5),
    }
    report(
        "encode",
        figures,
        goals,
        {
            "assemble_encode_times_real_time": "seconds of call (both parties) per CPU second, whole pass",
            "bare_libopus_times_real_time": "libopus over the same samples, nothing else",
            "pesq_worse_party": "stored file against the assembled samples, first minute",
        },
    )


def _over_a_network(payload: bytes, seed: int) -> list[Packet]:
    chosen = np.random.default_rng(seed)
    packets = [packet for packet in stream(payload, ssrc=seed) if chosen.random() >= 0.01]
    doubled = packets + packets[::1000]
    return [
        packet.later(delay)
        for packet, delay in zip(doubled, chosen.uniform(0, 30, len(doubled)), strict=True)
    ]


def _assemble_all(tables: list[tuple[np.ndarray, bytes]]) -> list[AssembledTrack]:
    tracks = [assemble(table, data, PCMA) for table, data in tables]
    return [track for track in tracks if track is not None]


def _bare_libopus(channels: np.ndarray) -> None:
    """What PyAV needs for the same frames when it is only asked to encode."""
    coding = CODINGS["standard"]
    for samples in channels:
        context = av.CodecContext.create("libopus", "w")
        context.sample_rate, context.layout, context.format = RATE_HZ, "mono", "s16"
        context.bit_rate = coding.bit_rate
        context.options = {
            "application": "voip",
            "frame_duration": str(FRAME_MS),
            "vbr": "on",
            "compression_level": str(coding.complexity),
        }
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE_HZ, 0
        context.encode(frame)
        context.encode(None)


def _worse_pesq(channels: np.ndarray, stored: bytes) -> float:
    decoded, _ = decode_opus(stored)
    window = 8 * RATE_HZ
    scores = []
    for sent, heard in zip(channels, decoded, strict=True):
        spans = [slice(at, at + window) for at in range(0, 60 * RATE_HZ - window, window)]
        active = [span for span in spans if np.abs(sent[span]).max() > 1000]
        scores.append(np.mean([pesq(RATE_HZ, sent[span], heard[span], "nb") for span in active]))
    return float(min(scores))


if __name__ == "__main__":
    main()
