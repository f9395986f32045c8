"""Calls in progress for pages and API to act on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fonoteka.domain.call import Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import RecorderUnreachable
from fonoteka.domain.ids import new_id
from fonoteka.domain.ports import LiveCall
from fonoteka.domain.sealed import SealedParticipant


@dataclass
class LiveCalls:
    """A recorder as the port describes it: calls in progress that do what they are told."""

    now: list[LiveCall] = field(default_factory=list)
    is_gone: bool = False

    def calls(self) -> tuple[LiveCall, ...]:
        if self.is_gone:
            raise RecorderUnreachable
        return tuple(self.now)

    def pause(self, recording_id: str, reason: str, resume_after_s: int | None) -> None:
        resumes_at = None if resume_after_s is None else datetime.now(UTC) + timedelta(seconds=resume_after_s)
        self._change(recording_id, is_paused=True, pause_reason=reason, resumes_at=resumes_at)

    def resume(self, recording_id: str) -> None:
        self._change(recording_id, is_paused=False, pause_reason="", resumes_at=None)

    def keep(self, recording_id: str) -> None:
        self._change(recording_id, kept=True)

    def _change(self, recording_id: str, **how: Any) -> None:
        self.now = [replace(one, **how) if one.recording_id == recording_id else one for one in self.now]


def live_call(calling: str, called: str) -> LiveCall:
    """A call in progress between two numbers."""
    recording_id = new_id()
    return LiveCall(
        recording_id=recording_id,
        call_id=recording_id,
        tenant_id="default",
        source="siprec",
        started_at=datetime.now(UTC),
        direction=Direction.UNKNOWN,
        participants=(
            SealedParticipant("p1", Party.CALLING, calling, "", f"sip:{calling}@pbx"),
            SealedParticipant("p2", Party.CALLED, called, "", f"sip:{called}@pbx"),
        ),
        decision=None,
        is_paused=False,
        pause_reason="",
        resumes_at=None,
        kept=None,
    )
