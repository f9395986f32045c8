"""Objects, database, and the room for them."""

from __future__ import annotations

from fonoteka.domain.errors.base import FonotekaError


class ObjectMissing(FonotekaError):
    """The object store does not hold what the database names."""

    code = "object.missing"


class ObjectsUnavailable(FonotekaError):
    """The object store does not answer."""

    code = "objects.unavailable"


class StorageFull(FonotekaError):
    """There is no room left to store audio."""

    code = "storage.full"


class QuotaFull(FonotekaError):
    """The storage plan has no room left and nothing that may be overwritten; the recording waits."""

    code = "storage.quota_full"


class ConsentNeeded(FonotekaError):
    """The change would make recordings go; look at the dry run and agree to it."""

    code = "storage.consent_needed"


class DatabaseNotEmpty(FonotekaError):
    """The database to copy to has rows already."""

    code = "store.not_empty"


class VerificationFailed(FonotekaError):
    """What was copied is not what was read; nothing has been changed."""

    code = "store.copy_differs"


class StoreUnavailable(FonotekaError):
    """The database does not answer."""

    code = "store.unavailable"
