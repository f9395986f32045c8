"""A sealed spool folder as the pipeline reads it: its manifest, and its streams as tracks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fonoteka.audio.timeline import AssembledTrack, assemble
from fonoteka.domain.call import Party
from fonoteka.domain.errors import SpoolCorrupt, WireMalformed
from fonoteka.domain.sealed import MANIFEST_NAME, SealedRecording, SealedStream
from fonoteka.wire.rtpdump_table import read_table

MANIFEST_BYTES_MAX = 16 * 1024 * 1024


def read_manifest(folder: Path) -> SealedRecording:
    """The manifest of a sealed folder. Raises `SpoolCorrupt` when it is missing, too large or not one."""
    path = folder / MANIFEST_NAME
    try:
        if path.stat().st_size > MANIFEST_BYTES_MAX:
            raise SpoolCorrupt(f"{path.name} is larger than {MANIFEST_BYTES_MAX} bytes")
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise SpoolCorrupt(f"{folder.name} has no {path.name}") from error
    except UnicodeDecodeError as error:
        raise SpoolCorrupt(f"{path.name} is not UTF-8") from error
    sealed = SealedRecording.from_json(text)
    if sealed.recording_id != folder.name:
        raise SpoolCorrupt(f"{folder.name} holds the manifest of {sealed.recording_id}")
    return sealed


def read_tracks(folder: Path, sealed: SealedRecording) -> Iterator[tuple[SealedStream, AssembledTrack]]:
    """The folder's streams that carry audio, the calling party's first; a stream without any is left out.

    Raises `SpoolCorrupt` when a file that the manifest names is not an rtpdump file.
    """
    for stream in sorted(sealed.streams, key=_calling_first):
        path = folder / stream.file
        if not path.exists() or path.stat().st_size == 0:
            continue
        data = path.read_bytes()
        try:
            table, _ = read_table(data)
        except WireMalformed as error:
            raise SpoolCorrupt(f"{stream.file}: {error}") from error
        track = assemble(table, data, stream.format_spans, stream.hold_spans)
        if track is not None:
            yield stream, track


def _calling_first(stream: SealedStream) -> tuple[int, int]:
    order = {Party.CALLING: 0, Party.CALLED: 1, Party.CONNECTED: 2, Party.REDIRECTING: 3, None: 4}
    return order[stream.party], stream.index
