"""The past of a demo: people in groups, and their calls of the last weeks, brought by REST as a PBX would."""

from __future__ import annotations

import io
import json
import secrets
import urllib.request
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from fonoteka import wiring
from fonoteka.caller import TEAMS, CallAudio, PastCall, past_calls, resample
from fonoteka.cli.token import COMMAND_LINE
from fonoteka.domain.people import Extension, Group, Tenant
from fonoteka.policy import save_extension, save_group

RATE_HZ = 8000
TIMEOUT_S = 60
SENT_AT_ONCE = 2
_UNANSWERED_MS = 25_000


def make_people(rooms: wiring.Rooms) -> None:
    """The company's extensions and groups."""
    tenant_id = COMMAND_LINE.tenant_id
    for team in TEAMS.values():
        for one in team:
            save_extension(rooms.policy, COMMAND_LINE, Extension("", tenant_id, one.number, person=one.name))
    for name, team in TEAMS.items():
        members = frozenset(one.number for one in team)
        save_group(rooms.policy, COMMAND_LINE, Group("", tenant_id, name, members))


def bring_past(address: str, token: str, count: int, on_sent: Callable[[int], None]) -> None:
    """Send so many calls of the last weeks to the API at `address`; `on_sent` is told how many are there."""
    now = datetime.now(ZoneInfo(Tenant("", "").time_zone))

    def send(call: PastCall) -> None:
        if call.is_missed:
            _post(f"{address}/api/v1/ledger/expected", token, "application/json", _announced(call))
        else:
            _post(f"{address}/api/v1/calls", token, *_uploaded(call))

    with ThreadPoolExecutor(SENT_AT_ONCE) as pool:
        for sent, _ in enumerate(pool.map(send, past_calls(count, now)), 1):
            on_sent(sent)


def _announced(call: PastCall) -> bytes:
    told = _told(call) | {"external_id": call.id, "duration_ms": _UNANSWERED_MS, "answered": False}
    told.pop("direction")
    return json.dumps(told).encode()


def _uploaded(call: PastCall) -> tuple[str, bytes]:
    """The content type and body of an upload."""
    boundary = secrets.token_hex(16)
    parts = (
        ('name="call"', json.dumps(_told(call)).encode()),
        ('name="audio"; filename="call.wav"', _wav(call.audio())),
    )
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {name}\r\n\r\n".encode() + content + b"\r\n"
        for name, content in parts
    )
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


def _told(call: PastCall) -> dict[str, Any]:
    return {
        "started_at": call.started_at.isoformat(),
        "direction": call.direction,
        "calling": call.calling._asdict(),
        "called": call.called._asdict(),
    }


def _wav(audio: CallAudio) -> bytes:
    lanes = [resample(one, RATE_HZ) for one in (audio.calling, audio.called)]
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(np.stack(lanes, axis=1).astype("<i2").tobytes())
    return file.getvalue()


def _post(url: str, token: str, content_type: str, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": content_type}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - our own http address
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
        answer.read()
