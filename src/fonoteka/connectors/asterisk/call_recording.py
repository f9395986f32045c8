"""Makes true of one call what its view says: spool folder, streams, taps; seals when the call is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from fonoteka.connectors.asterisk import metrics
from fonoteka.connectors.asterisk.call_view import CallView, PartyView
from fonoteka.connectors.asterisk.taps import Tap, TapFailed, Taps
from fonoteka.domain.call import CallOutcome, Party, Segment
from fonoteka.domain.errors import (
    ConnectorUnreachable,
    MediaProcessLost,
    PortsExhausted,
    SpoolUnwritable,
    StorageFull,
)
from fonoteka.domain.ports import LiveRecording, MediaReceiver, SpoolWriter, StreamAddress
from fonoteka.domain.recording import EndReason
from fonoteka.domain.rules import RuleOutcome
from fonoteka.domain.sealed import MediaFormat, SealedParticipant

SOURCE = "asterisk"
FORMATS = {8: MediaFormat("PCMA", 8000)}
TAP_ATTEMPTS = 4
TAP_AGAIN_S = 0.4
"""A snoop that ends may be a party that ends: the event that says so comes a little later."""
STREAMS_MAX = 128

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tools:
    """What recording a call needs.

    Calls that are followed and not recorded go to `plain_spool`: there is nothing to steer, and they take
    no place. `is_online`: whether the PBX can be asked for taps now; `refused_because`: why a call that
    begins now cannot be recorded, empty when it can.
    """

    spool: SpoolWriter
    plain_spool: SpoolWriter
    media: MediaReceiver
    taps: Taps
    is_online: Callable[[], bool]
    refused_because: Callable[[], str]
    pbx: str


@dataclass(slots=True)
class _Stream:
    index: int
    address: StreamAddress
    tap: Tap | None = None
    tapping: asyncio.Task[None] | None = None
    is_held: bool = False


class CallRecording:
    """One call's recording. `run` lives as long as the call; `show` tells it what should be true."""

    def __init__(self, tools: Tools, view: CallView) -> None:
        self._tools = tools
        self._view = view
        self._recording: LiveRecording | None = None
        self._streams: dict[str, _Stream] = {}
        self._channels: list[str] = []
        """By the stream's index: whose it is."""
        self._senders: dict[int, tuple[Party | None, tuple[str, ...]]] = {}
        self._changed = asyncio.Event()
        self._changed.set()
        self._removals: set[asyncio.Task[None]] = set()
        self._was_described: tuple[object, ...] = ()
        self._failure = ""
        self._refused_because = ""
        self._is_ending = False

    @property
    def view(self) -> CallView:
        """What was shown last."""
        return self._view

    @property
    def recording(self) -> LiveRecording | None:
        """Its place in the spool, once begun."""
        return self._recording

    def show(self, view: CallView) -> None:
        """Something changed."""
        self._view = view
        self._changed.set()

    def look_again(self) -> None:
        """The PBX can be asked again; what could not be done before is tried again."""
        self._changed.set()

    def taps(self) -> list[Tap]:
        """The taps that it believes to have."""
        return [one.tap for one in self._streams.values() if one.tap is not None]

    def tap_is_gone(self, tap: Tap) -> None:
        """Somebody ended the tap, or its party is going; if the party stays, it is tapped again."""
        stream = next((one for one in self._streams.values() if one.tap == tap), None)
        if stream is not None:
            stream.tap = None
            stream.tapping = asyncio.create_task(self._tap_again(stream))
            removal = asyncio.create_task(self._tools.taps.remove(tap))
            self._removals.add(removal)
            removal.add_done_callback(self._removals.discard)

    def stop(self) -> None:
        """End it though the call goes on: we are shutting down."""
        self._is_ending = True
        self._changed.set()

    async def run(self) -> None:
        """Record until the call is over; returns when its folder is sealed."""
        self._refused_because = self._tools.refused_because()
        if self._refused_because:
            metrics.CALLS_REFUSED.inc()  # it is followed all the same: the ledger tells of it
        if not await self._begin():
            metrics.CALLS_REFUSED.inc()
            return
        try:
            while True:
                await self._changed.wait()
                self._changed.clear()
                view, is_ending = self._view, self._is_ending
                await self._apply(view)
                if view.is_over or is_ending:  # not what was shown meanwhile: that is yet to be applied
                    break
        finally:
            await self._seal()

    async def _begin(self) -> bool:
        spool = self._tools.plain_spool if self._refused_because else self._tools.spool
        try:
            self._recording = await asyncio.to_thread(
                spool.begin,
                source=SOURCE,
                peer=self._tools.pbx,
                user_agent="Asterisk",
                sip_call_id="",
                tenant_id=self._view.tenant_id,
            )
        except (StorageFull, SpoolUnwritable) as error:
            _log.error("call %s is not recorded: %s: %s", self._view.linkedid, error.code, error)
            return False
        return True

    async def _apply(self, view: CallView) -> None:
        wanted = {one.channel_id: one for one in view.parties if one.is_tapped} if not self._is_ending else {}
        if view.is_over or self._refused_because:
            wanted = {}
        for channel_id in [one for one in self._streams if one not in wanted]:
            await self._close(self._streams.pop(channel_id))
        for channel_id, party in wanted.items():
            stream = self._streams.get(channel_id) or await self._open(party)
            is_idle = stream is not None and stream.tap is None and stream.tapping is None
            if stream is not None and is_idle and self._tools.is_online():
                stream.tapping = asyncio.create_task(self._tap(channel_id, stream))
        await self._describe(view)
        await self._hold_streams(view)

    async def _open(self, party: PartyView) -> _Stream | None:
        recording, index = self._live, len(self._channels)
        if index >= STREAMS_MAX:
            return None
        name = f"stream-{index}.rtpdump"
        try:
            address = await self._tools.media.open_stream(recording.folder, name, recording.zero_monotonic_ns)
        except (PortsExhausted, MediaProcessLost) as error:
            self._failure = str(error)
            _log.error("call %s: %s: %s", self._view.linkedid, error.code, error)
            return None
        stream = self._streams[party.channel_id] = _Stream(index, address)
        self._channels.append(party.channel_id)
        self._senders[index] = (party.party, (party.participant_id,))
        if self._tools.is_online():
            stream.tapping = asyncio.create_task(self._tap(party.channel_id, stream))
        await asyncio.to_thread(recording.add_stream, index, party.number or party.channel_id, name)
        await asyncio.to_thread(recording.set_formats, index, FORMATS)
        return stream

    async def _tap(self, channel_id: str, stream: _Stream) -> None:
        try:
            for attempt in range(TAP_ATTEMPTS):
                if attempt:
                    await asyncio.sleep(TAP_AGAIN_S * attempt)
                    if not self._is_wanted(channel_id):
                        return
                try:
                    stream.tap = await self._tools.taps.make(channel_id, stream.address.rtp_port)
                    return
                except TapFailed as error:
                    if self._is_wanted(channel_id):
                        metrics.TAP_FAILURES.inc()
                        self._failure = f"no tap: {error}"
                        _log.warning("call %s: tap of %s: %s", self._view.linkedid, channel_id, error)
                except ConnectorUnreachable as error:
                    _log.warning("call %s: tap of %s: %s", self._view.linkedid, channel_id, error)
                    return
        finally:
            stream.tapping = None

    async def _tap_again(self, stream: _Stream) -> None:
        await asyncio.sleep(TAP_AGAIN_S)
        stream.tapping = None
        self._changed.set()

    def _is_wanted(self, channel_id: str) -> bool:
        is_live = not self._view.is_over and not self._is_ending
        return is_live and any(one.channel_id == channel_id and one.is_tapped for one in self._view.parties)

    async def _close(self, stream: _Stream) -> None:
        if stream.tapping is not None:
            stream.tapping.cancel()
            await asyncio.wait([stream.tapping])
        if stream.tap is not None and self._tools.is_online():
            await self._tools.taps.remove(stream.tap)
        await self._tools.media.close_stream(stream.address.stream_id)

    async def _describe(self, view: CallView) -> None:
        shown = view.linkedid, view.parties, view.stretches, view.direction, view.forwarded_outside
        described = *shown, view.decision, len(self._channels)
        if described == self._was_described:
            return
        self._was_described = described
        host = self._tools.pbx.partition(":")[0]
        participants = {
            one.participant_id: SealedParticipant(
                one.participant_id, one.party, one.number, one.name, f"sip:{one.number}@{host}"
            )
            for one in view.parties
        }
        by_channel = {one.channel_id: one for one in view.parties}
        for index, channel_id in enumerate(self._channels):
            if channel_id in by_channel:
                one = by_channel[channel_id]
                self._senders[index] = one.party, (one.participant_id,)
        await asyncio.to_thread(self._write_down, view, list(participants.values()))

    def _write_down(self, view: CallView, participants: list[SealedParticipant]) -> None:
        recording = self._live
        ids = {one.channel_id: one.participant_id for one in view.parties}
        recording.set_participants(view.linkedid, participants, dict(self._senders))
        recording.set_call(
            tenant_id=view.tenant_id,
            direction=view.direction,
            forwarded_outside=view.forwarded_outside,
            external_id=view.linkedid,
            segments=[
                Segment(
                    self._offset_ms(one.since_ns),
                    None if one.until_ns is None else self._offset_ms(one.until_ns),
                    tuple(dict.fromkeys(ids.get(id_, id_) for id_ in one.channel_ids)),
                    one.kind,
                )
                for one in view.stretches
            ],
        )
        if view.decision is not None:
            recording.set_decision(view.decision)

    def _offset_ms(self, at_ns: int) -> int:
        return max(0, (at_ns - self._live.zero_monotonic_ns) // 1_000_000)

    async def _hold_streams(self, view: CallView) -> None:
        held = {one.channel_id for one in view.parties if one.is_held}
        for channel_id, stream in self._streams.items():
            if (channel_id in held) is not stream.is_held:
                stream.is_held = channel_id in held
                change = self._live.hold if stream.is_held else self._live.resume
                await asyncio.to_thread(change, stream.index)

    async def _seal(self) -> None:
        view, recording = self._view, self._live
        await asyncio.gather(*(self._close(one) for one in self._streams.values()), *self._removals)
        self._streams.clear()
        outcome, reason = self._outcome()
        await asyncio.to_thread(recording.set_outcome, outcome, reason)
        end_reason = EndReason.SHUTDOWN if self._is_ending and not view.is_over else EndReason.BYE
        if outcome is CallOutcome.MISSED:
            end_reason = EndReason.CANCEL
        elif view.is_lost:
            end_reason = EndReason.SESSION_EXPIRED
        try:
            await asyncio.to_thread(recording.seal, end_reason)
        except (StorageFull, SpoolUnwritable) as error:
            # The folder stays open, and recovery seals it at the next start.
            _log.error("recording %s: cannot seal: %s: %s", recording.recording_id, error.code, error)

    def _outcome(self) -> tuple[CallOutcome, str]:
        view = self._view
        if self._senders:
            return CallOutcome.RECORDED, view.reason
        if not view.stretches:
            return CallOutcome.MISSED, view.reason
        if self._refused_because and (view.decision is None or view.decision.outcome is not RuleOutcome.SKIP):
            return CallOutcome.REFUSED, self._refused_because
        if view.decision is not None and view.decision.refused_because:
            return CallOutcome.REFUSED, view.decision.refused_because
        if view.decision is not None and view.decision.outcome is RuleOutcome.SKIP:
            return CallOutcome.SKIPPED, view.decision.rule_name
        return CallOutcome.FAILED, self._failure or view.reason

    @property
    def _live(self) -> LiveRecording:
        assert self._recording is not None, "only after it began"
        return self._recording
