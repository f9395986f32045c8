"""A room of two tenants on each kind of database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from fonoteka.domain.people import Extension, Group, Tenant
from fonoteka.policy import PolicyRoom, create_tenant, save_extension, save_group
from fonoteka.store import Store
from tests.examples import NOON, actor

AddExtensions = Callable[..., list[Extension]]


@pytest.fixture
def room(store: Store, tmp_path: Path) -> PolicyRoom:
    """A room at noon with the tenants `default`, `ours` and `theirs`."""
    one = PolicyRoom(store, tmp_path / "policy.json", 5, now=lambda: NOON)
    for tenant_id in ("ours", "theirs"):
        create_tenant(one, actor(), Tenant(tenant_id, f"Company {tenant_id}"))
    return one


def add_extensions(room: PolicyRoom, tenant_id: str, *numbers: str) -> list[Extension]:
    """Extensions of a tenant by their numbers."""
    return [save_extension(room, actor(tenant_id), Extension("", tenant_id, number)) for number in numbers]


def add_group(room: PolicyRoom, tenant_id: str, name: str, *members: str) -> Group:
    """A group of a tenant."""
    return save_group(room, actor(tenant_id), Group("", tenant_id, name, frozenset(members)))


def midnight(day: int) -> datetime:
    """A day of the month of `NOON`, in UTC."""
    return NOON.replace(day=day, hour=0, minute=0, second=0, microsecond=0)
