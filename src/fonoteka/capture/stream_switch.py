"""Which streams of a recording are written: those that the rules want, while nobody has paused it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from fonoteka.domain.errors import MediaProcessLost
from fonoteka.domain.mark import NOT_WANTED, PAUSED
from fonoteka.domain.ports import LiveRecording, MediaReceiver, StreamAddress

logger = logging.getLogger(__name__)

AGAIN_S = 1.0


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
class Pause:
    """Why, and when it ends by itself (aware UTC)."""

    reason: str
    resumes_at: datetime | None


class StreamSwitch:
    """Tells media what to write, and the journal why something is not. Coroutines are for one loop."""

    def __init__(self, recording: LiveRecording, media: MediaReceiver) -> None:
        self._recording = recording
        self._media = media
        self._streams: dict[str, _Stream] = {}
        self._switching = asyncio.Lock()
        self._noting = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_over = False
        self.paused: Pause | None = None
        """The pause that goes on now."""

    async def pause(self, reason: str, resume_after_s: int | None) -> None:
        """Write no packet until resumed, by itself after so long. Pausing again replaces reason and time.

        Raises `MediaProcessLost` with nothing changed.
        """
        resumes_at = None if resume_after_s is None else datetime.now(UTC) + timedelta(seconds=resume_after_s)
        pause = Pause(reason, resumes_at)
        async with self._switching:
            before, self.paused = self.paused, pause
            try:
                await self._apply_or_again()
            except MediaProcessLost:
                self.paused = before
                raise
            self._set_timer(resume_after_s)
            await asyncio.to_thread(self._note_all)

    async def resume(self) -> None:
        """Write again; no error when it was not paused.

        Raises `MediaProcessLost`; it is then tried again until it is done.
        """
        await self._resume(self.paused)

    async def open_stream(self, file_name: str, is_kept: bool) -> StreamAddress:
        """As `MediaReceiver.open_stream` in the recording's folder."""
        stream = self._streams.setdefault(file_name, _Stream())
        recording = self._recording
        async with self._switching:
            stream.is_wanted = is_kept
            is_written = self._is_written(stream)
            address = await self._media.open_stream(
                recording.folder, file_name, recording.zero_monotonic_ns, is_kept=is_written
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

    def name(self, file_name: str, index: int) -> None:
        """The journal knows the stream of that file by this index. From any thread; blocks."""
        self._streams.setdefault(file_name, _Stream()).index = index
        self._note_all()

    def stop(self) -> None:
        """The recording is over. From any thread."""
        self._is_over = True
        if self._loop is not None:
            # A timer of hours would hold the recording in memory.
            self._loop.call_soon_threadsafe(self._set_timer, None)

    def _set_timer(self, after_s: int | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if after_s is not None:
            self._loop = asyncio.get_running_loop()
            self._timer = self._loop.call_later(after_s, self._resume_by_itself)

    def _is_written(self, stream: _Stream) -> bool:
        return stream.is_wanted and self.paused is None

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
        pause = self.paused
        paused = {f"{PAUSED}: {pause.reason}" if pause.reason else PAUSED} if pause else set()
        return frozenset(paused if stream.is_wanted else paused | {NOT_WANTED})

    async def _resume(self, pause: Pause | None) -> None:
        async with self._switching:
            if self.paused is not pause:
                # A newer pause was asked for while this one ended.
                return
            self.paused = None
            self._set_timer(None)
            await asyncio.to_thread(self._note_all)
            await self._apply_or_again()

    def _resume_by_itself(self) -> None:
        logger.info("recording %s: resumes by itself", self._recording.recording_id)
        self._start(self._resume_quietly(self.paused))

    async def _resume_quietly(self, pause: Pause | None) -> None:
        with suppress(MediaProcessLost):
            await self._resume(pause)

    async def _apply_until_done(self) -> None:
        while not self._is_over:
            await asyncio.sleep(AGAIN_S)
            async with self._switching:
                with suppress(MediaProcessLost):
                    await self._apply()
                    return

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
