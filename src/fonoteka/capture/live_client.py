"""The recorder's control socket from the other end: what pages and API do to calls in progress."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from fonoteka.capture.control_protocol import ANSWER_BYTES_MAX, address_of, call_of_value
from fonoteka.domain.errors import (
    FonotekaError,
    MediaProcessLost,
    RecorderUnreachable,
    RecordingNotFound,
    RequestInvalid,
    SpoolUnwritable,
)
from fonoteka.domain.ports import LiveCall

PATIENCE_S = 5.0
_READ_BYTES = 64 * 1024
_ERRORS: dict[str, type[FonotekaError]] = {
    one.code: one for one in (RecordingNotFound, MediaProcessLost, SpoolUnwritable)
}


class LiveClient:
    """Implements `LiveControl` on the recorder of a data folder; a connection for each question.

    Besides what the port says, each may raise `RecorderUnreachable`; the changing ones `MediaProcessLost`,
    `keep` also `SpoolUnwritable`, and `pause` `RequestInvalid`.
    """

    def __init__(self, path: Path) -> None:
        """`path` is the recorder's socket."""
        self._path = path

    def calls(self) -> tuple[LiveCall, ...]:
        """As `LiveControl`."""
        try:
            return tuple(call_of_value(one) for one in self._ask({"do": "list"})["calls"])
        except (KeyError, TypeError, ValueError) as error:
            raise RecorderUnreachable(f"the recorder speaks another version: {error}") from error

    def pause(self, recording_id: str, reason: str, resume_after_s: int | None) -> None:
        """As `LiveControl`."""
        self._ask(
            {
                "do": "pause",
                "recording_id": recording_id,
                "reason": reason,
                "resume_after_s": resume_after_s,
            }
        )

    def resume(self, recording_id: str) -> None:
        """As `LiveControl`."""
        self._ask({"do": "resume", "recording_id": recording_id})

    def keep(self, recording_id: str) -> None:
        """As `LiveControl`; for a call that is over as well, while it waits for this."""
        self._ask({"do": "keep", "recording_id": recording_id})

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = json.loads(self._exchange(json.dumps(request).encode() + b"\n"))
            code = answer.get("error")
        except (OSError, ValueError, AttributeError) as error:
            raise RecorderUnreachable(f"the recorder does not answer: {error}") from error
        if code is None:
            return dict(answer)
        detail = str(answer.get("detail", ""))
        if code == RequestInvalid.code:
            raise RequestInvalid("", detail)
        raise _ERRORS.get(code, RecorderUnreachable)(detail)

    def _exchange(self, line: bytes) -> bytes:
        """Send a line and read the answer. Raises OSError."""
        answer = bytearray()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(PATIENCE_S)
            with address_of(self._path) as address:
                connection.connect(address)
            connection.sendall(line)
            while not answer.endswith(b"\n"):
                data = connection.recv(_READ_BYTES)
                if not data or len(answer) > ANSWER_BYTES_MAX:
                    raise ConnectionError("the answer is cut off")
                answer += data
        return bytes(answer)
