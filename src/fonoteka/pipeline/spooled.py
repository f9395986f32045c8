"""A sealed spool folder as the pipeline reads it: its manifest, and its streams as tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt

from fonoteka.audio.key_presses import key_presses
from fonoteka.audio.mixdown import MAX_CHANNELS, LaidOut, lay_out
from fonoteka.audio.sound_file import WIDE_HZ, SoundFile, read_sound_file
from fonoteka.audio.timeline import AssembledTrack, assemble
from fonoteka.domain.call import Party
from fonoteka.domain.errors import SpoolCorrupt, WireMalformed
from fonoteka.domain.sealed import MANIFEST_NAME, SealedRecording, SealedStream
from fonoteka.wire.rtpdump_table import read_table

SOUND_FILE = "audio"
"""The kind of a stream that is a channel of a sound file, not an rtpdump."""
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


@dataclass(frozen=True, slots=True)
class SpooledAudio:
    """The streams that carry audio, the calling party's first, and all of them on one clock."""

    tracks: tuple[tuple[SealedStream, AssembledTrack], ...]
    laid_out: LaidOut
    key_presses: tuple[int, ...] = ()
    """When keys were pressed, in ms on that clock."""


def read_audio(
    folder: Path, sealed: SealedRecording, sample_rate_hz_max: int | None = WIDE_HZ
) -> SpooledAudio | None:
    """The folder's audio; a stream without any is left out, None when that are all.

    A sound file is read at no more than `sample_rate_hz_max`; None: at its own rate, if it is all there is.

    Raises `SpoolCorrupt` when a file is not what the manifest says, `CodecUnknown`, `AudioTooLong`.
    """
    streams = sorted(filter(lambda stream: _has_content(folder, stream), sealed.streams), key=_calling_first)
    tracks: list[tuple[SealedStream, AssembledTrack]] = []
    for file in dict.fromkeys(stream.file for stream in streams if stream.kind == SOUND_FILE):
        of_file = [stream for stream in streams if stream.kind == SOUND_FILE and stream.file == file]
        is_alone = len(of_file) == len(streams) <= MAX_CHANNELS
        rate_max = sample_rate_hz_max if is_alone else sample_rate_hz_max or WIDE_HZ
        sound = read_sound_file(folder / file, [stream.channel for stream in of_file], rate_max)
        tracks += _tracks_of(sound, of_file)
        if is_alone and sound.channels.size:
            # The usual import, maybe hours long: its channels lie on one clock as they are, not copied.
            return SpooledAudio(tuple(tracks), LaidOut(sound.channels, sound.sample_rate_hz, 0))
    presses: list[int] = []
    for stream in streams:
        if stream.kind == SOUND_FILE:
            continue
        data, table = _packets(folder / stream.file, stream)
        track = assemble(table, data, stream.format_spans, stream.hold_spans)
        presses += key_presses(table, data, stream.format_spans, stream.hold_spans)
        if track is not None:
            tracks.append((stream, track))
    sounding = sorted((one for one in tracks if len(one[1].samples)), key=lambda one: _calling_first(one[0]))
    if not sounding:
        return None
    laid_out = lay_out([track for _, track in sounding])
    return SpooledAudio(tuple(sounding), laid_out, tuple(sorted(presses)))


def _has_content(folder: Path, stream: SealedStream) -> bool:
    path = folder / stream.file
    if path.is_symlink():
        raise SpoolCorrupt(f"{stream.file} is a link")
    return path.exists() and path.stat().st_size > 0


def _packets(path: Path, stream: SealedStream) -> tuple[bytes, npt.NDArray[Any]]:
    data = path.read_bytes()
    try:
        table, _ = read_table(data)
    except WireMalformed as error:
        raise SpoolCorrupt(f"{stream.file}: {error}") from error
    return data, table


def _tracks_of(
    sound: SoundFile, streams: Sequence[SealedStream]
) -> list[tuple[SealedStream, AssembledTrack]]:
    rate = sound.sample_rate_hz
    for stream, samples in zip(streams, sound.channels, strict=True):
        for hold in stream.hold_spans:
            until = None if hold.until_ms is None else max(0, hold.until_ms) * rate // 1000
            samples[max(0, hold.since_ms) * rate // 1000 : until] = 0
    return [
        (
            stream,
            AssembledTrack(
                samples=samples,
                sample_rate_hz=rate,
                start_ms=0,
                packets=sound.packets,
                lost_packets=sound.broken_packets,
                duplicate_packets=0,
                unknown_packets=0,
                gap_ms=0,
                codec=sound.codec,
            ),
        )
        for stream, samples in zip(streams, sound.channels, strict=True)
    ]


def _calling_first(stream: SealedStream) -> tuple[int, int]:
    order = {Party.CALLING: 0, Party.CALLED: 1, Party.CONNECTED: 2, Party.REDIRECTING: 3, None: 4}
    return order[stream.party], stream.index
