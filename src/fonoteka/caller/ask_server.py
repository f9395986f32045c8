"""Asks a SIP server whether it is there, without a call."""

from __future__ import annotations

import time
from dataclasses import dataclass

from fonoteka.caller.advice import advice_for_error, advice_for_status, reason_of
from fonoteka.caller.transactions import Timers
from fonoteka.caller.uac import UserAgent
from fonoteka.domain.errors import CallRefused


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What it said to OPTIONS; `advice` is what to do when it is not `ok`."""

    ok: bool
    answer: str
    advice: str
    server: str
    allow: str
    supported: str
    answered_after_ms: int | None


async def ask_server(srs: str, transport: str = "udp", timers: Timers | None = None) -> ServerAnswer:
    """Send OPTIONS (RFC 3261 §11). Raises `RequestInvalid` for a wrong `srs` or `transport`."""
    began_at = time.monotonic()
    try:
        async with await UserAgent.of(srs, transport, timers) as agent:
            response = await agent.ask_options()
    except CallRefused as error:
        status = error.context.get("status")
        advice = advice_for_status(status) if isinstance(status, int) else "Check the host in --srs."
        return ServerAnswer(False, str(error), advice, "", "", "", None)
    except OSError as error:
        return ServerAnswer(False, reason_of(error), advice_for_error(error), "", "", "", None)
    ok = 200 <= response.code < 300
    return ServerAnswer(
        ok=ok,
        answer=f"{response.code} {response.phrase}",
        advice="" if ok else advice_for_status(response.code),
        server=response.headers.get("Server") or response.headers.get("User-Agent") or "",
        allow=", ".join(response.headers.getlist("Allow")),
        supported=", ".join(response.headers.getlist("Supported")),
        answered_after_ms=round((time.monotonic() - began_at) * 1000),
    )
