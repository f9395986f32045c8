"""What every use case about people and rules works on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.errors import PeopleNotFound
from fonoteka.policy.publishing import publish_snapshot
from fonoteka.store import Store, Transaction


def utc_now() -> datetime:
    """Now, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class PolicyRoom:
    """The first argument of each use case; threads may share it.

    `snapshot_path` is the file from which the recorder decides. Numbers of up to `extension_digits_max`
    digits are own extensions even where no list names them.
    """

    store: Store
    snapshot_path: Path
    extension_digits_max: int = 5
    now: Callable[[], datetime] = utc_now


def publish(room: PolicyRoom) -> bool:
    """Bring the snapshot file up to the database; whether it is now. Cheap when it was: call it often."""
    return publish_snapshot(room.store, room.snapshot_path)


@contextmanager
def changing(
    room: PolicyRoom, actor: Actor, permission: Permission, *, beside_all: bool = False
) -> Iterator[Transaction]:
    """A transaction that changes people or rules of the actor's tenant, alone; published once committed.

    With `beside_all` nobody changes those of another tenant meanwhile either. Raises `AccessDenied`,
    `PeopleNotFound` when the tenant is not known.
    """
    require(actor, permission, actor.tenant_id)
    with room.store.transaction() as tx:
        if beside_all:
            tx.tenants.lock_all()
        if not tx.tenants.note_change(actor.tenant_id):
            raise PeopleNotFound("There is no such tenant.")
        yield tx
    publish(room)
