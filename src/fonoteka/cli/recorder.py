"""The recorder as a process; apart from the other parts, so that it loads no room that it does not need."""

from __future__ import annotations

import asyncio
import logging

from fonoteka import recorder_wiring
from fonoteka.cli.options import DataOption, SipOption, settings_of


def recorder(data: DataOption = None, sip: SipOption = None) -> None:
    """Answer SIPREC, follow PBXs and write the spool."""
    settings = settings_of(data=data, sip=sip)
    logging.getLogger().setLevel(settings.log_level)
    asyncio.run(recorder_wiring.run(settings))
