"""A site for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fonoteka.accounts import Accounts, ensure_first_administrator
from fonoteka.archive import Archive
from fonoteka.objects import ObjectStore
from fonoteka.store import Store
from tests.databases import fresh_url
from tests.web.site import PASSWORD, Site


@pytest.fixture
def make_site(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Makes the one site of a test, with the settings given."""
    shutil.copy(sqlite_template, tmp_path / "fonoteka.sqlite3")
    store = Store.open(fresh_url(tmp_path))
    accounts = Accounts(store)
    ensure_first_administrator(accounts, PASSWORD)
    archive = Archive(store, ObjectStore.open(tmp_path / "objects"), tmp_path / "cache", 5)
    yield lambda **settings: Site(archive, accounts, tmp_path, **settings)
    store.close()


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """An installation without a call."""
    return make_site()
