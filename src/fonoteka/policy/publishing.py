"""The snapshot file: what the recorder decides by, written whole or not at all."""

from __future__ import annotations

import fcntl
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fonoteka.domain.people import Directory
from fonoteka.domain.policy_snapshot import PolicySnapshot, TenantPolicy
from fonoteka.domain.rules import RuleSet
from fonoteka.policy.metrics import PUBLISH_FAILURES
from fonoteka.store import Store, Transaction

_LOG = logging.getLogger(__name__)
_HEAD_BYTES = 200
_VERSION = re.compile(rb'"version":(\d+)')


def publish_snapshot(store: Store, path: Path) -> bool:
    """Write the snapshot at `path` unless it holds the database's state already; whether it does now.

    A change is committed before it is published: when the file cannot be written that is logged and
    counted, the recorder goes on with the last file, and the next call tries again.
    """
    try:
        with _alone(path), store.reading() as tx:
            # Read under the lock: whoever writes last has seen every commit of those who wrote before.
            version = tx.tenants.all_changes()
            if _published_version(path) != version:
                _write(path, _snapshot(tx, version).to_json().encode())
                _LOG.info("people and rules published: version %d", version)
    except OSError as error:
        PUBLISH_FAILURES.inc()
        _LOG.error("people and rules cannot be published to %s: %s", path, error)
        return False
    return True


def _snapshot(tx: Transaction, version: int) -> PolicySnapshot:
    rule_sets = tx.rule_sets.newest_of_all()
    return PolicySnapshot(
        version,
        tuple(
            TenantPolicy(
                Directory(
                    tenant,
                    tx.extensions.all(tenant.id),
                    tx.groups.all(tenant.id),
                    tx.trunks.all(tenant.id),
                ),
                rule_sets.get(tenant.id, RuleSet(tenant.id)),
            )
            for tenant in tx.tenants.all()
        ),
    )


def _published_version(path: Path) -> int | None:
    try:
        with path.open("rb") as file:
            match = _VERSION.search(file.read(_HEAD_BYTES))
    except FileNotFoundError:
        return None
    return int(match[1]) if match else None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.with_name(f"{path.name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(path: Path, data: bytes) -> None:
    making = path.with_name(f"{path.name}.making")
    with making.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    making.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
