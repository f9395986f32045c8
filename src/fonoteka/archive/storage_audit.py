"""The audit: rows, sums and objects compared in both directions, in bounded memory, and mended on demand."""

from __future__ import annotations

import logging
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fonoteka.archive.archive import Archive
from fonoteka.archive.bin import remove_deleted_audio
from fonoteka.archive.system import storage_actor
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.alerts import INSTALLATION
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import ObjectMissing
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.domain.storage_use import FINDINGS, AuditFinding, StorageAudit, StorageAuditState

_LOG = logging.getLogger(__name__)
_ROWS_AT_ONCE = 500
_SHOWN_MAX = 200
QUARANTINE = "quarantine"
SAFE_AGE = timedelta(hours=24)
"""An object without a row may be one that is being stored right now; older ones are orphans."""
MISSING_CODE = ObjectMissing.code
AUDIT_SCHEDULE = "audit_storage"


def audit_storage(archive: Archive, *, repair: bool = False, safe_age: timedelta = SAFE_AGE) -> StorageAudit:
    """Compare what rows, sums and the object store say, over all tenants; with `repair` mend it.

    Orphans older than `safe_age` are moved below `quarantine/`, nothing is deleted. Recordings whose audio is
    missing are marked with `object.missing` and count no more; those whose audio is back count again. Sums
    are set right. It may run beside everything else and be cut anywhere. Raises `ObjectsUnavailable`,
    `StoreUnavailable`.
    """
    with _listing(archive) as listing:
        seen = _Audit(archive, listing, repair, safe_age).run()
    with archive.store.transaction() as tx:
        tx.storage_audits.keep(seen, archive.now())
    return seen


def storage_audit_state(archive: Archive, actor: Actor) -> StorageAuditState:
    """The newest audit, and when the next is due. It is the installation's. Raises `AccessDenied`."""
    require(actor, Permission.STORAGE_SEE, INSTALLATION)
    with archive.store.reading() as tx:
        kept, schedule = tx.storage_audits.newest(), tx.schedules.state(AUDIT_SCHEDULE)
    finished_at, newest = kept or (None, None)
    next_at, is_running = schedule or (None, False)
    return StorageAuditState(finished_at, newest, is_running, next_at)


def ask_storage_audit(archive: Archive, actor: Actor) -> None:
    """Have a worker audit now; nothing is mended. Asked twice it is one. Raises as `storage_audit_state`."""
    require(actor, Permission.STORAGE_CHANGE, INSTALLATION)
    now = archive.now()
    with archive.store.transaction() as tx:
        tx.schedules.ensure(AUDIT_SCHEDULE, now)
        tx.audit.append(actor, AuditAction.STORAGE_AUDITED, "", "asked for", now)


class _Audit:
    """One audit in progress. `listing` holds (key, size) of every object and whether a row named it."""

    def __init__(
        self, archive: Archive, listing: sqlite3.Connection, repair: bool, safe_age: timedelta
    ) -> None:
        self._archive, self._listing = archive, listing
        self._repair, self._safe_age = repair, safe_age
        self._counts: Counter[str] = Counter()
        self._findings: list[AuditFinding] = []
        self._repaired = 0

    def run(self) -> StorageAudit:
        self._leftovers()
        objects, object_bytes = self._list_objects()
        recordings = self._compare_rows()
        self._find_orphans()
        self._compare_sums()
        return StorageAudit(
            objects=objects,
            object_bytes=object_bytes,
            recordings=recordings,
            counts={kind: self._counts[kind] for kind in FINDINGS},
            findings=tuple(self._findings),
            repaired=self._repaired,
        )

    def _leftovers(self) -> None:
        with self._archive.store.reading() as tx:
            left = tx.recordings.leftovers(_SHOWN_MAX)
        for one in left:
            self._tell("leftover", one.id, "deleted, its objects are still there", self._repair)
        if self._repair:
            remove_deleted_audio(self._archive)

    def _list_objects(self) -> tuple[int, int]:
        count = size = 0
        with self._listing:
            for key, size_bytes in self._archive.objects.entries(""):
                if key.startswith(f"{QUARANTINE}/"):
                    continue
                count += 1
                size += size_bytes
                self._listing.execute("INSERT OR REPLACE INTO objects VALUES (?, ?, 0)", (key, size_bytes))
        return count, size

    def _compare_rows(self) -> int:
        count, last = 0, ""
        while True:
            with self._archive.store.reading() as tx:
                some = tx.recordings.after(last, _ROWS_AT_ONCE)
            if not some:
                return count
            last = some[-1].id
            for one in some:
                if one.object_key is not None:
                    count += 1
                    self._compare(one)

    def _compare(self, one: Recording) -> None:
        sizes = [self._listed(key) for key in (one.object_key, one.peaks_key) if key is not None]
        stored = 0 if sizes[0] is None else sum(size or 0 for size in sizes)
        if None not in sizes and stored == one.stored_bytes and one.error_code != MISSING_CODE:
            return
        stored, now = self._look_again(one.id)
        if now is None:
            return
        if stored == 0:
            if now.error_code != MISSING_CODE or now.stored_bytes:
                self._mend(now, 0, "missing", f"{now.object_key} is not in the object store")
            else:
                self._tell("missing", now.id, f"{now.object_key}, marked already", False)
        elif now.error_code == MISSING_CODE:
            self._mend(now, stored, "size", "its audio is back")
        elif stored != now.stored_bytes:
            self._mend(now, stored, "size", f"{stored} bytes are stored, the row says {now.stored_bytes}")

    def _listed(self, key: str | None) -> int | None:
        row = self._listing.execute("SELECT size FROM objects WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        self._listing.execute("UPDATE objects SET is_named = 1 WHERE key = ?", (key,))
        return int(row[0])

    def _look_again(self, recording_id: str) -> tuple[int, Recording | None]:
        """What is stored of a recording now; None when it was deleted since the listing."""
        with self._archive.store.reading() as tx:
            now = next(iter(tx.recordings.some([recording_id])), None)
        if now is None or now.state is RecordingState.DELETED or now.object_key is None:
            return 0, None
        try:
            stored = self._archive.objects.size(now.object_key)
        except ObjectMissing:
            return 0, now
        try:
            return stored + (self._archive.objects.size(now.peaks_key) if now.peaks_key else 0), now
        except ObjectMissing:
            self._tell("missing", now.id, f"{now.peaks_key} is not in the object store", False)
            return stored, now

    def _mend(self, one: Recording, stored: int, kind: str, detail: str) -> None:
        self._tell(kind, one.id, detail, self._repair)
        if not self._repair:
            return
        with self._archive.store.transaction() as tx:
            locked = tx.recordings.get_locked(one.id)
            if locked is None or locked.state is RecordingState.DELETED or locked.sha256 != one.sha256:
                return
            at = self._archive.now()
            tx.recordings.set_stored(locked, stored, None if stored else MISSING_CODE)
            tx.keeping.settle([one.id], at)
            tx.audit.append(
                storage_actor(one.tenant_id), AuditAction.STORAGE_REPAIRED, one.id, f"{kind}: {detail}", at
            )

    def _find_orphans(self) -> None:
        found = self._listing.execute("SELECT key, size FROM objects WHERE is_named = 0")
        for key, size in found.fetchall() if self._repair else found:
            if self._is_named_now(key) or self._is_young(key):
                continue
            self._tell("orphan", key, f"{size} bytes without a row", self._repair)
            if self._repair:
                self._archive.objects.set_aside(key, f"{QUARANTINE}/{key}")
                tenant_id = key.split("/", 1)[0]
                with self._archive.store.transaction() as tx:
                    tx.audit.append(
                        storage_actor(tenant_id),
                        AuditAction.STORAGE_REPAIRED,
                        key.split("/")[-2] if key.count("/") > 1 else key,
                        f"orphan: {key} moved to {QUARANTINE}/",
                        self._archive.now(),
                    )

    def _is_young(self, key: str) -> bool:
        try:
            return datetime.now(UTC) - self._archive.objects.modified_at(key) < self._safe_age
        except ObjectMissing:
            return True

    def _is_named_now(self, key: str) -> bool:
        """Whether a row names it since the listing, or may yet: a recording that is still being stored."""
        parts = key.split("/")
        if len(parts) < 2:
            return False
        with self._archive.store.reading() as tx:
            known = next(iter(tx.recordings.some([parts[-2]])), None)
        if known is None or known.tenant_id != parts[0]:
            return False
        return key in (known.object_key, known.peaks_key) or known.state is RecordingState.PROCESSING

    def _compare_sums(self) -> None:
        with self._archive.store.reading() as tx:
            tenants = tx.usage.tenants()
        for tenant_id in tenants:
            with self._archive.store.reading() as tx:
                sums = tx.usage.sums(tenant_id)
            if sums.kept == sums.counted:
                continue
            self._tell("sum", tenant_id, f"kept {sums.kept}, counted {sums.counted}", self._repair)
            if self._repair:
                with self._archive.store.transaction() as tx:
                    tx.usage.lock(tenant_id)
                    counted = tx.usage.sums(tenant_id).counted
                    tx.usage.set(tenant_id, counted)
                    tx.audit.append(
                        storage_actor(tenant_id),
                        AuditAction.STORAGE_REPAIRED,
                        tenant_id,
                        f"sum: {sums.kept.stored_bytes} bytes set to {counted.stored_bytes}",
                        self._archive.now(),
                    )

    def _tell(self, kind: str, subject: str, detail: str, repaired: bool) -> None:
        self._counts[kind] += 1
        self._repaired += repaired
        if len(self._findings) < _SHOWN_MAX:
            self._findings.append(AuditFinding(kind, subject, detail, repaired))
        _LOG.warning("storage audit: %s %s: %s%s", kind, subject, detail, ", mended" if repaired else "")


@contextmanager
def _listing(archive: Archive) -> Iterator[sqlite3.Connection]:
    """A file of our own for the listing: a million keys are too many for memory."""
    archive.cache_folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="audit-", dir=archive.cache_folder) as folder,
        closing(sqlite3.connect(Path(folder) / "listing.sqlite3")) as connection,
    ):
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute(
            "CREATE TABLE objects (key TEXT PRIMARY KEY, size INTEGER, is_named INTEGER) WITHOUT ROWID"
        )
        yield connection
