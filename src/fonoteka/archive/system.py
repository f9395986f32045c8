"""Who acts when nobody asked: sweeps and overwriting."""

from __future__ import annotations

from fonoteka.domain.access import Actor, ActorKind, Role


def storage_actor(tenant_id: str) -> Actor:
    """The program itself, keeping a tenant's storage in order."""
    return Actor(ActorKind.SYSTEM, "storage", "storage", tenant_id, Role.ADMINISTRATOR)
