"""One call's recording: what is shown while something else is being written down is not lost."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fonoteka.capture.spool import OpenRecording, Spool
from fonoteka.connectors.asterisk.call_recording import CallRecording, Tools
from fonoteka.connectors.asterisk.call_view import CallView, PartyView, Stretch
from fonoteka.domain.call import CallOutcome, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.rules import Decision, RuleOutcome
from fonoteka.domain.sealed import MANIFEST_NAME, SealedRecording
from fonoteka.settings import DataFolder

SKIP = Decision(RuleOutcome.SKIP, "r", "not these", 0, 1, "standard", None)
PARTIES = tuple(
    PartyView(id_, id_, party, number, "", is_tapped=False, is_held=False, has_joined=True)
    for id_, party, number in (("1.1", Party.CALLING, "101"), ("1.2", Party.CALLED, "103"))
)


def test_last_word_on_a_call_is_written_though_it_comes_while_another_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic_ns()
    talk = Stretch(now, None, ("1.1", "1.2"), "talk")
    shown: dict[str, Any] = {"is_over": False, "is_lost": False, "forwarded_outside": False, "reason": ""}
    going_on = CallView(1, "1.1", "default", PARTIES, (talk,), Direction.INTERNAL, decision=SKIP, **shown)
    over = replace(
        going_on,
        linkedid="1.0",
        stretches=(replace(talk, until_ns=now + 10**9, kind="consultation"),),
        is_over=True,
    )
    folder = DataFolder(tmp_path)
    folder.make()

    async def run() -> None:
        loop = asyncio.get_running_loop()
        tools: Any = Tools(Spool(folder), Spool(folder), None, None, lambda: True, lambda: "", "pbx")  # type: ignore[arg-type]
        recording = CallRecording(tools, going_on)
        write = OpenRecording.set_participants

        def slowly(self: OpenRecording, *what: Any) -> None:
            loop.call_soon_threadsafe(recording.show, over)
            time.sleep(0.1)
            write(self, *what)

        monkeypatch.setattr(OpenRecording, "set_participants", slowly)
        await recording.run()

    asyncio.run(run())
    (path,) = folder.spool_sealed.iterdir()
    sealed = SealedRecording.from_json((path / MANIFEST_NAME).read_text("utf-8"))
    assert sealed.outcome is CallOutcome.SKIPPED
    assert sealed.external_id == "1.0"
    assert [(one.kind, one.until_ms is None) for one in sealed.segments] == [("consultation", False)]
