"""A ZIP of many calls: how fast it comes, and that their number takes no memory.

    python -m bench.downloads            # 100,000 calls in the second pass
    python -m bench.downloads 10000

First 256 calls of 1 MB each in a local store, as stored: MB/s of the ZIP, beside a bare loop in the same run
that reads the same files and computes their CRC, which is the least that a ZIP can cost. Then a ZIP over an
archive of 100,000 calls whose audio is nowhere: each is looked for, written down and named in both manifests,
and memory must not grow with their number.
"""

from __future__ import annotations

import random
import resource
import sys
import time
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.archive_of_calls import archive
from bench.report import report
from fonoteka.archive import Archive, ExportFormat, register_call, shelve_recording, zip_calls
from fonoteka.domain.query import CallQuery, CallSelection
from fonoteka.objects import ObjectStore
from fonoteka.store import Store
from tests.archive.test_shelving import PEAKS, assembled
from tests.examples import actor, call

SOUNDS, SOUND_BYTES = 256, 1_000_000
PASSES = 3
BLOCK_BYTES = 1 << 18
EVERYTHING = CallSelection(query=CallQuery(include_unheard=True))


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with TemporaryDirectory() as folder:
        zip_rate, bare_rate, first_s = _speed(Path(folder))
    calls_per_s, grown_bytes, zipped = _many(calls)
    report(
        "downloads",
        {
            "zip_megabytes_per_s": zip_rate,
            "bare_megabytes_per_s": bare_rate,
            "zip_over_bare": zip_rate / bare_rate,
            "zip_first_piece_ms": first_s * 1000,
            "zip_calls": zipped,
            "zip_calls_per_s": calls_per_s,
            "zip_grown_megabytes": grown_bytes / 1e6,
        },
        {
            "zip_megabytes_per_s": (">=", 100.0),
            "zip_grown_megabytes": ("<=", 40.0),
        },
        {
            "bare_megabytes_per_s": "the same files read in blocks, with their CRC",
            "zip_over_bare": "the ZIP computes SHA-256 besides, and writes each download down",
            "zip_calls_per_s": "calls without audio, each named in both manifests",
            "zip_grown_megabytes": "most memory while doing so, over that before",
        },
    )


def _speed(folder: Path) -> tuple[float, float, float]:
    store = Store.open(f"sqlite:///{folder / 'fonoteka.sqlite3'}")
    store.migrate()
    rooms = Archive(store, ObjectStore.open(folder / "objects"), folder / "cache", 5)
    sound = folder / "sound"
    sound.write_bytes(random.Random(1).randbytes(SOUND_BYTES))
    for _ in range(SOUNDS):
        one = call()
        register_call(rooms, one)
        shelve_recording(rooms, assembled(one), sound, PEAKS)
    files = [path for path in (folder / "objects").rglob("*") if path.stat().st_size == SOUND_BYTES]
    assert len(files) == SOUNDS
    total = SOUNDS * SOUND_BYTES / 1e6
    zips, bares, firsts = [], [], []
    for _ in range(PASSES):
        began = time.perf_counter()
        for path in files:
            _read(path)
        bares.append(total / (time.perf_counter() - began))
        began = time.perf_counter()
        pieces = zip_calls(rooms, actor(), EVERYTHING, ExportFormat())
        size = len(next(pieces))
        firsts.append(time.perf_counter() - began)
        size += sum(map(len, pieces))
        zips.append(total / (time.perf_counter() - began))
        assert size > SOUNDS * SOUND_BYTES
    store.close()
    return max(zips), max(bares), min(firsts)


def _read(path: Path) -> None:
    crc = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            crc = zlib.crc32(block, crc)


def _many(calls: int) -> tuple[float, float, int]:
    with archive("sqlite", calls) as url, TemporaryDirectory() as folder:
        store = Store.open(url)
        store.migrate()
        rooms = Archive(store, ObjectStore.open(Path(folder) / "objects"), Path(folder) / "cache", 5)
        pieces = zip_calls(rooms, actor(), EVERYTHING, ExportFormat())
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        named = sum(piece.count(b'"call_id"') for piece in pieces)
        took = time.perf_counter() - began
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        store.close()
    return named / took, grown * 1024.0, named


if __name__ == "__main__":
    main()
