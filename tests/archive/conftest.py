"""An archive on each kind of database."""

from __future__ import annotations

from pathlib import Path

import pytest

from fonoteka.archive import Archive, scores
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Extension, Group, Tenant
from fonoteka.domain.score_forms import FormVersion
from fonoteka.objects import ObjectStore
from fonoteka.store import Store
from tests.archive.conversations import GROUPS, OWN
from tests.archive.score_house import BOSS, CONTENT
from tests.examples import NOON


@pytest.fixture
def archive(store: Store, tmp_path: Path) -> Archive:
    """An empty archive."""
    return Archive(store, ObjectStore.open(tmp_path / "objects"), tmp_path / "cache", 5)


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    """A file of two blocks and a bit."""
    path = tmp_path / "audio.opus"
    path.write_bytes(bytes(range(256)) * 2100)
    return path


@pytest.fixture
def house(archive: Archive) -> Archive:
    """An archive whose company has the extensions 101 to 103, the first two in a group."""
    with archive.store.transaction() as tx:
        tx.tenants.add(Tenant("ours", "Ours", "UTC"), NOON)
        tx.extensions.add([Extension(new_id(), "ours", str(n), person=f"P{n}") for n in (101, 102, 103)])
        tx.groups.add(Group("g", "ours", "Sales", frozenset({"101", "102"})))
    return archive


@pytest.fixture
def form(house: Archive) -> FormVersion:
    draft = scores.create_score_form(house, BOSS, CONTENT)
    return scores.activate_score_form(house, BOSS, draft.form_id, 1, 1)


@pytest.fixture
def people(archive: Archive) -> Archive:
    """An archive whose company talks: the extensions and groups of `conversations`, in Berlin."""
    with archive.store.transaction() as tx:
        tx.tenants.replace(Tenant("default", "d", "Europe/Berlin"))
        tx.extensions.add([Extension(new_id(), "default", one, "", f"Person {one}") for one in OWN])
        for id_, members in GROUPS.items():
            tx.groups.add(Group(id_, "default", id_, members))
    return archive
