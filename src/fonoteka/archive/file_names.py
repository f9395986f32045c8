"""Names of downloaded files that people can read and every file system takes."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, tzinfo

from fonoteka.domain.call import Call, Participant, Party
from fonoteka.domain.recording import Recording

_UNSAFE = re.compile(r"[\W_]+")
_PART_CHARACTERS_MAX = 32
_PART_BYTES_MAX = 64
_ID_TAIL = 8


def audio_file_name(call: Call, suffix: str, zone: tzinfo) -> str:
    """Such as `2026-04-24_14-32_101_+74951234567.mp3`: start in that zone, calling, called.

    Letters of any script, digits, `+`, `-` and `_`; no longer than 160 bytes.
    """
    return f"{_begins(call, call.started_at, zone)}.{suffix}"


def archived_file_name(call: Call, recording: Recording, suffix: str, zone: tzinfo) -> str:
    """The same within an archive: in a folder a day, and with the end of its id the only one of that name."""
    begins = _begins(call, recording.started_at, zone)
    return f"{begins[:10]}/{begins}_{recording.id[-_ID_TAIL:]}.{suffix}"


def _begins(call: Call, at: datetime, zone: tzinfo) -> str:
    called = call.participant(Party.CALLED) or call.participant(Party.CONNECTED)
    who = (_part(call.participant(Party.CALLING)), _part(called))
    return f"{at.astimezone(zone):%Y-%m-%d_%H-%M}_{who[0]}_{who[1]}"


def _part(one: Participant | None) -> str:
    for text in () if one is None else (one.number, one.name, one.aor):
        plus = "+" if text.startswith("+") else ""
        plain = _UNSAFE.sub("-", unicodedata.normalize("NFC", text)).strip("-")[:_PART_CHARACTERS_MAX]
        if plain:
            return plus + plain.encode("utf-8")[:_PART_BYTES_MAX].decode("utf-8", "ignore")
    return "unknown"
