"""The composition root: settings in, running parts out.

What every command and process needs is here; `web_wiring`, `worker_wiring`, `watcher_wiring` and
`recorder_wiring` build the parts of one process each, so that none loads what only another needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from fonoteka.accounts import Accounts
from fonoteka.alerts import (
    AlertRoom,
    AlertService,
    Machine,
    Watch,
    ensure_own_channel,
    mail_server_of,
    webhook_limits_of,
)
from fonoteka.archive import Archive, announce_calls
from fonoteka.capture.policy_snapshot import SnapshotPolicy
from fonoteka.domain.announced import Announce, AnnouncedCall, Announcement
from fonoteka.objects import ObjectStore, S3Access
from fonoteka.policy import PolicyRoom, publish
from fonoteka.settings import Settings
from fonoteka.sharing import SHARE_KIND, SharingRoom, letter_of
from fonoteka.speech import EngineConfig, EngineKind, SpeechRoom, VoiceDetector
from fonoteka.store import Store


@dataclass(frozen=True, slots=True)
class Rooms:
    """The use cases of one installation, opened on its database and its objects."""

    store: Store
    archive: Archive
    accounts: Accounts
    policy: PolicyRoom
    alerts: AlertRoom
    speech: SpeechRoom
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
    speech = SpeechRoom(
        store, objects, VoiceDetector(settings.speech_voice_detector), engine_config_of(settings)
    )
    return Rooms(store, archive, accounts, policy, alerts, speech, sharing)


def engine_config_of(settings: Settings) -> EngineConfig:
    """What turns speech into text here."""
    return EngineConfig(
        EngineKind(settings.transcript_engine),
        settings.folder.models,
        settings.transcript_threads,
        settings.transcript_device,
        settings.transcript_url,
        settings.transcript_key,
        settings.transcript_model,
        settings.transcript_timeout_s,
        settings.tls_ca_file,
    )


def build_alert_service(settings: Settings, rooms: Rooms, *, outlives_worker: bool = False) -> AlertService:
    """What looks whether all is well and tells people; beside each worker and beside the pages."""
    machine = Machine.of(settings.data, settings.disk_low_bytes, settings.disk_free_min_bytes)
    return AlertService(rooms.alerts, [Watch(rooms.alerts, machine, outlives_worker).look])


def build_announce(settings: Settings, rooms: Rooms) -> Announce:
    """How calls are announced that somebody tells of: by the rules that the recorder has now."""
    policy = SnapshotPolicy(settings.folder.policy_snapshot, settings.extension_digits_max)

    def announce(calls: Sequence[AnnouncedCall], dry_run: bool) -> tuple[Announcement, ...]:
        policy.look()
        return announce_calls(rooms.archive, policy, calls, dry_run)

    return announce
