"""The recorded streams of one dialog: m-lines on one side, media ports and spool streams on the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from fonoteka.capture.sip_answer import Line
from fonoteka.domain.errors import MediaProcessLost, PortsExhausted
from fonoteka.domain.ports import LiveRecording, MediaReceiver, StreamAddress

logger = logging.getLogger(__name__)

STREAMS_OF_RECORDING_MAX = 64
"""A client may drop and add lines as often as it likes; each time costs a file."""


@dataclass(slots=True)
class _Stream:
    index: int
    address: StreamAddress
    label: str


class RecordedStreams:
    """Opens, holds, resumes and closes streams; each change is in the journal before we answer."""

    def __init__(self, recording: LiveRecording, media: MediaReceiver) -> None:
        self._recording = recording
        self._media = media
        self._by_line: dict[int, _Stream] = {}
        self._opened = 0
        self._is_kept = True

    @property
    def labels(self) -> dict[int, str]:
        """The label of each live stream by its index in the recording."""
        return {one.index: one.label for one in self._by_line.values()}

    @property
    def ports(self) -> dict[int, int]:
        """Our RTP port by line index."""
        return {line: one.address.rtp_port for line, one in self._by_line.items()}

    async def apply(self, lines: Sequence[Line], *, all_or_nothing: bool = False) -> None:
        """Make the streams what the lines say. A line for which no port is left is missing in `ports`.

        Raises `PortsExhausted`, `MediaProcessLost` if `all_or_nothing`.
        """
        fresh: list[_Stream] = []
        for number, line in enumerate(lines):
            if line.accepted and number not in self._by_line and self._opened < STREAMS_OF_RECORDING_MAX:
                try:
                    stream = await self._open(line)
                except (PortsExhausted, MediaProcessLost):
                    if all_or_nothing:
                        raise
                    continue
                self._by_line[number] = stream
                fresh.append(stream)
        gone = {
            number: one
            for number, one in self._by_line.items()
            if number >= len(lines) or not lines[number].accepted
        }
        await asyncio.to_thread(self._note, lines, fresh, list(gone.values()))
        for number, one in gone.items():
            del self._by_line[number]
            await self._close(one)

    async def keep(self, is_kept: bool) -> None:
        """Write or drop what arrives from now on, on these streams and on those to come."""
        if is_kept == self._is_kept:
            return
        self._is_kept = is_kept
        for one in self._by_line.values():
            try:
                await self._media.keep_packets(one.address.stream_id, is_kept)
            except MediaProcessLost as error:
                # It is made good as soon as there is a media process again.
                logger.warning("recording %s: %s", self._recording.recording_id, error)

    async def close(self) -> None:
        """Close every stream; afterwards their files are whole."""
        streams = list(self._by_line.values())
        self._by_line.clear()
        for one in streams:
            await self._close(one)

    async def _open(self, line: Line) -> _Stream:
        index = self._opened
        name = _file_name(index)
        address = await self._media.open_stream(
            self._recording.folder, name, self._recording.zero_monotonic_ns, is_kept=self._is_kept
        )
        self._opened += 1
        return _Stream(index, address, line.label)

    async def _close(self, stream: _Stream) -> None:
        try:
            await self._media.close_stream(stream.address.stream_id)
        except MediaProcessLost:
            # What the process had written is on disk; sealing cuts a torn tail off.
            return

    def _note(self, lines: Sequence[Line], fresh: list[_Stream], gone: list[_Stream]) -> None:
        recording = self._recording
        with recording.together():
            for one in fresh:
                recording.add_stream(one.index, one.label, _file_name(one.index))
            for one in gone:
                recording.hold(one.index, "removed")
            for number, line in enumerate(lines):
                live = self._by_line.get(number)
                if live is None or not line.accepted:
                    continue
                live.label = line.label or live.label
                recording.set_formats(live.index, line.known)
                # Of the hold alone: a pause goes on, whatever the far end says.
                (recording.hold if line.held else recording.resume)(live.index, "hold")


def _file_name(index: int) -> str:
    return f"stream-{index}.rtpdump"
