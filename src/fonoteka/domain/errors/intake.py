"""Calls that others recorded, and the PBXs that are followed."""

from __future__ import annotations

from fonoteka.domain.errors.base import FonotekaError


class ImportInvalid(FonotekaError):
    """What is to be imported cannot be read."""

    code = "import.invalid"


class UploadConflict(FonotekaError):
    """The idempotency key was used before for another upload."""

    code = "upload.conflict"


class UploadTooLarge(FonotekaError):
    """The upload is larger than this installation takes."""

    code = "upload.too_large"


class ConnectorUnreachable(FonotekaError):
    """The PBX does not answer, or answers something else than it should."""

    code = "connector.unreachable"


class ConnectorRefused(ConnectorUnreachable):
    """The PBX does not let us in, or not do what recording needs; the message says what to change."""

    code = "connector.refused"
