"""Trees of recordings, and imports of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fonoteka.connectors.folder import FolderConfig, ImportReport
from fonoteka.domain.sealed import MANIFEST_NAME, SealedRecording
from fonoteka.settings import Settings


def settings_in(folder: Path) -> Settings:
    """Settings of a fresh data folder."""
    settings = Settings(data=folder / "data", disk_free_min_bytes=0)
    settings.folder.make()
    return settings


def import_tree(settings: Settings, path: Path, **options: Any) -> ImportReport:
    """Import as `fonoteka import` does, without a worker."""
    given = {name: options.pop(name) for name in ("dry_run", "waiting_max") if name in options}
    config = FolderConfig(path=path, **options)
    return config.importer(settings, patience_s=0.0, **given).run()


def sealed(settings: Settings) -> list[SealedRecording]:
    """What lies in the spool, in the order of the calls' beginnings."""
    return sorted(_manifests(settings), key=lambda one: (one.opened_at, one.streams[0].label))


def _manifests(settings: Settings) -> Iterator[SealedRecording]:
    for folder in settings.folder.spool_sealed.iterdir():
        found = SealedRecording.from_json((folder / MANIFEST_NAME).read_text("utf-8"))
        assert found.recording_id == folder.name
        for stream in found.streams:
            assert (folder / stream.file).is_file()
        yield found
