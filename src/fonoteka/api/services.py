"""What the endpoints work with, and how they reach it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, cast

from anyio import CapacityLimiter
from fastapi import Depends
from starlette.requests import Request

from fonoteka.accounts import Accounts
from fonoteka.alerts import AlertRoom
from fonoteka.archive import Archive
from fonoteka.domain.announced import Announce
from fonoteka.domain.ports import LiveControl
from fonoteka.domain.status import SystemStatus
from fonoteka.policy import PolicyRoom
from fonoteka.settings import Settings
from fonoteka.sharing import SharingRoom
from fonoteka.speech import SpeechRoom

_RENDITION_THREADS = 8


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases and the state of the system, given once when the router is made.

    `renditions` are the threads that those may take who wait for MP3 or WAV.
    """

    archive: Archive
    accounts: Accounts
    settings: Settings
    status: Callable[[], SystemStatus]
    policy: PolicyRoom
    live: LiveControl
    announce: Announce
    alerts: AlertRoom
    speech: SpeechRoom
    sharing: SharingRoom
    renditions: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_RENDITION_THREADS))


def provide(services: Services) -> Callable[[Request], Awaitable[None]]:
    """A dependency for the outermost router: hands `services` to each of its requests."""

    async def hand_over(request: Request) -> None:
        request.state.services = services

    return hand_over


async def _services(request: Request) -> Services:
    return cast("Services", request.state.services)


GivenServices = Annotated[Services, Depends(_services)]
