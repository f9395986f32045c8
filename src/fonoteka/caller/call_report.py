"""What became of a placed call."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fonoteka.domain.call import Party


class EndedBy(StrEnum):
    """Who ended the call."""

    CALLER = "caller"
    SERVER = "server"
    NOBODY = "nobody"
    """It never began."""


@dataclass(frozen=True, slots=True)
class StreamReport:
    """One stream: where it went and how many packets; `lost` and `doubled` were so on purpose."""

    label: str
    party: Party
    local_port: int
    target: str
    ssrc: int
    packets: int
    payload_bytes: int
    lost: int
    doubled: int
    refused: int
    unsent: int


@dataclass(frozen=True, slots=True)
class CallReport:
    """`answer` is the server's status line, or why there is none; `advice` what to do about a failure."""

    ok: bool
    answer: str
    advice: str
    srs: str
    transport: str
    sip_call_id: str
    server: str
    codec: str
    ended_by: EndedBy
    answered_after_ms: int | None
    duration_s: float
    late_max_ms: float
    streams: tuple[StreamReport, ...]
    remarks: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return dataclasses.asdict(self)
