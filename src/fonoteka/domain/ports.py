"""What rooms of one floor need of each other; `wiring` fills these.

Signalling (and later each connector) asks a `MediaReceiver` for a port and a spool folder; the first
packet of every call takes the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from fonoteka.domain.alerts import Condition, Facts
from fonoteka.domain.call import CallOutcome, Party, Segment
from fonoteka.domain.direction import Direction
from fonoteka.domain.recording import EndReason
from fonoteka.domain.rules import CallFacts, Decision
from fonoteka.domain.sealed import MediaFormat, SealedParticipant


@dataclass(frozen=True, slots=True)
class StreamAddress:
    """Where the far end is to send one stream; RTCP goes to `rtp_port + 1` or the same port (RFC 5761)."""

    stream_id: int
    rtp_port: int


class MediaReceiver(Protocol):
    """Receives RTP for recordings and appends it to their spool folders, durably, in its own process."""

    async def open_stream(
        self, folder: Path, file_name: str, zero_monotonic_ns: int, *, is_kept: bool = True
    ) -> StreamAddress:
        """Bind a port and append what arrives to `folder/file_name`; offsets count from the zero.

        With `is_kept` false packets are received and dropped: nothing of them reaches a disk until
        `keep_packets`. Raises `PortsExhausted`, `MediaProcessLost`.
        """

    async def keep_packets(self, stream_id: int, is_kept: bool) -> None:
        """Write (true) or drop (false) what arrives from now on; what was dropped is never written."""

    async def close_stream(self, stream_id: int) -> None:
        """Drain the socket, write, fsync, close; afterwards the file is whole. Unknown ids are no error."""


class LiveRecording(Protocol):
    """A recording in progress in the spool. Not for two threads at a time; changes of state are fsynced."""

    recording_id: str
    call_id: str
    folder: Path
    opened_at: datetime
    zero_monotonic_ns: int

    def now_ms(self) -> int: ...
    def together(self) -> AbstractContextManager[None]: ...
    def add_stream(self, index: int, label: str, file_name: str) -> None: ...
    def set_formats(self, index: int, formats: Mapping[int, MediaFormat]) -> None: ...
    def hold(self, index: int, reason: str = "hold") -> None: ...
    def resume(self, index: int, reason: str | None = None) -> None: ...
    def set_participants(
        self,
        communication_session_id: str,
        participants: Sequence[SealedParticipant],
        senders: Mapping[int, tuple[Party | None, Sequence[str]]],
    ) -> None: ...
    def set_call(
        self,
        *,
        tenant_id: str | None = None,
        direction: Direction | None = None,
        forwarded_outside: bool | None = None,
        external_id: str | None = None,
        segments: Sequence[Segment] | None = None,
    ) -> None: ...
    def set_decision(self, decision: Decision) -> None: ...
    def set_kept(self, kept: bool) -> None: ...
    def set_outcome(self, outcome: CallOutcome, reason: str = "") -> None: ...
    def keep_message(self, direction: str, raw: bytes) -> None: ...
    def keep_metadata(self, raw: bytes) -> None: ...
    def seal(self, end_reason: EndReason) -> Path: ...
    def discard(self) -> None: ...


class SpoolWriter(Protocol):
    """Opens recordings in the spool."""

    def begin(
        self, source: str, peer: str, user_agent: str, sip_call_id: str, tenant_id: str = ...
    ) -> LiveRecording:
        """Raises `StorageFull`, `SpoolUnwritable`."""


class Connector(Protocol):
    """A source of calls inside the recorder's process, beside SIPREC.

    `name` is what people call it; `lost_since` is since when it cannot be reached, None while it can.
    """

    name: str
    lost_since: datetime | None

    async def run(self) -> None:
        """Follow the source until `stop`; its absence is waited out, never raised."""

    async def stop(self) -> None:
        """Seal every recording in progress and end."""


class Policy(Protocol):
    """Whose a call is and what the rules say; answers from the last snapshot, database or not."""

    def tenant_of(self, peer_host: str, domains: Sequence[str], numbers: Sequence[str]) -> str:
        """The tenant of a call by its trunk; the default tenant when no trunk says otherwise."""

    def facts_of(
        self,
        tenant_id: str,
        key: str,
        at: datetime,
        numbers: Sequence[str],
        *,
        calling: str = "",
        forwarded_outside: bool = False,
    ) -> CallFacts:
        """What the rules look at, from the raw numbers of all who took part, the calling one named."""

    def decide(self, tenant_id: str, facts: CallFacts) -> Decision:
        """What to do with the call. About 10 µs; never waits."""


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call in progress, as pages and API show it."""

    recording_id: str
    call_id: str
    tenant_id: str
    source: str
    started_at: datetime
    direction: Direction
    participants: tuple[SealedParticipant, ...]
    decision: Decision | None
    is_paused: bool
    pause_reason: str
    resumes_at: datetime | None
    kept: bool | None


class LiveControl(Protocol):
    """What a person may do to a call in progress; each acts within a second or raises."""

    def calls(self) -> tuple[LiveCall, ...]:
        """The calls in progress now. Raises `RecorderUnreachable`."""

    def pause(self, recording_id: str, reason: str, resume_after_s: int | None) -> None:
        """Write no packet until resumed (by itself after so long). Raises `RecordingNotFound`."""

    def resume(self, recording_id: str) -> None:
        """Go on recording. Raises `RecordingNotFound`."""

    def keep(self, recording_id: str) -> None:
        """Keep an on-demand call. Raises `RecordingNotFound`."""


class AlertDesk(Protocol):
    """Where rooms report what is wrong. Neither call raises; what is reported is durable when it returns.

    Not to be called within a transaction of the same thread: on SQLite the two would wait for each other.
    """

    def report(self, condition: Condition, tenant_id: str, key: str, facts: Facts, level: int = 0) -> None:
        """The condition holds. To be called as long as it does, every minute or so; costs one read mostly.

        `key` tells several subjects of one condition apart (may be empty), `level` how bad it is. Facts are
        those that docs/operate/alerts.md names for the condition.
        """

    def clear(self, condition: Condition, tenant_id: str, key: str) -> None:
        """The condition does not hold; no error when nobody said that it did."""

    def report_all(
        self, condition: Condition, holding: Mapping[tuple[str, str], tuple[Facts, int]], scope: str = ""
    ) -> None:
        """The condition holds for these (tenant, key), with facts and level, and for no other.

        With a `scope` only keys that begin with it are meant.
        """
