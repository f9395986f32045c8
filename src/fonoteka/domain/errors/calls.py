"""Calls and recordings as people meet them: found, played, kept, deleted, taken along."""

from __future__ import annotations

from fonoteka.domain.errors.base import FonotekaError


class CallNotFound(FonotekaError):
    """There is no such call."""

    code = "call.not_found"


class RecordingNotFound(FonotekaError):
    """There is no such recording."""

    code = "recording.not_found"


class RecordingNotReady(FonotekaError):
    """The recording is still being processed; its audio will be there in a moment."""

    code = "recording.not_ready"


class RecordingSilent(FonotekaError):
    """No audio packet arrived for this recording, so there is nothing to play."""

    code = "recording.silent"


class RecordingDeleted(FonotekaError):
    """The recording's audio was deleted."""

    code = "recording.deleted"


class RecordingBinned(FonotekaError):
    """The recording is in the bin; restore it first."""

    code = "recording.binned"


class RecordingHeld(FonotekaError):
    """The recording is under legal hold; nothing deletes it until the hold is released."""

    code = "recording.held"


class RecordingProtected(FonotekaError):
    """The recording is inside its minimum term and cannot be deleted yet."""

    code = "recording.protected"


class RecordingFailed(FonotekaError):
    """The recording could not be processed; its spool folder is kept."""

    code = "recording.failed"


class HoldNotFound(FonotekaError):
    """There is no such legal hold."""

    code = "hold.not_found"


class SearchNotFound(FonotekaError):
    """There is no such saved search of one's own."""

    code = "search.not_found"


class ExportBusy(FonotekaError):
    """As many exports as this server makes at once are under way; try again in a minute."""

    code = "export.busy"


class ExportDiffers(FonotekaError):
    """An export is not what its manifest says."""

    code = "export.differs"
