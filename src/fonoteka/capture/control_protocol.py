"""What control socket and its client say: one JSON object a line, a request and its answer.

`{"do": "list"}` → `{"calls": […]}`; `{"do": "pause", "recording_id": …, "reason": …, "resume_after_s": …}`,
`{"do": "resume", "recording_id": …}` and `{"do": "keep", "recording_id": …}` → `{}`; any may be answered
`{"error": code, "detail": text}` with a code of `domain.errors`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from fonoteka.domain.call import Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.ports import LiveCall
from fonoteka.domain.rule_json import decision_of_value, decision_to_value
from fonoteka.domain.sealed import SealedParticipant

SOCKET_NAME = "recorder.sock"
REQUEST_BYTES_MAX = 16 * 1024
ANSWER_BYTES_MAX = 64 * 1024 * 1024
"""Some thousands of calls with everything that signalling may say of their participants."""
REASON_CHARACTERS_MAX = 200
RESUME_AFTER_S_MAX = 24 * 3600


def call_to_value(call: LiveCall) -> dict[str, Any]:
    """A live call as values that `json.dumps` takes."""
    # Field by field: `asdict` would take a second for some thousands of calls.
    return {
        "recording_id": call.recording_id,
        "call_id": call.call_id,
        "tenant_id": call.tenant_id,
        "source": call.source,
        "started_at": call.started_at.isoformat(),
        "direction": call.direction,
        "participants": [
            {"id": one.id, "party": one.party, "number": one.number, "name": one.name, "aor": one.aor}
            for one in call.participants
        ],
        "decision": None if call.decision is None else decision_to_value(call.decision),
        "is_paused": call.is_paused,
        "pause_reason": call.pause_reason,
        "resumes_at": None if call.resumes_at is None else call.resumes_at.isoformat(),
        "kept": call.kept,
    }


def call_of_value(value: dict[str, Any]) -> LiveCall:
    """The inverse. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    resumes_at, decision = value["resumes_at"], value["decision"]
    return LiveCall(
        **{
            **value,
            "started_at": datetime.fromisoformat(value["started_at"]),
            "direction": Direction(value["direction"]),
            "participants": tuple(
                SealedParticipant(**{**one, "party": None if one["party"] is None else Party(one["party"])})
                for one in value["participants"]
            ),
            "decision": None if decision is None else decision_of_value(decision),
            "resumes_at": None if resumes_at is None else datetime.fromisoformat(resumes_at),
        }
    )


@contextmanager
def address_of(path: Path) -> Iterator[str]:
    """The address to bind or connect a unix socket at `path`, for as long as the context lasts.

    A socket's address holds 107 bytes, and a data folder may lie deeper than that: the way leads through
    a descriptor of its folder. Raises OSError.
    """
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
