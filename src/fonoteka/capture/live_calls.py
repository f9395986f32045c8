"""The recordings in progress, from whatever source, and what a person may do to them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fonoteka.capture.controlled_recording import ControlledRecording
from fonoteka.capture.kept_mark import mark_kept
from fonoteka.capture.stream_switch import StreamSwitch
from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.domain.errors import RecordingNotFound
from fonoteka.domain.ids import is_id
from fonoteka.domain.ports import LiveCall, MediaReceiver, SpoolWriter, StreamAddress
from fonoteka.settings import DataFolder


class LiveCalls:
    """All recordings in progress of a recorder. Coroutines are for its loop."""

    def __init__(self, data: DataFolder) -> None:
        self._data = data
        self._by_id: dict[str, ControlledRecording] = {}

    def add(self, recording: ControlledRecording) -> None:
        """A recording has begun."""
        self._by_id[recording.recording_id] = recording

    def remove(self, recording: ControlledRecording) -> None:
        """A recording has ended."""
        self._by_id.pop(recording.recording_id, None)

    def of_folder(self, folder: Path) -> ControlledRecording | None:
        """The recording whose spool folder that is."""
        return self._by_id.get(folder.name)

    def calls(self) -> tuple[LiveCall, ...]:
        """Each as it is now, the oldest first."""
        return tuple(recording.describe() for recording in list(self._by_id.values()))

    async def pause(self, recording_id: str, reason: str, resume_after_s: int | None) -> None:
        """As `LiveControl.pause`. Raises `RecordingNotFound`, `MediaProcessLost`."""
        await self._find(recording_id).switch.pause(reason, resume_after_s)

    async def resume(self, recording_id: str) -> None:
        """As `LiveControl.resume`. Raises `RecordingNotFound`, `MediaProcessLost`."""
        await self._find(recording_id).switch.resume()

    async def keep(self, recording_id: str) -> None:
        """As `LiveControl.keep`; also for a call that is over, as long as its folder is in the spool.

        Raises `RecordingNotFound`, `SpoolUnwritable`.
        """
        recording = self._by_id.get(recording_id)
        if recording is not None:
            await asyncio.to_thread(recording.keep)
        elif is_id(recording_id):
            await asyncio.to_thread(mark_kept, self._data.spool_sealed / recording_id)
        else:
            raise RecordingNotFound

    def _find(self, recording_id: str) -> ControlledRecording:
        recording = self._by_id.get(recording_id)
        if recording is None:
            raise RecordingNotFound
        return recording


class ControlledSpool:
    """A `SpoolWriter` whose recordings are among the live calls from their begin to their end."""

    def __init__(self, spool: SpoolWriter, media: MediaReceiver, live: LiveCalls) -> None:
        self._spool = spool
        self._media = media
        self._live = live

    def begin(
        self, source: str, peer: str, user_agent: str, sip_call_id: str, tenant_id: str = DEFAULT_TENANT_ID
    ) -> ControlledRecording:
        """As `SpoolWriter`. Raises `StorageFull`, `SpoolUnwritable`."""
        recording = self._spool.begin(source, peer, user_agent, sip_call_id, tenant_id)
        controlled = ControlledRecording(recording, self._media, source, tenant_id, self._live.remove)
        self._live.add(controlled)
        return controlled


class ControlledMedia:
    """A `MediaReceiver` whose streams are written only while their recording is not paused."""

    def __init__(self, media: MediaReceiver, live: LiveCalls) -> None:
        self._media = media
        self._live = live
        self._owners: dict[int, StreamSwitch] = {}

    async def open_stream(
        self, folder: Path, file_name: str, zero_monotonic_ns: int, *, is_kept: bool = True
    ) -> StreamAddress:
        """As `MediaReceiver`. Raises `PortsExhausted`, `MediaProcessLost`."""
        recording = self._live.of_folder(folder)
        if recording is None:
            return await self._media.open_stream(folder, file_name, zero_monotonic_ns, is_kept=is_kept)
        address = await recording.switch.open_stream(file_name, is_kept)
        self._owners[address.stream_id] = recording.switch
        return address

    async def keep_packets(self, stream_id: int, is_kept: bool) -> None:
        """As `MediaReceiver`. Raises `MediaProcessLost`."""
        await self._owners.get(stream_id, self._media).keep_packets(stream_id, is_kept)

    async def close_stream(self, stream_id: int) -> None:
        """As `MediaReceiver`."""
        await self._owners.pop(stream_id, self._media).close_stream(stream_id)
