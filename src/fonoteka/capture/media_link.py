"""One running media process as the recorder sees it: the process and the control socket to it."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from fonoteka.capture.media_protocol import (
    MESSAGE_BYTES_MAX,
    CloseStream,
    Done,
    KeepPackets,
    Message,
    OpenStream,
    decode,
    encode,
)

_log = logging.getLogger(__name__)


class LinkLost(Exception):
    """The media process ended before it answered."""


class MediaLink:
    """See the module; lives as long as the process. `on_message` gets all but the answers."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        control: socket.socket,
        on_message: Callable[[Message], None],
    ) -> None:
        """Use `spawn`."""
        self.pid = process.pid
        self._process = process
        self._control = control
        self._on_message = on_message
        self._answers: dict[int, asyncio.Future[str]] = {}
        self._last_request_id = 0
        self._heard = asyncio.Event()
        self._sending = asyncio.Lock()
        self._lost = False

    @classmethod
    async def spawn(cls, sync_s: float, on_message: Callable[[Message], None]) -> MediaLink:
        """Start a media process. Raises OSError."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        # -P: a file in the folder where we were started must not take the place of a library.
        command = [sys.executable, "-P", "-m", "fonoteka.capture.media_process"]
        command += ["--control", str(theirs.fileno()), "--sync-s", str(sync_s)]
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, pass_fds=[theirs.fileno()]
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return cls(process, ours, on_message)

    async def run(self) -> int:
        """Take messages until the process ends; returns its exit status (negative: a signal)."""
        loop = asyncio.get_running_loop()
        try:
            while data := await loop.sock_recv(self._control, MESSAGE_BYTES_MAX):
                self._heard.set()
                self._take(decode(data))
        except (OSError, ValueError) as error:
            _log.error("media process %d: %s", self.pid, error)
            self.kill()
        finally:
            self._lost = True
            self._heard.set()
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(LinkLost())
            self._answers.clear()
        status = await self._process.wait()
        self._control.close()
        return status

    async def heard(self) -> None:
        """Wait for the first sign of life. Raises `LinkLost`."""
        await self._heard.wait()
        if self._lost:
            raise LinkLost

    async def ask(
        self, request: OpenStream | KeepPackets | CloseStream, sockets: Sequence[socket.socket] = ()
    ) -> str:
        """Carry out a request; returns what went wrong, or nothing. Raises `LinkLost`."""
        self._last_request_id += 1
        request_id = self._last_request_id
        answer = asyncio.get_running_loop().create_future()
        self._answers[request_id] = answer
        try:
            await self._send(encode(replace(request, request_id=request_id)), sockets)
            return str(await answer)
        except OSError as error:
            # The process lives: were it taken for lost, everyone would wait for a successor.
            return f"cannot ask the media process: {error.strerror}"
        finally:
            self._answers.pop(request_id, None)

    def tell(self, request: CloseStream) -> None:
        """Send a request whose answer nobody waits for, if it can be sent at once."""
        with suppress(OSError):
            self._control.send(encode(request))

    def kill(self) -> None:
        """End the process at once; its successor goes on."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def end(self, wait_s: float) -> None:
        """Let the process write and sync everything and end; past `wait_s` seconds it is killed."""
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)
        try:
            async with asyncio.timeout(wait_s):
                await self._process.wait()
        except TimeoutError:
            _log.error("media process %d did not end within %.0f s", self.pid, wait_s)
            self.kill()
            await self._process.wait()

    def _take(self, message: Message) -> None:
        if not isinstance(message, Done):
            self._on_message(message)
            return
        answer = self._answers.get(message.request_id)
        if answer is not None and not answer.done():
            answer.set_result(message.error)

    async def _send(self, data: bytes, sockets: Sequence[socket.socket]) -> None:
        async with self._sending:
            while not self._lost:
                try:
                    socket.send_fds(self._control, [data], [one.fileno() for one in sockets])
                except BlockingIOError:
                    await self._writable()
                except ConnectionError as error:
                    raise LinkLost from error
                else:
                    return
            raise LinkLost

    async def _writable(self) -> None:
        loop = asyncio.get_running_loop()
        writable = asyncio.Event()
        loop.add_writer(self._control, writable.set)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await writable.wait()
        finally:
            loop.remove_writer(self._control)
