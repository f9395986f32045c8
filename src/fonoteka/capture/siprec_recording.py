"""What one recording session records: its spool folder, its streams, our SDP, who takes part."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from pathlib import Path

from fonoteka.capture import sip_metrics
from fonoteka.capture.sip_answer import (
    OUR_FORMATS,
    OUR_PREFERENCE,
    STREAMS_MAX,
    Line,
    build_answer,
    build_offer,
    next_origin,
    read_offer,
)
from fonoteka.capture.sip_headers import bracketed
from fonoteka.capture.sip_message import IncomingRequest
from fonoteka.capture.siprec_body import SiprecBody
from fonoteka.capture.siprec_parties import Roster, roster_of, roster_of_invite
from fonoteka.capture.siprec_ruling import SiprecRuling
from fonoteka.capture.siprec_streams import RecordedStreams
from fonoteka.domain.errors import MetadataMalformed
from fonoteka.domain.ports import LiveRecording, MediaReceiver, Policy, SpoolWriter
from fonoteka.domain.recording import EndReason
from fonoteka.wire.metadata import RecordingMetadata, merge, parse_metadata
from fonoteka.wire.sdp import Direction, MediaDescription, Origin, SessionDescription

logger = logging.getLogger(__name__)

SOURCE = "siprec"


class SiprecRecording:
    """Made by `begin`; ends with `seal` or `discard`. Not for two tasks at a time."""

    def __init__(
        self,
        recording: LiveRecording,
        media: MediaReceiver,
        policy: Policy,
        invite: IncomingRequest,
        address: str,
    ) -> None:
        self._recording = recording
        self._streams = RecordedStreams(recording, media)
        self._ruling = SiprecRuling(policy, recording, invite)
        self._invite = invite
        self._origin = Origin("-", time.time_ns() // 1_000_000, 1, address)
        self._local: SessionDescription | None = None
        self._metadata: RecordingMetadata | None = None
        self.awaits_answer = False
        """Whether our last SDP was an offer that nobody has answered."""

    @classmethod
    async def begin(
        cls, spool: SpoolWriter, media: MediaReceiver, policy: Policy, invite: IncomingRequest, address: str
    ) -> SiprecRecording:
        """Open the spool folder. Raises `StorageFull`, `SpoolUnwritable`."""
        recording = await asyncio.to_thread(
            spool.begin,
            source=SOURCE,
            peer=f"{bracketed(invite.flow.host)}:{invite.flow.port}",
            user_agent=invite.header("User-Agent"),
            sip_call_id=invite.call_id,
        )
        recording.keep_message("in", invite.raw)
        return cls(recording, media, policy, invite, address)

    @property
    def recording_id(self) -> str:
        """The recording's id."""
        return self._recording.recording_id

    def keep(self, direction: str, raw: bytes) -> None:
        """Keep a message as it was."""
        self._recording.keep_message(direction, raw)

    async def negotiate(self, body: SiprecBody, *, may_offer: bool, first: bool = False) -> bytes:
        """Do what a body asks for; returns the SDP of the response, empty for none.

        Raises `SignallingRefused` (488) with nothing changed; if `first`, also `PortsExhausted` and
        `MediaProcessLost`, which later only reject the lines concerned.
        """
        sdp = b""
        lines = None if body.sdp is None else read_offer(body.sdp, first=first)
        self._read_metadata(body.metadata)
        # Before any stream is opened: nothing of an unwanted call may reach a disk.
        await self._ask_rules()
        if lines is not None:
            await self._streams.apply(lines, all_or_nothing=first)
            sdp = self._say(build_answer(lines, self._streams.ports, self._origin))
        if lines is None and may_offer:
            sdp = await self._offer()
            self.awaits_answer = True
        await self._note_roster()
        return sdp

    async def take_answer(self, body: SiprecBody) -> None:
        """The ACK of an INVITE that we answered with an offer; without a body our offer stands.

        Raises `SignallingRefused` (488) when nothing of the answer can be recorded.
        """
        if not self.awaits_answer:
            return
        self.awaits_answer = False
        if body.sdp is not None:
            await self._streams.apply(read_offer(body.sdp))
        await self.take_metadata(body.metadata)

    async def take_metadata(self, xml: bytes | None, *, is_last: bool = False) -> None:
        """New metadata, or none; the last changes no decision any more."""
        self._read_metadata(xml)
        if not is_last:
            await self._ask_rules()
        await self._note_roster()

    async def seal(self, reason: EndReason) -> Path:
        """Close the streams and hand the folder on. Raises `StorageFull`, `SpoolUnwritable`."""
        await self._streams.close()
        return await asyncio.to_thread(self._recording.seal, reason)

    async def discard(self) -> None:
        """Nothing came of it."""
        await self._streams.close()
        await asyncio.to_thread(self._recording.discard)

    def _say(self, now: SessionDescription) -> bytes:
        self._local = next_origin(self._local, now)
        return str(self._local).encode()

    async def _offer(self) -> bytes:
        """Our offer: a line for each stream the metadata names, at first; later what there is already."""
        if self._local is not None:
            return self._say(replace(self._local, media=tuple(map(_unheld, self._local.media))))
        named = [stream.label for stream in self._metadata.streams] if self._metadata else []
        labels = [label for label in named if label][:STREAMS_MAX] or [""]
        empty = MediaDescription("audio", 1, "RTP/AVP")
        lines = [
            Line(replace(empty, label=label or None), OUR_PREFERENCE, OUR_FORMATS, held=False)
            for label in labels
        ]
        await self._streams.apply(lines, all_or_nothing=True)
        return self._say(build_offer(labels, self._streams.ports, self._origin))

    def _read_metadata(self, xml: bytes | None) -> None:
        if xml is None:
            return
        self._recording.keep_metadata(xml)
        try:
            found = parse_metadata(xml)
        except MetadataMalformed as error:
            # The call is worth more than its labels: the raw bytes are in the journal.
            sip_metrics.METADATA_MALFORMED.inc()
            logger.warning("recording %s: metadata: %s", self.recording_id, error)
            return
        self._metadata = found if self._metadata is None else merge(self._metadata, found)

    async def _ask_rules(self) -> None:
        await asyncio.to_thread(self._ruling.ask, self._roster(), is_named=self._is_named)
        await self._streams.keep(self._ruling.is_kept)

    async def _note_roster(self) -> None:
        roster = self._roster()
        await asyncio.to_thread(
            self._recording.set_participants,
            roster.communication_session_id,
            roster.participants,
            roster.senders,
        )

    def _roster(self) -> Roster:
        labels = self._streams.labels
        if self._metadata is not None and self._is_named:
            return roster_of(self._metadata, labels)
        return roster_of_invite(self._invite, labels)

    @property
    def _is_named(self) -> bool:
        return self._metadata is not None and bool(self._metadata.participants)


def _unheld(line: MediaDescription) -> MediaDescription:
    return replace(line, direction=Direction.RECVONLY) if line.port else line
