"""Names of downloaded files that people can read and every file system takes."""

from __future__ import annotations

import re
from datetime import UTC

from fonoteka.domain.call import Call, Participant, Party

_UNSAFE = re.compile(r"[^A-Za-z0-9+]+")
_PART_CHARACTERS_MAX = 32


def audio_file_name(call: Call, suffix: str) -> str:
    """Such as `2026-04-24_14-32_101_+74951234567.mp3`: start (UTC), calling, called; ASCII alone."""
    called = call.participant(Party.CALLED) or call.participant(Party.CONNECTED)
    who = (_part(call.participant(Party.CALLING)), _part(called))
    return f"{call.started_at.astimezone(UTC):%Y-%m-%d_%H-%M}_{who[0]}_{who[1]}.{suffix}"


def _part(one: Participant | None) -> str:
    for text in () if one is None else (one.number, one.name, one.aor):
        safe = _UNSAFE.sub("-", text).strip("-")[:_PART_CHARACTERS_MAX]
        if safe:
            return safe
    return "unknown"
