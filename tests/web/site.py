"""The pages of a real archive on SQLite, and calls to fill it with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from fonoteka import accounts as accounts_room
from fonoteka import archive as archive_room
from fonoteka import web
from fonoteka.accounts import Accounts
from fonoteka.alerts import AlertRoom, ensure_own_channel
from fonoteka.archive import Archive
from fonoteka.domain.call import DEFAULT_TENANT_ID, Call, Direction, Participant, Party
from fonoteka.domain.ids import new_id
from fonoteka.domain.recording import ActivityStrip, EndReason, Recording, RecordingState, Track
from fonoteka.domain.status import SystemStatus
from fonoteka.policy import PolicyRoom
from fonoteka.settings import Settings
from fonoteka.sharing import SharingRoom
from fonoteka.speech import SpeechRoom
from tests.live_calls import LiveCalls

LOGIN, PASSWORD = "admin", "correct horse battery staple"
HEALTHY = SystemStatus(
    recorder_alive=True,
    worker_alive=True,
    recording_calls=0,
    sealed_waiting=0,
    failed=0,
    sip_address="0.0.0.0:5060",
    disk_free_bytes=412_000_000_000,
)
CLIENT = ("Ирина Кольцова", "+79000000014")
AGENT = ("Анна Лебедева", "104")


@dataclass
class Site:
    """One installation's pages. `status` is what the system says of itself; tests may set it."""

    archive: Archive
    accounts: Accounts
    folder: Path
    public_url: str = ""
    status: SystemStatus = HEALTHY
    live: LiveCalls = field(default_factory=LiveCalls)
    alert_settings: dict[str, Any] = field(default_factory=dict)
    policy: PolicyRoom = field(init=False)
    alerts: AlertRoom = field(init=False)
    speech: SpeechRoom = field(init=False)
    sharing: SharingRoom = field(init=False)
    app: FastAPI = field(init=False)

    def __post_init__(self) -> None:
        settings = Settings(data=self.folder, public_url=self.public_url)
        self.app = FastAPI()
        web.install(self.app)
        self.alerts = AlertRoom(self.archive.store, public_url=self.public_url, **self.alert_settings)
        self.sharing = SharingRoom(
            self.archive, self.accounts, "https://calls.example.com", has_mail=self.alerts.mail is not None
        )
        ensure_own_channel(self.alerts)
        self.policy = PolicyRoom(self.archive.store, self.folder / "policy.json")
        self.speech = SpeechRoom(self.archive.store, self.archive.objects)
        desk = web.Desk(
            archive=self.archive,
            accounts=self.accounts,
            settings=settings,
            status=lambda: self.status,
            policy=self.policy,
            live=self.live,
            alerts=self.alerts,
            speech=self.speech,
            sharing=self.sharing,
        )
        self.app.include_router(web.create_router(desk))

    def visitor(self, language: str = "ru", zone: str = "Europe/Moscow") -> TestClient:
        """A browser that nobody has signed in with yet."""
        client = TestClient(self.app, headers={"Accept-Language": language}, follow_redirects=False)
        client.cookies.set("fonoteka_zone", zone)
        return client

    def signed_in(self, language: str = "ru", zone: str = "Europe/Moscow") -> TestClient:
        """A browser that the administrator has signed in with."""
        client = self.visitor(language, zone)
        secret = accounts_room.sign_in(self.accounts, LOGIN, PASSWORD, "testclient")
        client.cookies.set("fonoteka_session", secret)
        return client

    def add(
        self,
        started_at: datetime | None = None,
        *,
        direction: Direction = Direction.INCOMING,
        client: tuple[str, str] = CLIENT,
        agent: tuple[str, str] = AGENT,
        state: RecordingState = RecordingState.READY,
        end_reason: EndReason = EndReason.BYE,
    ) -> Call:
        """Take a call of 204 s into the archive as the pipeline does it; gives it back as registered."""
        call = make_call(started_at or datetime.now(UTC) - timedelta(minutes=5), direction, client, agent)
        recording = replace(call.recordings[0], end_reason=end_reason)
        call = replace(call, recordings=(recording,))
        archive_room.register_call(self.archive, call)
        if state is RecordingState.FAILED:
            archive_room.fail_recording(self.archive, recording.id, "codec.unknown")
        elif state is not RecordingState.PROCESSING:
            audio = self.folder / "audio.opus"
            audio.write_bytes(b"OggS" * 1000)
            told = RecordingState.SILENT if state is RecordingState.SILENT else RecordingState.READY
            archive_room.shelve_recording(self.archive, replace(recording, state=told), audio, b"{}")
        return call


def make_call(
    started_at: datetime, direction: Direction, client: tuple[str, str], agent: tuple[str, str]
) -> Call:
    """A call with one recording of two tracks; the calling party's is the first."""
    calling, called = (agent, client) if direction is Direction.OUTGOING else (client, agent)
    call_id = new_id()
    people = tuple(
        Participant(str(index), party, number, name, f"sip:{number}@pbx.example.com")
        for index, (party, (name, number)) in enumerate(((Party.CALLING, calling), (Party.CALLED, called)))
    )
    tracks = tuple(
        Track(one, str(party), str(one), str(one + 1), "PCMA", 8000, 10_000, 30 * one, 600 * one)
        for one, party in enumerate((Party.CALLING, Party.CALLED))
    )
    recording = Recording(
        id=new_id(),
        call_id=call_id,
        tenant_id=DEFAULT_TENANT_ID,
        state=RecordingState.PROCESSING,
        end_reason=EndReason.BYE,
        started_at=started_at,
        duration_ms=204_000,
        codec="opus",
        profile="standard",
        size_bytes=0,
        sha256="",
        object_key=None,
        peaks_key=None,
        strip=ActivityStrip(((15,) * 9 + (0,) * 36, (0,) * 9 + (8,) * 36)),
        tracks=tracks,
        error_code=None,
        deleted_at=None,
    )
    return Call(
        id=call_id,
        tenant_id=DEFAULT_TENANT_ID,
        source="siprec",
        direction=direction,
        started_at=started_at,
        duration_ms=204_000,
        participants=people,
        recordings=(recording,),
        created_at=started_at,
    )
