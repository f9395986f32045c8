"""How much room each audio profile takes and how it sounds, beside what others store.

Two people who take turns (Debian's Russian and English prompts, 8 kHz; G.722 for wideband), their lines with
a little noise; then the same far from the telephone, from a street and from a crowd, and hold music. Beside
ours, on the same sound: GSM 06.10 (a file for each party, what call recorders store), MP3 as we hand it
out, and one stereo Opus stream with libopus's defaults. PESQ (PESQ-WB for wideband) and STOI are means over
windows of eight seconds in which the party speaks. Times are CPU seconds of this process, all threads added;
each is the best of several passes.

The product's planner reads `domain/profiles.py`: this bench fails when what it measures differs from that.
"""

from __future__ import annotations

import ctypes.util
import io
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from pesq import NoUtterancesError, pesq
from pystoi import stoi
from rich.console import Console
from rich.table import Table

from bench.report import report
from bench.voices import conversation, in_a_crowd, music, noisy, quiet
from fonoteka.audio.decode import open_stored
from fonoteka.audio.encode import encode_opus
from fonoteka.audio.formats import to_flac, to_mp3
from fonoteka.audio.sound import Sound
from fonoteka.domain.profiles import PROFILES
from tests import gsm

MINUTES = 5
PASSES = 3
NARROW_HZ, WIDE_HZ = 8_000, 16_000
WINDOW_S, WINDOWS = 8, 14
GSM_FILE_SHARE = 32.5 / 33  # WAV49 packs two frames into 65 bytes
Coded = bytes | list[bytes]


@dataclass(frozen=True, slots=True)
class Coder:
    """`encode` takes int16 (parties, samples) and their rate; `decode` gives the samples back."""

    encode: Callable[[np.ndarray, int], Coded]
    decode: Callable[[Coded], np.ndarray]


@dataclass(frozen=True, slots=True)
class Measured:
    """One way to store one sound. `pesq` is of each party."""

    name: str
    kilobytes_per_minute: float
    pesq: tuple[float, ...]
    stoi: float
    times_real_time: float

    @property
    def minutes_in_100_mb(self) -> float:
        return 100_000 / self.kilobytes_per_minute

    @property
    def mean_pesq(self) -> float:
        return float(np.mean(self.pesq))


def main() -> None:
    if ctypes.util.find_library("gsm") is None:
        raise SystemExit("Install libgsm1 to run this bench.")
    seconds = MINUTES * 60
    clean = conversation(seconds, NARROW_HZ, None)
    voices = conversation(seconds, NARROW_HZ)
    wideband = conversation(seconds, WIDE_HZ)
    coders = _coders()
    rows = {
        name: _measure(
            name, wideband if name == "wide" else voices, WIDE_HZ if name == "wide" else NARROW_HZ, one
        )
        for name, one in coders.items()
    }
    hard = {
        "quiet": quiet(clean, -20, -75),
        "street": noisy(voices, -35),
        "crowd": in_a_crowd(voices, -40),
        "music": music(60),
    }
    table = _table(f"{MINUTES} minutes, both parties", rows)
    figures: dict[str, float] = {}
    for name, row in rows.items():
        figures[f"{name}_kilobytes_per_minute"] = row.kilobytes_per_minute
        figures[f"{name}_pesq"] = row.mean_pesq
    for name in ("compact", "standard", "wide"):
        figures[f"{name}_times_real_time"] = rows[name].times_real_time
    figures["compact_speed_over_standard"] = (
        rows["compact"].times_real_time / rows["standard"].times_real_time
    )
    figures["compact_minutes_in_100_mb"] = rows["compact"].minutes_in_100_mb
    figures["compact_pesq_over_gsm"] = _least_ratio(rows["compact"], rows["gsm"])
    for name, sound in hard.items():
        spoken = clean if name != "music" else sound
        both = [
            _measure(f"{one}, {name}", sound, NARROW_HZ, coders[one], spoken) for one in ("compact", "gsm")
        ]
        for row in both:
            _add(table, row)
        figures[f"compact_{name}_pesq_over_gsm"] = _least_ratio(*both)
    kept = coders["lossless"].decode(coders["lossless"].encode(voices, NARROW_HZ))
    figures["lossless_samples_that_differ"] = float(np.count_nonzero(kept != voices))
    for name, profile in PROFILES.items():
        planned = profile.bytes_per_minute / 1000
        figures[f"{name}_measured_over_planned"] = rows[name].kilobytes_per_minute / planned
        if profile.pesq is not None:
            figures[f"{name}_pesq_over_planned"] = rows[name].mean_pesq / profile.pesq
    Console(width=130).print(table)
    report("profiles", figures, _goals(figures))


def _goals(figures: dict[str, float]) -> dict[str, tuple[str, float]]:
    goals = {
        "compact_kilobytes_per_minute": ("<=", 50.0),
        "compact_minutes_in_100_mb": (">=", 2_000.0),
        "compact_times_real_time": (">=", 250.0),
        "compact_speed_over_standard": (">=", 250 / 150),
        "standard_kilobytes_per_minute": ("<=", 95.0),
        "standard_pesq": (">=", 3.9),
        "standard_times_real_time": (">=", 150.0),
        "wide_kilobytes_per_minute": ("<=", 130.0),
        "lossless_samples_that_differ": ("==", 0.0),
    }
    goals |= {name: (">=", 1.0) for name in figures if name.endswith("_over_gsm")}
    # What the planner promises is never better than what was measured, and hardly worse.
    goals |= {name: ("<=", 1.005) for name in figures if name.endswith("_measured_over_planned")}
    goals |= {name: (">=", 0.995) for name in figures if name.endswith("_pesq_over_planned")}
    return goals


def _measure(
    name: str, sound: np.ndarray, rate: int, coder: Coder, speech: np.ndarray | None = None
) -> Measured:
    """Code and listen; `speech` tells where the parties speak when the sound itself does not."""
    took = float("inf")
    for _ in range(PASSES):
        start = time.process_time()
        made = coder.encode(sound, rate)
        took = min(took, time.process_time() - start)
    size_bytes = len(made) if isinstance(made, bytes) else sum(map(len, made)) * GSM_FILE_SHARE
    pesqs, stois = [], []
    heard = coder.decode(made)
    for sent, one, spoken in zip(sound, heard, sound if speech is None else speech, strict=True):
        spans = _speaking(spoken, rate)
        pesqs.append(float(np.nanmean([_pesq(rate, sent[span], one[span]) for span in spans])))
        stois += [stoi(sent[span].astype(float), one[span].astype(float), rate) for span in spans]
    minutes = sound.shape[1] / rate / 60
    return Measured(
        name, size_bytes / 1000 / minutes, tuple(pesqs), float(np.mean(stois)), 60 * minutes / took
    )


def _coders() -> dict[str, Coder]:
    def profile(name: str) -> Coder:
        return Coder(lambda sound, rate: encode_opus(sound, rate, name), _decode_stored("opus"))

    return {
        "compact": profile("compact"),
        "standard": profile("standard"),
        "wide": profile("wide"),
        "lossless": Coder(_through_a_file(to_flac), _decode_stored("flac")),
        "gsm": Coder(
            lambda sound, rate: [gsm.encoded(party) for party in sound],
            lambda files: np.stack([gsm.decoded(one) for one in files]),  # type: ignore[arg-type]
        ),
        "mp3": Coder(_through_a_file(to_mp3), _decode_mp3),
        "plain_opus": Coder(_plain_opus, _decode_plain_opus),
    }


def _decode_stored(codec: str) -> Callable[[Coded], np.ndarray]:
    return lambda data: open_stored([bytes(data)], codec).whole()  # type: ignore[arg-type]


def _through_a_file(write: Callable[[Sound, Path], None]) -> Callable[[np.ndarray, int], bytes]:
    def encode(sound: np.ndarray, rate: int) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "made"
            write(Sound.of(sound, rate), path)
            return path.read_bytes()

    return encode


def _decode_mp3(data: Coded) -> np.ndarray:
    assert isinstance(data, bytes)
    with av.open(io.BytesIO(data)) as container:
        samples = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    return _int16(samples)


def _plain_opus(sound: np.ndarray, rate: int) -> bytes:
    """One coupled stereo stream at 24 kb/s, 20 ms, as libopus does when it is told nothing else."""
    target = io.BytesIO()
    with av.open(target, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=rate, layout="stereo")
        stream.bit_rate = 24_000
        for at in range(0, sound.shape[1], 1 << 16):
            block = np.ascontiguousarray(sound[:, at : at + (1 << 16)].T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="stereo")
            frame.sample_rate, frame.pts = rate, at
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


def _decode_plain_opus(data: Coded) -> np.ndarray:
    assert isinstance(data, bytes)
    return open_stored([data], "opus").whole()


def _int16(samples: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)


def _speaking(party: np.ndarray, rate: int) -> list[slice]:
    """The windows with the most speech, at most `WINDOWS`."""
    window = WINDOW_S * rate
    spans = [slice(at, at + window) for at in range(0, len(party) - window + 1, window)]
    loud = np.abs(party.astype(np.int32)) > np.abs(party.astype(np.int32)).max() / 40
    shares = [float(loud[span].mean()) for span in spans]
    return [spans[at] for at in np.argsort(shares)[::-1][:WINDOWS] if shares[at] > 0.05]


def _pesq(rate: int, sent: np.ndarray, heard: np.ndarray) -> float:
    try:
        return float(pesq(rate, sent, heard, "wb" if rate == WIDE_HZ else "nb"))
    except NoUtterancesError:
        return float("nan")  # PESQ hears no speech in some music


def _least_ratio(ours: Measured, theirs: Measured) -> float:
    return min(one / other for one, other in zip(ours.pesq, theirs.pesq, strict=True))


def _table(title: str, rows: dict[str, Measured]) -> Table:
    table = Table(
        "profile",
        "kB/min",
        "min in 100 MB",
        "h in 50 GB",
        "h in 100 GB",
        "PESQ",
        "STOI",
        "× real time",
        title=title,
    )
    for row in rows.values():
        _add(table, row)
    return table


def _add(table: Table, row: Measured) -> None:
    hours_per_gb = 1e6 / row.kilobytes_per_minute / 60
    table.add_row(
        row.name,
        f"{row.kilobytes_per_minute:.1f}",
        f"{row.minutes_in_100_mb:,.0f}",
        f"{50 * hours_per_gb:,.0f}",
        f"{100 * hours_per_gb:,.0f}",
        " / ".join(f"{one:.2f}" for one in row.pesq),
        f"{row.stoi:.3f}",
        f"{row.times_real_time:,.0f}",
    )


if __name__ == "__main__":
    main()
