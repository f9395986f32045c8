"""A recording in progress that a person can steer: paused, resumed, kept, whatever its source does with it.

It stands between a source (SIPREC, a connector) and spool and media: what the source says and what a person
says are kept apart, so that the end of a hold does not end a pause. A stream is written when its source wants
it written (the rules) and nobody has paused the recording; else the journal has a span with the reason.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from fonoteka.capture.kept_mark import mark_kept
from fonoteka.domain.call import CallOutcome, Party, Segment
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import MediaProcessLost, RecordingNotFound
from fonoteka.domain.ports import LiveCall, LiveRecording, MediaReceiver, StreamAddress
from fonoteka.domain.recording import EndReason
from fonoteka.domain.rules import Decision
from fonoteka.domain.sealed import MediaFormat, SealedParticipant

logger = logging.getLogger(__name__)

PAUSED = "pause"
NOT_WANTED = "rule"
AGAIN_S = 1.0
PARTICIPANTS_SHOWN_MAX = 50


@dataclass(slots=True)
class _Stream:
    index: int | None = None
    stream_id: int | None = None
    is_wanted: bool = True
    is_written: bool | None = None
    """As media was told last; None when it is not known whether media heard it."""
    noted: frozenset[str] = frozenset()
    """Our reasons, of which the journal has an open span."""


@dataclass(frozen=True, slots=True)
class _Pause:
    reason: str
    resumes_at: datetime | None


class ControlledRecording:
    """Implements `LiveRecording`, from any thread; its coroutines are for the recorder's loop."""

    def __init__(
        self,
        recording: LiveRecording,
        media: MediaReceiver,
        source: str,
        tenant_id: str,
        on_end: Callable[[ControlledRecording], None],
    ) -> None:
        self.recording_id = recording.recording_id
        self.call_id = recording.call_id
        self.folder = recording.folder
        self.opened_at = recording.opened_at
        self.zero_monotonic_ns = recording.zero_monotonic_ns
        self._recording = recording
        self._media = media
        self._source = source
        self._tenant_id = tenant_id
        self._on_end = on_end
        self._direction = Direction.UNKNOWN
        self._participants: tuple[SealedParticipant, ...] = ()
        self._decision: Decision | None = None
        self._kept: bool | None = None
        self._streams: dict[str, _Stream] = {}
        self._held_by_source: set[tuple[int, str]] = set()
        self._pause: _Pause | None = None
        self._sealed: Path | None = None
        self._has_ended = False
        self._switching = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._noting = Lock()
        self._ending = Lock()

    def describe(self) -> LiveCall:
        """The call as it is now."""
        pause = self._pause
        return LiveCall(
            recording_id=self.recording_id,
            call_id=self.call_id,
            tenant_id=self._tenant_id,
            source=self._source,
            started_at=self.opened_at,
            direction=self._direction,
            participants=self._participants,
            decision=self._decision,
            is_paused=pause is not None,
            pause_reason=pause.reason if pause else "",
            resumes_at=pause.resumes_at if pause else None,
            kept=self._kept,
        )

    async def pause(self, reason: str, resume_after_s: int | None) -> None:
        """Write no packet until resumed, by itself after so long. Pausing again replaces reason and time.

        Raises `MediaProcessLost` with nothing changed.
        """
        resumes_at = None if resume_after_s is None else datetime.now(UTC) + timedelta(seconds=resume_after_s)
        pause = _Pause(reason, resumes_at)
        async with self._switching:
            before, self._pause = self._pause, pause
            try:
                await self._apply_or_again()
            except MediaProcessLost:
                self._pause = before
                raise
            await asyncio.to_thread(self._note_all)
        if resume_after_s is not None:
            asyncio.get_running_loop().call_later(resume_after_s, self._resume_by_itself, pause)

    async def resume_writing(self) -> None:
        """Go on recording; no error when it was not paused.

        Raises `MediaProcessLost`; it is then tried again until it is done.
        """
        async with self._switching:
            self._pause = None
            await asyncio.to_thread(self._note_all)
            await self._apply_or_again()

    def keep(self) -> None:
        """Keep an on-demand call, in progress or just ended. Blocks. Raises `RecordingNotFound`."""
        with self._ending:
            self._kept = True
            if self._sealed is not None:
                mark_kept(self._sealed)
            elif self._has_ended:
                raise RecordingNotFound
            else:
                self._recording.set_kept(True)

    async def open_stream(self, file_name: str, is_kept: bool) -> StreamAddress:
        """As `MediaReceiver.open_stream` in this recording's folder."""
        stream = self._streams.setdefault(file_name, _Stream())
        async with self._switching:
            stream.is_wanted = is_kept
            is_written = self._is_written(stream)
            address = await self._media.open_stream(
                self.folder, file_name, self.zero_monotonic_ns, is_kept=is_written
            )
            stream.stream_id, stream.is_written = address.stream_id, is_written
            await asyncio.to_thread(self._note_all)
        return address

    async def keep_packets(self, stream_id: int, is_kept: bool) -> None:
        """As `MediaReceiver.keep_packets`; a paused stream stays unwritten.

        Raises `MediaProcessLost`; it is then tried again until it is done.
        """
        async with self._switching:
            for stream in self._streams.values():
                if stream.stream_id == stream_id:
                    stream.is_wanted = is_kept
            await asyncio.to_thread(self._note_all)
            await self._apply_or_again()

    async def close_stream(self, stream_id: int) -> None:
        """As `MediaReceiver.close_stream`."""
        for stream in self._streams.values():
            if stream.stream_id == stream_id:
                stream.stream_id = None
        await self._media.close_stream(stream_id)

    def now_ms(self) -> int:
        """As `LiveRecording`."""
        return self._recording.now_ms()

    def together(self) -> AbstractContextManager[None]:
        """As `LiveRecording`."""
        return self._recording.together()

    def add_stream(self, index: int, label: str, file_name: str) -> None:
        """As `LiveRecording`."""
        self._recording.add_stream(index, label, file_name)
        stream = self._streams.setdefault(file_name, _Stream())
        stream.index = index
        self._note_all()

    def set_formats(self, index: int, formats: Mapping[int, MediaFormat]) -> None:
        """As `LiveRecording`."""
        self._recording.set_formats(index, formats)

    def hold(self, index: int, reason: str = "hold") -> None:
        """As `LiveRecording`."""
        self._held_by_source.add((index, reason))
        self._recording.hold(index, reason)

    def resume(self, index: int, reason: str | None = None) -> None:
        """As `LiveRecording`, of the source's own reasons."""
        over = {one for one in self._held_by_source if one[0] == index and reason in (None, one[1])}
        self._held_by_source -= over
        for _, one in over:
            self._recording.resume(index, one)

    def set_participants(
        self,
        communication_session_id: str,
        participants: Sequence[SealedParticipant],
        senders: Mapping[int, tuple[Party | None, Sequence[str]]],
    ) -> None:
        """As `LiveRecording`."""
        self._participants = tuple(participants[:PARTICIPANTS_SHOWN_MAX])
        self._recording.set_participants(communication_session_id, participants, senders)

    def set_call(
        self,
        *,
        tenant_id: str | None = None,
        direction: Direction | None = None,
        forwarded_outside: bool | None = None,
        external_id: str | None = None,
        segments: Sequence[Segment] | None = None,
    ) -> None:
        """As `LiveRecording`."""
        self._tenant_id = self._tenant_id if tenant_id is None else tenant_id
        self._direction = self._direction if direction is None else direction
        self._recording.set_call(
            tenant_id=tenant_id,
            direction=direction,
            forwarded_outside=forwarded_outside,
            external_id=external_id,
            segments=segments,
        )

    def set_decision(self, decision: Decision) -> None:
        """As `LiveRecording`."""
        self._decision = decision
        self._recording.set_decision(decision)

    def set_kept(self, kept: bool) -> None:
        """As `LiveRecording`."""
        self._kept = kept
        self._recording.set_kept(kept)

    def set_outcome(self, outcome: CallOutcome, reason: str = "") -> None:
        """As `LiveRecording`."""
        self._recording.set_outcome(outcome, reason)

    def keep_message(self, direction: str, raw: bytes) -> None:
        """As `LiveRecording`."""
        self._recording.keep_message(direction, raw)

    def keep_metadata(self, raw: bytes) -> None:
        """As `LiveRecording`."""
        self._recording.keep_metadata(raw)

    def seal(self, end_reason: EndReason) -> Path:
        """As `LiveRecording`."""
        with self._ending:
            self._sealed = self._recording.seal(end_reason)
            self._end()
            return self._sealed

    def discard(self) -> None:
        """As `LiveRecording`."""
        with self._ending:
            self._recording.discard()
            self._end()

    def _end(self) -> None:
        self._has_ended = True
        self._on_end(self)

    def _is_written(self, stream: _Stream) -> bool:
        return stream.is_wanted and self._pause is None

    async def _apply(self) -> None:
        for stream in list(self._streams.values()):
            is_written = self._is_written(stream)
            if stream.stream_id is not None and stream.is_written is not is_written:
                stream.is_written = None
                await self._media.keep_packets(stream.stream_id, is_written)
                stream.is_written = is_written

    async def _apply_or_again(self) -> None:
        try:
            await self._apply()
        except MediaProcessLost:
            self._start(self._apply_until_done())
            raise

    def _note_all(self) -> None:
        with self._noting:
            for stream in list(self._streams.values()):
                if stream.index is None:
                    continue
                now, noted = self._reasons(stream), stream.noted
                for reason in now - noted:
                    self._recording.hold(stream.index, reason)
                for reason in noted - now:
                    self._recording.resume(stream.index, reason)
                stream.noted = now

    def _reasons(self, stream: _Stream) -> frozenset[str]:
        pause = self._pause
        paused = {f"{PAUSED}: {pause.reason}" if pause.reason else PAUSED} if pause else set()
        return frozenset(paused if stream.is_wanted else paused | {NOT_WANTED})

    def _resume_by_itself(self, pause: _Pause) -> None:
        if self._pause is pause and not self._has_ended:
            logger.info("recording %s: resumed by itself", self.recording_id)
            self._start(self._resume_quietly())

    async def _resume_quietly(self) -> None:
        with suppress(MediaProcessLost):
            await self.resume_writing()

    async def _apply_until_done(self) -> None:
        while not self._has_ended:
            await asyncio.sleep(AGAIN_S)
            async with self._switching:
                with suppress(MediaProcessLost):
                    await self._apply()
                    return

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
