"""The only composition root: settings in, running parts out."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import FastAPI

from fonoteka import __version__, api, web
from fonoteka.accounts import Accounts
from fonoteka.alerts import (
    AlertRoom,
    AlertService,
    Desk,
    Machine,
    Watch,
    ensure_own_channel,
    mail_server_of,
    webhook_limits_of,
)
from fonoteka.archive import (
    Archive,
    announce_calls,
    audit_storage,
    count_hours,
    count_sound,
    fold_tallies,
    remove_deleted_audio,
    sweep_retention,
)
from fonoteka.capture.control_protocol import SOCKET_NAME
from fonoteka.capture.live_client import LiveClient
from fonoteka.capture.policy_snapshot import SnapshotPolicy
from fonoteka.connectors.folder import (
    CdrConfig,
    CdrWatcher,
    FolderConfig,
    FolderWatcher,
    Rounds,
    remove_abandoned,
)
from fonoteka.domain.announced import Announce, AnnouncedCall, Announcement
from fonoteka.domain.errors import FonotekaError, SettingInvalid
from fonoteka.domain.running import last_beat
from fonoteka.domain.status import SystemStatus
from fonoteka.objects import ObjectStore, S3Access
from fonoteka.pipeline.schedules import Schedule
from fonoteka.pipeline.steps import Bench
from fonoteka.pipeline.storage_watch import watch_storage
from fonoteka.pipeline.worker import Worker
from fonoteka.policy import PolicyRoom, publish
from fonoteka.settings import DataFolder, Settings
from fonoteka.sharing import SHARE_KIND, SharingRoom, letter_of
from fonoteka.store import Store

log = logging.getLogger(__name__)

CONNECTOR_KINDS = frozenset({"asterisk", "cdr", "folder"})


@dataclass(frozen=True, slots=True)
class Rooms:
    """The use cases of one installation, opened on its database and its objects."""

    store: Store
    archive: Archive
    accounts: Accounts
    policy: PolicyRoom
    alerts: AlertRoom
    sharing: SharingRoom

    def close(self) -> None:
        """Give connections back."""
        self.store.close()


def open_objects(settings: Settings) -> ObjectStore:
    """The object store of these settings. Raises `SettingInvalid`."""
    access = S3Access(
        settings.s3_endpoint,
        settings.s3_region,
        settings.s3_access_key_id,
        settings.s3_secret_access_key,
        settings.s3_path_style,
        settings.s3_allow_http,
        settings.objects_timeout_s,
    )
    return ObjectStore.open(settings.objects_url or settings.folder.objects.absolute(), access)


def open_rooms(settings: Settings) -> Rooms:
    """Open database and objects; the database is brought up to date first."""
    settings.folder.make()
    store = Store.open(settings.sqlalchemy_url)
    store.migrate()
    objects = open_objects(settings)
    archive = Archive(
        store,
        objects,
        settings.folder.cache,
        settings.extension_digits_max,
        disk_free_min_bytes=settings.disk_free_min_bytes,
    )
    policy = PolicyRoom(store, settings.folder.policy_snapshot, settings.extension_digits_max)
    publish(policy)
    accounts = Accounts(store, settings.session_days)
    mail = mail_server_of(settings)
    sharing = SharingRoom(
        archive,
        accounts,
        settings.public_url or f"http://{settings.http}",
        has_mail=mail is not None,
        attachment_bytes_max=settings.mail_attachment_bytes_max,
    )
    alerts = AlertRoom(
        store,
        mail=mail,
        letters={SHARE_KIND: partial(letter_of, sharing)},
        webhooks=webhook_limits_of(settings),
        public_url=settings.public_url,
        mails_per_hour=settings.mails_per_hour,
    )
    ensure_own_channel(alerts)
    return Rooms(store, archive, accounts, policy, alerts, sharing)


def build_alert_service(settings: Settings, rooms: Rooms, *, outlives_worker: bool = False) -> AlertService:
    """What looks whether all is well and tells people; beside each worker and beside the pages."""
    machine = Machine.of(settings.data, settings.disk_low_bytes, settings.disk_free_min_bytes)
    return AlertService(rooms.alerts, [Watch(rooms.alerts, machine, outlives_worker).look])


def build_schedules(settings: Settings, rooms: Rooms) -> tuple[Schedule, ...]:
    """What runs by the clock, once over all workers."""
    return (
        Schedule("watch_storage", 30, partial(watch_storage, rooms.archive, Desk(rooms.alerts))),
        Schedule("sweep_storage", 60, partial(sweep_retention, rooms.archive)),
        Schedule("audit_storage", 7 * 86_400, partial(audit_storage, rooms.archive), offset_s=7_200),
        Schedule("fold_tallies", 10, partial(fold_tallies, rooms.archive)),
        Schedule("count_hours", 10, partial(count_hours, rooms.archive), offset_s=2),
        Schedule("count_sound", 10, partial(count_sound, rooms.archive), offset_s=5),
    )


def build_worker(settings: Settings, rooms: Rooms) -> Worker:
    """A worker of this data folder. What an interruption left behind goes first."""
    remove_abandoned(settings.folder)
    threading.Thread(target=_look_at_objects, args=(settings, rooms.archive), daemon=True).start()
    bench = Bench(rooms.archive, settings.folder, LiveClient(settings.folder.run / SOCKET_NAME))
    work_database = settings.database_url or f"sqlite:///{(settings.data / 'work.sqlite3').absolute()}"
    schedules = build_schedules(settings, rooms)
    return Worker(bench, work_database, settings.worker_concurrency, schedules)


def _look_at_objects(settings: Settings, archive: Archive) -> None:
    """Say what is wrong with the object store, and finish what was deleted; nobody waits for it."""
    try:
        if settings.objects_url:
            probe = archive.objects.probe()
            if not (probe.creates_once and probe.reads_ranges):
                log.error("the object store is not fit, see `fonoteka doctor`: %s", probe)
        remove_deleted_audio(archive)
    except FonotekaError as error:
        log.error("the object store cannot be used yet, recordings wait for it: %s", error)


def build_announce(settings: Settings, rooms: Rooms) -> Announce:
    """How calls are announced that somebody tells of: by the rules that the recorder has now."""
    policy = SnapshotPolicy(settings.folder.policy_snapshot, settings.extension_digits_max)

    def announce(calls: Sequence[AnnouncedCall], dry_run: bool) -> tuple[Announcement, ...]:
        policy.look()
        return announce_calls(rooms.archive, policy, calls, dry_run)

    return announce


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


def build_app(settings: Settings, rooms: Rooms) -> FastAPI:
    """Pages and REST API in one ASGI application."""
    status = status_of(settings)
    live = LiveClient(settings.folder.run / SOCKET_NAME)
    app = FastAPI(title="Fonoteka", version=__version__, openapi_url=None)  # the API describes itself
    announce = build_announce(settings, rooms)
    rest = api.create_router(
        rooms.archive,
        rooms.accounts,
        settings,
        status,
        rooms.policy,
        live,
        announce,
        rooms.alerts,
        rooms.sharing,
    )
    app.include_router(rest)
    web.install(app)
    pages = web.create_router(
        rooms.archive, rooms.accounts, settings, status, rooms.policy, live, rooms.alerts, rooms.sharing
    )
    app.include_router(pages)
    api.install_errors(app)  # last: it keeps the handlers of the pages for what is not the API's
    return app


def status_of(settings: Settings) -> Callable[[], SystemStatus]:
    """How the parts of this installation are; cheap enough to ask with every page."""
    folder = settings.folder

    def status() -> SystemStatus:
        recorder = last_beat(folder.run / "recorder.json")
        return SystemStatus(
            recorder_alive=recorder is not None,
            worker_alive=last_beat(folder.run / "worker.json") is not None,
            recording_calls=_entries(folder, "open"),
            sealed_waiting=_entries(folder, "sealed"),
            failed=_entries(folder, "failed"),
            sip_address=str((recorder or {}).get("sip", settings.sip)),
            disk_free_bytes=shutil.disk_usage(folder.root).free,
        )

    return status


def _entries(folder: DataFolder, place: str) -> int:
    return sum(1 for entry in (folder.root / "spool" / place).iterdir() if entry.is_dir())
