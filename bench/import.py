# ruff: noqa: N999 - the bench has the name of what it measures; it is run, never imported
"""How fast a sound file of others becomes a stored recording: decode, encode, peaks, on one core.

Calls of two parties who speak in turns, as files of several kinds. Beside it, in the same run: PyAV alone
decoding the same file and forgetting it, which is the least that reading can cost. Times are CPU seconds of
this process, all threads added; each is the best of several passes, taken in turn. Memory: a WAV of two
gigabytes (sparse, so it costs no disk) is decoded in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

from bench.cpu import call_lasting, cpu_seconds
from bench.report import report
from fonoteka.audio.encode import encode_opus
from fonoteka.audio.peaks import peaks, strip
from fonoteka.audio.sound_file import SoundFile, read_sound_file
from fonoteka.domain.profiles import DEFAULT_PROFILE, PROFILES

MINUTES = 5
PASSES = 3
RATE_HZ = 8_000
LARGE_BYTES = 2_000_000_000
KINDS = {
    "wav_8k": ("pcm_s16le", "wav", RATE_HZ, "s16"),
    "wav_48k": ("pcm_s16le", "wav", 48_000, "s16"),
    "mp3_44k": ("libmp3lame", "mp3", 44_100, "fltp"),
}
MEMORY = """
import resource, sys
from pathlib import Path
from fonoteka.audio.sound_file import read_sound_file
read_sound_file(Path(sys.argv[1]), [0, 1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = read_sound_file(Path(sys.argv[2]), [0, 1])
grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
print(grown / found.channels.nbytes, found.channels.shape[1] / found.sample_rate_hz / 3600)
"""


def main() -> None:
    sound = call_lasting(MINUTES * 60)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {kind: _write(folder, kind, sound) for kind in KINDS}
        tasks: dict[str, Callable[[], object]] = {}
        for kind, path in files.items():
            tasks[f"whole_{kind}"] = lambda path=path: _whole(path, DEFAULT_PROFILE)
            tasks[f"read_{kind}"] = lambda path=path: _read(path, DEFAULT_PROFILE)
            tasks[f"bare_{kind}"] = lambda path=path: _bare(path)
        tasks["wide"] = lambda: _whole(files["wav_48k"], "wide")
        took = cpu_seconds(tasks, PASSES)
        grown, hours = _memory(folder, files["wav_8k"])
    figures: dict[str, float] = {}
    for kind in KINDS:
        figures[f"import_{kind}_times_real_time"] = MINUTES * 60 / took[f"whole_{kind}"]
        figures[f"read_{kind}_times_real_time"] = MINUTES * 60 / took[f"read_{kind}"]
        figures[f"bare_pyav_{kind}_times_real_time"] = MINUTES * 60 / took[f"bare_{kind}"]
        figures[f"read_{kind}_over_bare_pyav"] = took[f"read_{kind}"] / took[f"bare_{kind}"]
    figures |= {"memory_over_samples_2_gb": grown, "hours_of_2_gb": hours}
    figures["import_wav_48k_as_wide_times_real_time"] = MINUTES * 60 / took["wide"]
    # Twice the samples to encode cost twice the time, so what is kept as wideband has no goal of its own.
    goals = {
        **{f"import_{kind}_times_real_time": (">=", 100.0) for kind in KINDS},
        "read_wav_8k_over_bare_pyav": ("<=", 8.0),
        "memory_over_samples_2_gb": ("<=", 1.15),
    }
    report(
        "import",
        figures,
        goals,
        {
            "import_wav_8k_times_real_time": "seconds of call per CPU second: decode, encode, peaks",
            "read_wav_8k_times_real_time": "decoded to 8 or 16 kHz, both channels",
            "bare_pyav_wav_8k_times_real_time": "PyAV decodes and forgets",
            "memory_over_samples_2_gb": "growth of memory over what the samples take (int16)",
        },
    )


def _write(folder: Path, kind: str, sound: np.ndarray) -> Path:
    codec, container_format, rate, sample_format = KINDS[kind]
    path = folder / f"{kind}.{container_format}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout, stream.format = "stereo", sample_format
        converter = av.AudioResampler(sample_format, "stereo", rate, stream.codec_context.frame_size or 4096)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound.T).reshape(1, -1), format="s16", layout="stereo"
        )
        frame.sample_rate = RATE_HZ
        for one in [*converter.resample(frame), *converter.resample(None)]:
            container.mux(stream.encode(one))
        container.mux(stream.encode(None))
    return path


def _read(path: Path, profile: str) -> SoundFile:
    return read_sound_file(path, [0, 1], PROFILES[profile].sample_rate_hz_max)


def _whole(path: Path, profile: str) -> None:
    found = _read(path, profile)
    encode_opus(found.channels, found.sample_rate_hz, profile)
    strip(peaks(found.channels, found.sample_rate_hz))


def _bare(path: Path) -> None:
    with av.open(str(path)) as container:
        container.streams.audio[0].codec_context.thread_count = 1
        for _ in container.decode(audio=0):
            pass


def _memory(folder: Path, small: Path) -> tuple[float, float]:
    large = folder / "large.wav"
    with wave.open(str(large), "wb") as header:
        header.setnchannels(2)
        header.setsampwidth(2)
        header.setframerate(RATE_HZ)
        header.setnframes(LARGE_BYTES // 4)
        header.writeframes(b"")
    header_bytes = large.read_bytes()[:40] + (LARGE_BYTES - 44).to_bytes(4, "little")
    with large.open("r+b") as file:
        file.write(header_bytes)
        file.truncate(LARGE_BYTES)
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(small), str(large)], capture_output=True, text=True, check=True
    )
    grown, hours = map(float, done.stdout.split())
    return grown, hours


if __name__ == "__main__":
    main()
