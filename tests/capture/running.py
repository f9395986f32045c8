"""A recorder of its own for each test: real sockets, real media process, real spool."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fonoteka.capture.recorder import Recorder
from fonoteka.capture.sip_timing import SipTiming
from fonoteka.domain.sealed import JOURNAL_NAME, MANIFEST_NAME, SealedRecording
from fonoteka.settings import Settings
from tests.capture.sip_client import Client, Wire

SPAN = {"media_port_min": 24000, "media_port_max": 27999}
"""Below the ports that the kernel gives to clients."""


@dataclass
class Running:
    """A recorder and the clients of a test."""

    recorder: Recorder
    settings: Settings
    wires: list[Wire] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.recorder.port

    async def wire(self, transport: str = "udp") -> Wire:
        wire = await (Wire.udp if transport == "udp" else Wire.tcp)(self.port)
        self.wires.append(wire)
        return wire

    async def client(self, transport: str = "udp") -> Client:
        return Client(await self.wire(transport))

    def folders(self, place: str) -> list[Path]:
        return sorted((self.settings.folder.root / "spool" / place).iterdir())

    async def sealed(self, count: int = 1) -> list[SealedRecording]:
        """The manifests, as soon as there are `count`; never more."""
        await until(lambda: len(self.folders("sealed")) >= count)
        found = [
            SealedRecording.from_json((one / MANIFEST_NAME).read_text()) for one in self.folders("sealed")
        ]
        assert len(found) == count
        return found

    def journal(self, folder: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (folder / JOURNAL_NAME).read_text().splitlines()]

    def messages(self, folder: Path) -> list[tuple[str, str]]:
        """Direction and first line of every kept message."""
        kept = (one for one in self.journal(folder) if one["event"] == "message")
        return [(one["direction"], one["raw"].partition("\r\n")[0]) for one in kept]


def free_ports(count: int) -> int:
    """The first of `count` UDP ports in a row that nobody uses, an even one."""
    for _ in range(100):
        first = random.randrange(28000, 32000, 2)
        with contextlib.suppress(OSError), contextlib.ExitStack() as taken:
            for port in range(first, first + count):
                taken.enter_context(socket.socket(type=socket.SOCK_DGRAM)).bind(("127.0.0.1", port))
            return first
    raise AssertionError("no free ports")


async def until(what: Callable[[], bool], patience_s: float = 15.0) -> None:
    give_up_at = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < give_up_at, f"not within {patience_s} s"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def running(
    tmp_path: Path, timing: SipTiming | None = None, recover_every_s: float = 60.0, **given: Any
) -> AsyncIterator[Running]:
    """A started recorder on loopback; stopped at the end."""
    settings = Settings(
        data=tmp_path / "data", **{"sip": "127.0.0.1:0", **SPAN, "disk_free_min_bytes": 0, **given}
    )
    settings.folder.make()
    recorder = Recorder(settings, timing, recover_every_s=recover_every_s)
    await recorder.start()
    run = Running(recorder, settings)
    try:
        yield run
    finally:
        await recorder.stop()
        for wire in run.wires:
            await wire.close()
