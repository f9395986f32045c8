"""What could not be sealed when its call ended is sealed by the running recorder, as soon as that works."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fonoteka.capture.spool import Spool
from fonoteka.domain.recording import EndReason
from fonoteka.settings import DataFolder
from tests.capture.running import running, until
from tests.capture.sip_client import Voice
from tests.capture.test_spool import files_limited_to


def test_a_call_that_ended_on_a_full_disk_is_sealed_when_there_is_room(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path, recover_every_s=0.2) as run:
            client = await run.client()
            response = await client.invite()
            voice = Voice(response.ports[0], 1)
            await voice.say(10)
            with files_limited_to(300):
                await client.ask("BYE")
                await until(lambda: bool(run.recorder.plain_spool.unsealed))
                await asyncio.sleep(0.5)
                assert run.folders("sealed") == []
            (sealed,) = await run.sealed()
            assert sealed.end_reason is EndReason.BYE
            assert len(sealed.participants) == 2
            assert run.folders("open") == []

    asyncio.run(run())


def test_calls_in_progress_are_left_alone_and_what_is_left_behind_is_not(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path, recover_every_s=0.1) as run:
            client = await run.client()
            await client.invite()
            # As a crash would have left it, had it not been seen at the start.
            other = Spool(DataFolder(tmp_path / "elsewhere"))
            other.folder.make()
            dead = other.begin("siprec", "p", "", "")
            dead._journal.close()
            dead.folder.rename(run.settings.folder.spool_open / dead.recording_id)
            (sealed,) = await run.sealed()
            assert (sealed.recording_id, sealed.end_reason) == (dead.recording_id, EndReason.INTERRUPTED)
            await asyncio.sleep(0.5)
            assert len(run.folders("open")) == 1
            await client.ask("BYE")
            await run.sealed(2)

    asyncio.run(run())
