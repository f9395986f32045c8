"""The recorder's control socket: list, pause, resume and keep, for the other processes of this machine.

Whoever may open the socket may use it (the folder is its owner's alone); who may do what is decided before,
by pages and API.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from fonoteka.capture.control_protocol import (
    REASON_CHARACTERS_MAX,
    REQUEST_BYTES_MAX,
    RESUME_AFTER_S_MAX,
    address_of,
    call_to_value,
)
from fonoteka.capture.live_calls import LiveCalls
from fonoteka.domain.errors import FonotekaError, RequestInvalid

logger = logging.getLogger(__name__)

CONNECTIONS_MAX = 64
IDLE_S = 10.0


class ControlServer:
    """Serves the socket at `path` between `start` and `stop`."""

    def __init__(self, path: Path, live: LiveCalls) -> None:
        self._path = path
        self._live = live
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; what a dead recorder left at `path` is replaced. Raises OSError."""
        self._path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with address_of(self._path) as address:
                listening.bind(address)
            self._path.chmod(0o600)
            self._server = await asyncio.start_unix_server(
                self._connected, sock=listening, limit=REQUEST_BYTES_MAX
            )
        except BaseException:
            listening.close()
            raise

    async def stop(self) -> None:
        """Listen no more and let go of who is connected."""
        if self._server is None:
            return
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            if len(self._connections) <= CONNECTIONS_MAX:
                await self._converse(reader, writer)
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError) as error:
            logger.info("control: a connection ended: %s", error)
        except asyncio.CancelledError:
            # By `stop`. asyncio's own callback of a connection would log a cancelled task as an error.
            return
        finally:
            self._connections.discard(task)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await asyncio.wait_for(reader.readline(), IDLE_S):
            writer.write(await self._answer(line))
            await asyncio.wait_for(writer.drain(), IDLE_S)

    async def _answer(self, line: bytes) -> bytes:
        try:
            answer = await self._do(_request(line))
            # Thousands of calls take their time, and signalling shares this loop.
            return await asyncio.to_thread(_line, answer)
        except FonotekaError as error:
            return _line({"error": error.code, "detail": str(error)})
        except Exception:
            # The boundary of a request: one that breaks must not harm the recorder.
            logger.exception("control: a request failed")
            return _line({"error": FonotekaError.code, "detail": "the recorder's log says more"})

    async def _do(self, request: dict[str, Any]) -> dict[str, Any]:
        match request.get("do"):
            case "list":
                return {"calls": await asyncio.to_thread(self._calls)}
            case "pause":
                reason, after_s = _reason(request), _resume_after_s(request)
                await self._live.pause(_recording_id(request), reason, after_s)
            case "resume":
                await self._live.resume(_recording_id(request))
            case "keep":
                await self._live.keep(_recording_id(request))
            case _:
                raise RequestInvalid("do", "one of list, pause, resume, keep")
        logger.info("control: %s %s", request["do"], request["recording_id"])
        return {}

    def _calls(self) -> list[dict[str, Any]]:
        return [call_to_value(one) for one in self._live.calls()]


def _line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _request(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RequestInvalid("", "not JSON") from error
    if not isinstance(value, dict):
        raise RequestInvalid("", "not an object")
    return value


def _recording_id(request: dict[str, Any]) -> str:
    value = request.get("recording_id")
    if not isinstance(value, str):
        raise RequestInvalid("recording_id", "not a text")
    return value


def _reason(request: dict[str, Any]) -> str:
    value = request.get("reason", "")
    if not isinstance(value, str) or len(value) > REASON_CHARACTERS_MAX:
        raise RequestInvalid("reason", f"not a text of at most {REASON_CHARACTERS_MAX} characters")
    return value.strip()


def _resume_after_s(request: dict[str, Any]) -> int | None:
    value = request.get("resume_after_s")
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= RESUME_AFTER_S_MAX:
        raise RequestInvalid("resume_after_s", f"not between 1 and {RESUME_AFTER_S_MAX}")
    return value
