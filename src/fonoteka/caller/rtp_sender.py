"""Sends a call's two RTP streams from encoded payloads, 20 ms a packet, with RTCP sender reports."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from fonoteka.caller.codecs_out import PACKET_MS, OutgoingCodec
from fonoteka.caller.impairment import Fates, Impairment
from fonoteka.caller.pacer import Pacer
from fonoteka.wire import rtcp

_PACKET_NS = PACKET_MS * 1_000_000
_REPORT_EVERY = 5000 // PACKET_MS  # packets: a sender report each 5 s (RFC 3550 §6.2)
_FIRST_REPORT = _REPORT_EVERY // 2
# Packed here: this runs for every packet of a load test and never varies in shape.
_HEADER = struct.Struct("!BBHII")
_NTP_OF_UNIX_EPOCH_S = 2_208_988_800
_VERSION_2 = 0x80
_MARKER = 0x80


@dataclass(slots=True)
class SentCounts:
    """What became of one stream's packets: `lost` and `doubled` on purpose, `refused` by the far machine."""

    packets: int = 0
    payload_bytes: int = 0
    lost: int = 0
    doubled: int = 0
    refused: int = 0
    unsent: int = 0


def open_media_socket(address: str) -> socket.socket:
    """A non-blocking UDP socket on a free port of `address`, from which one stream is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    media = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        media.bind((address, 0))
    except OSError:
        media.close()
        raise
    return media


class StreamSender:
    """One RTP stream. `payloads` repeat for as long as the call lasts; sequence and timestamp go on."""

    def __init__(
        self,
        media: socket.socket,
        payloads: Sequence[bytes],
        codec: OutgoingCodec,
        fates: Fates | None = None,
    ) -> None:
        self.ssrc = secrets.randbits(32)
        self.first_sequence = secrets.randbits(16)
        self.first_timestamp = secrets.randbits(32)
        self.counts = SentCounts()
        self.local_port: int = media.getsockname()[1]
        self._media = media
        self._payloads = payloads
        self._payload_type = codec.payload_type
        self._packet_clock = codec.packet_clock
        self._fates = fates
        self._rtcp_target: tuple[str, int] | None = None

    def connect(self, target: tuple[str, int], rtcp_target: tuple[str, int], payload_type: int) -> None:
        """Send there from now on, with the answer's payload type. Raises OSError when there is no way."""
        self._media.connect(target)
        self._rtcp_target = rtcp_target
        self._payload_type = payload_type

    def send(self, index: int) -> None:
        """Send packet number `index` now."""
        payload = self._payloads[index % len(self._payloads)]
        packet = (
            _HEADER.pack(
                _VERSION_2,
                self._payload_type | (0 if index else _MARKER),
                (self.first_sequence + index) & 0xFFFF,
                (self.first_timestamp + index * self._packet_clock) & 0xFFFFFFFF,
                self.ssrc,
            )
            + payload
        )
        counts = self.counts
        try:
            self._send(packet)
        except BlockingIOError:
            counts.unsent += 1
            return
        counts.packets += 1
        counts.payload_bytes += len(payload)

    def _send(self, packet: bytes) -> None:
        try:
            self._media.send(packet)
        except ConnectionRefusedError:
            # Tells of an earlier packet; this one was not sent yet.
            self.counts.refused += 1
            self._media.send(packet)

    def report(self, index: int, *, goodbye: bool = False) -> None:
        """Send an RTCP sender report as of packet number `index` (RFC 3550 §6.4.1)."""
        if self._rtcp_target is None:
            return
        packets: tuple[rtcp.RtcpPacket, ...] = (
            rtcp.SenderReport(
                self.ssrc,
                ((time.time_ns() + _NTP_OF_UNIX_EPOCH_S * 1_000_000_000) << 32) // 1_000_000_000,
                (self.first_timestamp + index * self._packet_clock) & 0xFFFFFFFF,
                self.counts.packets & 0xFFFFFFFF,
                self.counts.payload_bytes & 0xFFFFFFFF,
            ),
            rtcp.SourceDescription(self.ssrc, f"{self.ssrc:08x}@fonoteka"),
        )
        if goodbye:
            packets += (rtcp.Goodbye(self.ssrc),)
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            self._media.sendto(rtcp.serialize_rtcp(packets), self._rtcp_target)

    def delays(self) -> tuple[int, ...]:
        """The delays (ns) of the next packet's copies on this network."""
        assert self._fates is not None
        dealt = self._fates.deal()
        self.counts.lost += not dealt
        self.counts.doubled += len(dealt) > 1
        return dealt

    def close(self) -> None:
        """Close the socket."""
        self._media.close()


class CallSender:
    """Both streams of one call on one beat."""

    def __init__(
        self, pacer: Pacer, streams: Sequence[StreamSender], packets: int, impairment: Impairment
    ) -> None:
        self.late_max_ns = 0
        self.sent_packets = 0
        self._pacer = pacer
        self._streams = streams
        self._packets = packets
        self._clean = impairment.clean
        self._jitter_ns = impairment.jitter_ms * 1_000_000
        self._stopped = False
        self._finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Send every packet, the first at once; returns when the last one's 20 ms are over."""
        self._pacer.at(time.monotonic_ns(), self._beat)
        await self._finished

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True
        if not self._finished.done():
            self._finished.set_result(None)
            for stream in self._streams:
                stream.report(self.sent_packets, goodbye=True)

    def _beat(self, due_ns: int, now_ns: int) -> int | None:
        if self._stopped:
            return None
        if self.sent_packets == self._packets:
            self._pacer.at(due_ns + self._jitter_ns, self._end)
            return None
        self.late_max_ns = max(self.late_max_ns, now_ns - due_ns)
        index = self.sent_packets
        for stream in self._streams:
            if self._clean:
                stream.send(index)
            else:
                for delay_ns in stream.delays():
                    self._pacer.at(due_ns + delay_ns, partial(self._send_late, stream, index))
            if index % _REPORT_EVERY == _FIRST_REPORT:
                stream.report(index)
        self.sent_packets += 1
        return due_ns + _PACKET_NS

    def _send_late(self, stream: StreamSender, index: int, _due_ns: int, _now_ns: int) -> None:
        if not self._stopped:
            stream.send(index)

    def _end(self, _due_ns: int, _now_ns: int) -> None:
        self.stop()
