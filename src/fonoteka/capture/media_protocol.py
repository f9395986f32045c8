"""What the recorder and its media process say to each other: JSON messages over a SOCK_SEQPACKET pair.

One message a datagram of the pair, at most `MESSAGE_BYTES_MAX`. `OpenStream` carries two descriptors
beside it (SCM_RIGHTS): the bound RTP and RTCP sockets. The recorder keeps both open as well, so that
packets wait in the kernel while a dead media process is replaced.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

MESSAGE_BYTES_MAX = 60_000
LENGTHS_PER_REPORT = 1_000
SOCKETS_PER_STREAM = 2
DROP_REASONS = ("malformed", "oversize", "flood", "kernel", "disk", "unwanted")


@dataclass(frozen=True, slots=True)
class OpenStream:
    """To the media process: append what arrives at the two sockets to the file.

    `started_at` is the zero of the offsets as UTC seconds; up to `whole_bytes` the file is known to be
    whole (0: look). Without `is_kept` what arrives is dropped.
    """

    request_id: int
    stream_id: int
    path: str
    zero_monotonic_ns: int
    started_at: float
    host: str
    port: int
    whole_bytes: int
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class KeepPackets:
    """To the media process: write, or drop, what arrives from now on. The state it has is no change."""

    request_id: int
    stream_id: int
    is_kept: bool


@dataclass(frozen=True, slots=True)
class CloseStream:
    """To the media process: drain, write, fsync, close."""

    request_id: int
    stream_id: int


@dataclass(frozen=True, slots=True)
class Done:
    """To the recorder: the request was carried out, or why not (`error` not empty)."""

    request_id: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """To the recorder: a stream cannot be written (or can again: `detail` empty)."""

    stream_id: int
    detail: str


@dataclass(frozen=True, slots=True)
class MediaCounts:
    """What happened since the last report; packets are datagrams, RTCP included.

    `packets` and `bytes` were written to files. Dropped ones were: no RTP or RTCP (`malformed`), longer
    than any audio packet (`oversize`), past the rate of a stream (`flood`), lost in a full socket
    buffer (`kernel`), could not be written for too long (`disk`), or were not to be kept (`unwanted`).
    """

    packets: int = 0
    bytes: int = 0
    malformed: int = 0
    oversize: int = 0
    flood: int = 0
    kernel: int = 0
    disk: int = 0
    unwanted: int = 0
    write_errors: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """To the recorder, every second at least: counts, and how long some streams' files are, whole.

    `lengths` are (stream id, bytes) pairs; many streams take several reports. `sync_ms` is how long the
    last round of fdatasync took, `tick_ms` how long the longest pass of the receiving loop.
    """

    counts: MediaCounts
    lengths: tuple[tuple[int, int], ...]
    sync_ms: int
    tick_ms: int


Message = OpenStream | KeepPackets | CloseStream | Done | Trouble | Report
_KINDS: dict[str, type[Message]] = {
    kind.__name__: kind for kind in (OpenStream, KeepPackets, CloseStream, Done, Trouble, Report)
}


def encode(message: Message) -> bytes:
    """The message as one datagram."""
    values = {field.name: getattr(message, field.name) for field in fields(message)}
    return json.dumps([type(message).__name__, values], separators=(",", ":"), default=asdict).encode()


def decode(data: bytes) -> Message:
    """The inverse of `encode`. Raises ValueError for anything that is no message."""
    try:
        kind, values = json.loads(data)
        if kind == Report.__name__:
            return _report(values)
        known = _KINDS[kind]
        return known(**{field.name: values[field.name] for field in fields(known)})
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no message of the media process: {error}") from error


def _report(values: dict[str, Any]) -> Report:
    lengths = tuple((int(stream_id), int(length)) for stream_id, length in values["lengths"])
    return Report(MediaCounts(**values["counts"]), lengths, int(values["sync_ms"]), int(values["tick_ms"]))
