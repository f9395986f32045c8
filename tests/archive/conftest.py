"""An archive on each kind of database."""

from __future__ import annotations

from pathlib import Path

import pytest

from fonoteka.archive import Archive
from fonoteka.objects import ObjectStore
from fonoteka.store import Store


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
