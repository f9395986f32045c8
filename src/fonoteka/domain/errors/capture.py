"""Recording, and what is between it and the archive."""

from __future__ import annotations

from fonoteka.domain.errors.base import FonotekaError


class SignallingRefused(FonotekaError):
    """A SIP request cannot be served; `status` is the response that says so (RFC 3261 §21).

    `refused_because` is set where a call cannot be recorded for want of room: the ledger tells it.
    """

    code = "signalling.refused"

    def __init__(
        self,
        status: int,
        detail: str,
        headers: tuple[tuple[str, str], ...] = (),
        refused_because: str = "",
    ) -> None:
        super().__init__(detail, status=status)
        self.status = status
        self.headers = headers
        self.refused_because = refused_because


class PortsExhausted(FonotekaError):
    """Every media port of the configured range is taken."""

    code = "media.ports_exhausted"


class MediaProcessLost(FonotekaError):
    """The media process does not answer."""

    code = "media.process_lost"


class RecorderUnreachable(FonotekaError):
    """The recorder does not answer; is it running?"""

    code = "recorder.unreachable"


class SpoolCorrupt(FonotekaError):
    """A spool folder cannot be read; it is set aside untouched."""

    code = "spool.corrupt"


class SpoolUnwritable(FonotekaError):
    """The spool folder cannot be written to."""

    code = "spool.unwritable"


class WorkerCrashed(FonotekaError):
    """Processing this recording ended the worker again and again; its folder is set aside untouched."""

    code = "worker.crashed"
