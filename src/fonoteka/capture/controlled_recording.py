"""A recording in progress that a person can steer: paused, resumed, kept, whatever its source does with it.

It stands between a source (SIPREC, a connector) and spool and media: what the source says and what a person
says are kept apart, so that the end of a hold does not end a pause.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Lock

from fonoteka.capture.kept_mark import mark_kept
from fonoteka.capture.stream_switch import StreamSwitch
from fonoteka.domain.call import CallOutcome, Party, Segment
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import RecordingNotFound
from fonoteka.domain.ports import LiveCall, LiveRecording, MediaReceiver
from fonoteka.domain.recording import EndReason
from fonoteka.domain.rules import Decision
from fonoteka.domain.sealed import MediaFormat, SealedParticipant

PARTICIPANTS_SHOWN_MAX = 50


class ControlledRecording:
    """Implements `LiveRecording`, from any thread; `switch` is for the recorder's loop."""

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
        self.switch = StreamSwitch(recording, media)
        self._recording = recording
        self._source = source
        self._tenant_id = tenant_id
        self._on_end = on_end
        self._direction = Direction.UNKNOWN
        self._participants: tuple[SealedParticipant, ...] = ()
        self._decision: Decision | None = None
        self._kept: bool | None = None
        self._held_by_source: set[tuple[int, str]] = set()
        self._sealed: Path | None = None
        self._has_ended = False
        self._ending = Lock()

    def describe(self) -> LiveCall:
        """The call as it is now."""
        pause = self.switch.paused
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

    def now_ms(self) -> int:
        """As `LiveRecording`."""
        return self._recording.now_ms()

    def together(self) -> AbstractContextManager[None]:
        """As `LiveRecording`."""
        return self._recording.together()

    def add_stream(self, index: int, label: str, file_name: str) -> None:
        """As `LiveRecording`."""
        self._recording.add_stream(index, label, file_name)
        self.switch.name(file_name, index)

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
        self.switch.stop()
        self._on_end(self)
