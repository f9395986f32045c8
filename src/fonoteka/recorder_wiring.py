"""The composition root of the recorder's process; apart from `wiring`, so that it starts small and quick."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fonoteka.capture.recorder import Recorder, run_recorder
from fonoteka.connectors.asterisk import AsteriskConfig, AsteriskConnector
from fonoteka.connectors.asterisk.config import KIND as ASTERISK
from fonoteka.domain.errors import SettingInvalid
from fonoteka.domain.ports import Connector
from fonoteka.settings import Settings

KINDS = (ASTERISK, "cdr", "folder")
"""Files and folders are watched by the worker."""


async def run(settings: Settings) -> None:
    """Record SIPREC and what the settings' connectors bring, until told to end. Raises as `run_recorder`."""
    await run_recorder(settings, connectors_of(settings))


def connectors_of(settings: Settings) -> list[Callable[[Recorder], Connector]]:
    """The connectors that run beside SIPREC. Raises `SettingInvalid` naming what cannot be used."""
    for one in settings.connector:
        if one.get("kind") not in KINDS:
            raise SettingInvalid(f"connector: kind {one.get('kind')!r} is none of {', '.join(KINDS)}")
    tables = [one for one in settings.connector if one.get("kind") == ASTERISK]
    return [partial(_asterisk, AsteriskConfig.read(one)) for one in tables]


def _asterisk(config: AsteriskConfig, recorder: Recorder) -> AsteriskConnector:
    return AsteriskConnector(
        config,
        recorder.controlled_media,
        recorder.spool,
        recorder.policy,
        plain_spool=recorder.plain_spool,
        refused_because=recorder.refused_because,
        is_paused=recorder.is_paused,
    )
