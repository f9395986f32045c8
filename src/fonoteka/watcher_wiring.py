"""The composition root of what watches folders and call detail records, in a worker's process."""

from __future__ import annotations

from typing import Any

from fonoteka.connectors.folder import CdrConfig, CdrWatcher, FolderConfig, FolderWatcher, Rounds
from fonoteka.domain.errors import SettingInvalid
from fonoteka.settings import Settings
from fonoteka.wiring import Rooms, build_announce

CONNECTOR_KINDS = frozenset({"asterisk", "cdr", "folder"})


def build_watchers(settings: Settings, rooms: Rooms) -> list[Rounds]:
    """What is watched by `[[connector]]` of the kinds `folder` and `cdr`, not started yet.

    Raises `SettingInvalid`, `ImportInvalid` for what can never work, an unknown tenant among it.
    """
    for table in settings.connector:
        if table.get("kind") not in CONNECTOR_KINDS:
            known = ", ".join(sorted(CONNECTOR_KINDS))
            raise SettingInvalid(f"[[connector]]: kind is one of {known}, not “{table.get('kind')}”.")
    return [
        _watcher(settings, rooms, table) for table in settings.connector if table["kind"] in ("cdr", "folder")
    ]


def _watcher(settings: Settings, rooms: Rooms, table: dict[str, Any]) -> Rounds:
    config: CdrConfig | FolderConfig
    config = CdrConfig.of_table(table) if table["kind"] == "cdr" else FolderConfig.of_table(table)
    with rooms.store.reading() as tx:
        tenant = tx.tenants.get(config.tenant)
    if tenant is None:
        raise SettingInvalid(f'[[connector]] kind = "{config.kind}": there is no tenant “{config.tenant}”.')
    if isinstance(config, CdrConfig):
        return CdrWatcher(settings, config.of_tenant(tenant), build_announce(settings, rooms))
    return FolderWatcher(settings, config.of_tenant(tenant))
