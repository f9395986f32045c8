"""Calls that could not be recorded for want of room: each leaves a row for the ledger, and no sound.

The client has its 503 by then and may try again, here or at another recorder; the row that this makes and the
recording that comes of it are joined by the communication session's id (RFC 7865 §6.1).
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress

from fonoteka.capture import sip_metrics
from fonoteka.capture.sip_headers import bracketed
from fonoteka.capture.sip_message import IncomingRequest
from fonoteka.capture.siprec_body import read_body
from fonoteka.capture.siprec_parties import Roster, roster_of, roster_of_invite
from fonoteka.capture.siprec_recording import SOURCE
from fonoteka.capture.siprec_ruling import SiprecRuling
from fonoteka.domain.call import CallOutcome
from fonoteka.domain.errors import MetadataMalformed, SignallingRefused, SpoolUnwritable, StorageFull
from fonoteka.domain.ports import Policy, SpoolWriter
from fonoteka.domain.recording import EndReason
from fonoteka.wire.metadata import RecordingMetadata, parse_metadata

logger = logging.getLogger(__name__)

AGAIN_S = 600.0
"""A client that tries again so soon means the same call."""
KNOWN_MAX = 10_000
WAITING_MAX = 200
NOTED_AT_ONCE_MAX, NOTED_PER_S = 1_000, 20
"""A flood of calls must not become a flood of files; what is left out is counted."""


class RefusedCalls:
    """Writes them down one at a time, so that calls being recorded are not delayed. One event loop's."""

    def __init__(self, spool: SpoolWriter, policy: Policy) -> None:
        self._spool = spool
        self._policy = policy
        self._known: dict[str, float] = {}
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._allowed, self._allowed_at = float(NOTED_AT_ONCE_MAX), time.monotonic()

    def note(self, invite: IncomingRequest, reason: str) -> None:
        """The call of this INVITE was refused. Never raises and never waits."""
        metadata = _metadata_of(invite)
        key = invite.call_id
        if metadata is not None and metadata.session_id:
            # With the people, because there are clients that use one session id for every call.
            key = "\n".join((metadata.session_id, *sorted(one.aor for one in metadata.participants)))
        now = time.monotonic()
        if now - self._known.get(key, -AGAIN_S) < AGAIN_S:
            return
        if len(self._tasks) >= WAITING_MAX or not self._is_allowed(now):
            sip_metrics.REFUSED_UNNOTED.inc()
            return
        self._known[key] = now
        if len(self._known) > KNOWN_MAX:
            del self._known[next(iter(self._known))]
        task = asyncio.get_running_loop().create_task(self._write(invite, metadata, reason))
        self._tasks.add(task)
        task.add_done_callback(self._has_ended)

    async def stop(self, patience_s: float) -> None:
        """Write what waits."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience_s)

    def _is_allowed(self, now: float) -> bool:
        earned = (now - self._allowed_at) * NOTED_PER_S
        self._allowed, self._allowed_at = min(NOTED_AT_ONCE_MAX, self._allowed + earned), now
        if self._allowed < 1:
            return False
        self._allowed -= 1
        return True

    async def _write(self, invite: IncomingRequest, metadata: RecordingMetadata | None, reason: str) -> None:
        async with self._turn:
            try:
                await asyncio.to_thread(self._write_down, invite, metadata, reason)
            except (StorageFull, SpoolUnwritable) as error:
                sip_metrics.REFUSED_UNNOTED.inc()
                logger.error("refused call %s leaves no row: %s: %s", invite.call_id, error.code, error)

    def _write_down(self, invite: IncomingRequest, metadata: RecordingMetadata | None, reason: str) -> None:
        recording = self._spool.begin(
            source=SOURCE,
            peer=f"{bracketed(invite.flow.host)}:{invite.flow.port}",
            user_agent=invite.header("User-Agent"),
            sip_call_id=invite.call_id,
        )
        recording.keep_message("in", invite.raw)
        is_named = metadata is not None and bool(metadata.participants)
        roster: Roster = roster_of(metadata, {}) if metadata and is_named else roster_of_invite(invite, {})
        ruling = SiprecRuling(self._policy, recording, invite)
        ruling.ask(roster, is_named=is_named)
        with recording.together():
            session_id = metadata.session_id if metadata else ""
            recording.set_participants(
                roster.communication_session_id or session_id, roster.participants, roster.senders
            )
            if ruling.is_kept:  # else the rules did not want it anyway
                recording.set_outcome(CallOutcome.REFUSED, reason)
        recording.seal(EndReason.FAILED)

    def _has_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            sip_metrics.FAULTS.inc()
            logger.error("a refused call was not written down", exc_info=error)


def _metadata_of(invite: IncomingRequest) -> RecordingMetadata | None:
    with suppress(SignallingRefused, MetadataMalformed):
        xml = read_body(invite).metadata
        return None if xml is None else parse_metadata(xml)
    return None
