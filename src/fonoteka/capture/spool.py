"""The spool: a folder on local disk for each recording in progress, and its journal.

What is durable when: `begin` returns when folder, journal and opening are on disk (fsync of the journal,
the folder and `open/`); each line that changes the recording's state is fdatasynced before its method
returns; kept messages and metadata ride with the next such line. `seal` writes the manifest under a
temporary name, fsyncs, renames, fsyncs the folder, then renames the folder from `open/` to `sealed/` and
fsyncs both. A crash between any two of these steps is what `recovery` mends.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Lock

from fonoteka.capture.journal import Event, Journal
from fonoteka.capture.manifest import manifest_of
from fonoteka.capture.spool_events import bounded, call_event, participants_event
from fonoteka.capture.spool_folder import remove_folder, seal_folder, typed_errors
from fonoteka.capture.stream_file import make_whole, sync_folder
from fonoteka.domain.call import DEFAULT_TENANT_ID, CallOutcome, Party, Segment
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import FonotekaError
from fonoteka.domain.ids import new_id
from fonoteka.domain.recording import EndReason
from fonoteka.domain.rules import Decision
from fonoteka.domain.sealed import (
    JOURNAL_NAME,
    MANIFEST_NAME,
    MediaFormat,
    SealedParticipant,
)
from fonoteka.settings import DataFolder

MESSAGES_MAX = 2_000
MESSAGE_BYTES_MAX = 64 * 1024
KEPT_BYTES_MAX = 2 * 1024 * 1024
"""Raw messages and metadata of one recording, all together; six times that in the journal at worst."""
JOURNAL_BYTES_MAX = 16 * 1024 * 1024
"""A dialog that renegotiates without end must not fill the disk; the events past this are left out."""

_ALWAYS_NOTED = {"ended", "kept", "outcome"}
"""Small, rare, and the loss of one would lose or keep a whole recording."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Spool:
    """The spool of a data folder; only one recorder writes to it.

    `live` are the ids of recordings in progress, from before their folder is made until it is sealed or
    gone; `unsealed` those of them that have ended and could not be sealed yet.
    """

    folder: DataFolder
    live: set[str] = field(default_factory=set)
    unsealed: dict[str, OpenRecording] = field(default_factory=dict)

    def begin(
        self,
        source: str,
        peer: str,
        user_agent: str,
        sip_call_id: str,
        tenant_id: str = DEFAULT_TENANT_ID,
    ) -> OpenRecording:
        """Open a recording: from here on a crash leaves something that recovery can seal.

        Blocks for three fsyncs, as every method of `OpenRecording` that changes state does for one.
        Raises `StorageFull`, `SpoolUnwritable`.
        """
        texts = {"source": source, "peer": peer, "user_agent": user_agent, "sip_call_id": sip_call_id}
        return OpenRecording(self, {**texts, "tenant_id": tenant_id})

    def seal_again(self) -> list[str]:
        """Try once more to seal what could not be sealed; returns the ids of those that now are."""
        sealed = []
        for recording_id, recording in list(self.unsealed.items()):
            try:
                recording.seal(EndReason.FAILED)
            except FonotekaError as error:
                _log.error("recording %s: still not sealed: %s", recording_id, error)
            else:
                sealed.append(recording_id)
        return sealed


class OpenRecording:
    """A recording in progress. Its methods may be called from any thread.

    Once begun, no method but `seal` raises when the disk is full: the events stay in memory, are written
    as soon as that works again, and the manifest is made from them.
    """

    def __init__(self, spool: Spool, named: Mapping[str, str]) -> None:
        """Use `Spool.begin`."""
        self.recording_id = new_id()
        self.call_id = new_id()
        self.opened_at = datetime.now(UTC)
        self.zero_monotonic_ns = time.monotonic_ns()
        self.folder = spool.folder.spool_open / self.recording_id
        self._spool = spool
        self._events: list[Event] = []
        self._streams: set[int] = set()
        self._formats: dict[int, Mapping[int, MediaFormat]] = {}
        self._held: set[tuple[int, str]] = set()
        self._participants: Event = {}
        self._call: Event = {}
        self._decision: Decision | None = None
        self._is_wanted: bool | None = None
        self._outcome: Event = {}
        self._kept = 0
        self._kept_bytes = 0
        self._journal_bytes = 0
        self._complained = False
        self._lock = Lock()
        self._gathering = False
        opened: Event = {"recording_id": self.recording_id, "call_id": self.call_id}
        opened |= {name: bounded(value) for name, value in named.items()}
        opened |= {"opened_at": self.opened_at.isoformat(), "zero_monotonic_ns": self.zero_monotonic_ns}
        self._events.append({"at_ms": 0, "event": "opened", **opened})
        with typed_errors(), ExitStack() as undoing:
            # Before there is a folder, so that recovery never takes it for one that a crash left.
            spool.live.add(self.recording_id)
            undoing.callback(spool.live.discard, self.recording_id)
            self.folder.mkdir(mode=0o700)
            # Each call refused by a full disk would leave a folder and a descriptor behind.
            undoing.callback(_try, partial(remove_folder, self.folder))
            self._journal = Journal(self.folder / JOURNAL_NAME)
            undoing.callback(_try, self._journal.close)
            self._journal.add(self._events[0])
            self._journal.commit()
            sync_folder(self.folder)
            sync_folder(self.folder.parent)
            undoing.pop_all()

    def now_ms(self) -> int:
        """Milliseconds since the recording was opened, on the clock of every offset in the folder."""
        return (time.monotonic_ns() - self.zero_monotonic_ns) // 1_000_000

    @contextmanager
    def together(self) -> Iterator[None]:
        """Several changes at once: they are durable at the end, by one sync instead of one for each.

        One thread at a time; the other methods may still be called from others.
        """
        self._gathering = True
        try:
            yield
        finally:
            self._gathering = False
            with self._lock:
                self._commit()

    def add_stream(self, index: int, label: str, file_name: str) -> None:
        """A stream was negotiated; its packets go to `file_name` inside the folder.

        Raises ValueError for an index used before and for a name that is none.
        """
        if index in self._streams:
            raise ValueError(f"stream {index} was added before")
        if "/" in file_name or file_name.startswith(".") or file_name in (JOURNAL_NAME, MANIFEST_NAME):
            raise ValueError(f"not a name for a stream's file: {file_name!r}")
        self._streams.add(index)
        self._note("stream", index=index, label=bounded(label), file=file_name)

    def set_formats(self, index: int, formats: Mapping[int, MediaFormat]) -> None:
        """From now on the stream's payload types mean this; the same again is no change."""
        if self._formats.get(index) == formats:
            return
        self._formats[index] = dict(formats)
        self._note("formats", index=index, formats={str(key): asdict(one) for key, one in formats.items()})

    def hold(self, index: int, reason: str = "hold") -> None:
        """The stream became inactive for a reason; saying so again changes nothing.

        Reasons are apart: a stream that is on hold may be paused as well, and each ends by itself.
        """
        reason = bounded(reason)
        if (index, reason) not in self._held:
            self._held.add((index, reason))
            self._note("hold", index=index, reason=reason)

    def resume(self, index: int, reason: str | None = None) -> None:
        """That reason is over (None: all of them); resuming what is not held changes nothing."""
        reason = None if reason is None else bounded(reason)
        over = {one for one in self._held if one[0] == index and reason in (None, one[1])}
        if over:
            self._held -= over
            self._note("resume", index=index, **({} if reason is None else {"reason": reason}))

    def set_participants(
        self,
        communication_session_id: str,
        participants: Sequence[SealedParticipant],
        senders: Mapping[int, tuple[Party | None, Sequence[str]]],
    ) -> None:
        """Who takes part now and who sends which stream (by its index); the same again is no change."""
        now = participants_event(communication_session_id, participants, senders)
        if now != self._participants:
            self._participants = now
            self._note("participants", **now)

    def set_call(
        self,
        *,
        tenant_id: str | None = None,
        direction: Direction | None = None,
        forwarded_outside: bool | None = None,
        external_id: str | None = None,
        segments: Sequence[Segment] | None = None,
    ) -> None:
        """What is known of the call now; what is None stays as it was. The same again is no change.

        Of `segments`, which replace those before, the first `SEGMENTS_MAX` are taken.
        """
        given = (tenant_id, direction, forwarded_outside, external_id, segments)
        news = call_event(*given)
        if self._call | news != self._call:
            self._call |= news
            self._note("call", **news)

    def set_decision(self, decision: Decision) -> None:
        """What the rules say now; the last one counts."""
        if decision != self._decision:
            self._decision = decision
            self._note("decision", decision=asdict(decision))

    def set_kept(self, kept: bool) -> None:
        """Whether a person asked for this on-demand call."""
        if kept != self._is_wanted:
            self._is_wanted = kept
            self._note("kept", kept=kept)

    def set_outcome(self, outcome: CallOutcome, reason: str = "") -> None:
        """What becomes of the call, unless it is simply recorded; the last one counts."""
        now: Event = {"outcome": outcome, "reason": bounded(reason)}
        if now != self._outcome:
            self._outcome = now
            self._note("outcome", **now)

    def keep_message(self, direction: str, raw: bytes) -> None:
        """Keep a SIP message as it was; `direction` is "in" or "out".

        Never waits for the disk. The first `MESSAGES_MAX` messages and `KEPT_BYTES_MAX` bytes are kept.
        """
        self._keep("message", raw, direction=direction)

    def keep_metadata(self, raw: bytes) -> None:
        """Keep recording metadata (RFC 7865) as it was; counts towards the same limits as messages."""
        self._keep("metadata", raw)

    def seal(self, end_reason: EndReason) -> Path:
        """End the recording and hand its folder on; returns where it lies now. Close its streams first.

        Raises `StorageFull` or `SpoolUnwritable`; the folder then stays open, and this can be tried again
        (`Spool.seal_again` does). Sealed once, it is so; the first end reason counts.
        """
        sealed = self._spool.folder.spool_sealed / self.recording_id
        if not any(event["event"] == "ended" for event in self._events):
            self._note("ended", end_reason=end_reason)
        with self._lock, typed_errors():
            if self.recording_id not in self._spool.live:
                return sealed
            self._spool.unsealed[self.recording_id] = self
            manifest = manifest_of(self._events, sealed_at=datetime.now(UTC))
            for stream in manifest.streams:
                if not (self.folder / stream.file).exists():
                    make_whole(self.folder / stream.file, self.opened_at)
            self._journal.close()
            seal_folder(self._spool.folder, self.folder, manifest)
            self._leave()
            return sealed

    def discard(self) -> None:
        """Forget the recording, folder and all: its dialog failed before any media mattered."""
        self._note("discarded")
        try:
            with self._lock:
                self._journal.close()
                remove_folder(self.folder)
        except OSError as error:
            _log.warning("recording %s: cannot discard: %s", self.recording_id, error)
        self._leave()

    def _leave(self) -> None:
        self._spool.unsealed.pop(self.recording_id, None)
        self._spool.live.discard(self.recording_id)

    def _keep(self, kind: str, raw: bytes, **fields: str) -> None:
        self._kept += 1
        self._kept_bytes += len(raw)
        if self._kept <= MESSAGES_MAX and self._kept_bytes <= KEPT_BYTES_MAX:
            # Surrogates stand for bytes that are not UTF-8; the journal's ASCII carries them and back.
            text = raw[:MESSAGE_BYTES_MAX].decode("utf-8", "surrogateescape")
            event: Event = {"at_ms": self.now_ms(), "event": kind, **fields, "bytes": len(raw), "raw": text}
            self._journal_bytes += self._journal.add(event)

    def _note(self, kind: str, **fields: object) -> None:
        event: Event = {"at_ms": self.now_ms(), "event": kind, **fields}
        with self._lock:
            if kind not in _ALWAYS_NOTED and self._journal_bytes > JOURNAL_BYTES_MAX:
                self._complain("the journal is full, events are left out")
                return
            self._events.append(event)
            self._journal_bytes += self._journal.add(event)
            if not self._gathering:
                self._commit()

    def _commit(self) -> None:
        try:
            self._journal.commit()
        except OSError as error:
            self._complain(f"cannot write the journal: {error}")

    def _complain(self, detail: str) -> None:
        if not self._complained:
            self._complained = True
            _log.error("recording %s: %s", self.recording_id, detail)


def _try(action: Callable[[], object]) -> None:
    with suppress(OSError):
        action()
