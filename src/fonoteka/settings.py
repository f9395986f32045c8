"""Every setting: a description, a unit in its name, a default that works.

Read from `fonoteka.toml` in the data folder, then from the environment (`FONOTEKA_…`), then from the
command line; the later wins. docs/operate/settings.md lists them, a test compares.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Where things lie in the data folder."""

    root: Path

    @property
    def spool_open(self) -> Path:
        """Recordings in progress, a folder each; only the recorder writes here."""
        return self.root / "spool" / "open"

    @property
    def spool_sealed(self) -> Path:
        """Ended recordings with a manifest, waiting for the worker."""
        return self.root / "spool" / "sealed"

    @property
    def spool_incoming(self) -> Path:
        """Recordings that an import or an upload is still bringing, a folder each, locked while it does."""
        return self.root / "spool" / "incoming"

    @property
    def spool_failed(self) -> Path:
        """Recordings that could not be processed, kept untouched for a person to look at."""
        return self.root / "spool" / "failed"

    @property
    def spool_queue(self) -> Path:
        """The name of the queue of this spool's recordings, of its own among all that share a database."""
        return self.root / "spool" / "queue"

    @property
    def work(self) -> Path:
        """The worker's intermediate files; may be emptied while no worker runs."""
        return self.root / "work"

    @property
    def cache(self) -> Path:
        """Renditions made for download (MP3, WAV); may be emptied at any time."""
        return self.root / "cache"

    @property
    def objects(self) -> Path:
        """The embedded object store."""
        return self.root / "objects"

    @property
    def models(self) -> Path:
        """Local speech models, a folder each, and which is used for which language."""
        return self.root / "models"

    @property
    def imports(self) -> Path:
        """Which files and uploads were taken in already (SQLite)."""
        return self.root / "imports.sqlite3"

    @property
    def run(self) -> Path:
        """Locks, sockets and metrics of running processes."""
        return self.root / "run"

    @property
    def policy_snapshot(self) -> Path:
        """People and rules of all tenants, as the recorder decides by them without a database."""
        return self.root / "policy.json"

    def make(self) -> None:
        """Create what is missing; readable by the owner alone, for it holds people's voices."""
        for folder in (
            self.spool_open,
            self.spool_sealed,
            self.spool_incoming,
            self.spool_failed,
            self.work,
            self.cache,
            self.objects,
            self.run,
        ):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)


class Settings(BaseSettings):
    """The settings of one Fonoteka. Unknown names in the file are an error, so that slips are seen."""

    model_config = SettingsConfigDict(env_prefix="FONOTEKA_", extra="forbid", frozen=True)

    data: Path = Field(
        Path("data"), description="Folder of everything that Fonoteka keeps: database, audio, spool."
    )
    http: str = Field("127.0.0.1:8080", description="Address and port of the pages and the REST API.")
    sip: str = Field("0.0.0.0:5060", description="Address and port for SIPREC over UDP and TCP.")
    public_url: str = Field(
        "", description="Address under which people reach the pages; empty: made from `http`."
    )
    database_url: str = Field(
        "", description="SQLAlchemy address of the database; empty: SQLite in the data folder."
    )
    objects_url: str = Field(
        "", description="Object store for audio (file:// or s3://); empty: a folder in the data folder."
    )
    s3_endpoint: str = Field(
        "", description="Address of an S3 store that is not Amazon's, as `https://s3.example.org`."
    )
    s3_region: str = Field("", description="Region of the bucket; empty: as AWS_REGION says, else us-east-1.")
    s3_access_key_id: str = Field(
        "", description="Access key for the bucket; empty: as AWS's environment variables say.", repr=False
    )
    s3_secret_access_key: str = Field(
        "", description="The secret that belongs to the access key.", repr=False
    )
    s3_path_style: bool = Field(
        True, description="Name the bucket in the path (`/bucket/key`), else in the host name."
    )
    s3_allow_http: bool = Field(
        False, description="Allow an `s3_endpoint` without encryption, in a private network."
    )
    objects_timeout_s: float = Field(
        10.0,
        gt=0,
        le=600,
        description="Longest wait for an answer of S3; parts of an upload get six times that.",
    )
    admin_password: str = Field(
        "",
        description="Password of the first administrator at first start; empty: one is made and printed.",
        repr=False,
    )
    media_address: str = Field(
        "", description="IP address offered for RTP; empty: the one that routes to the caller."
    )
    media_port_min: int = Field(20000, ge=1024, le=65534, description="First UDP port for RTP.")
    media_port_max: int = Field(29999, ge=1025, le=65535, description="Last UDP port for RTP and RTCP.")
    media_sync_s: float = Field(
        2.0, gt=0, le=60, description="Seconds between two fdatasync of a recorded stream."
    )
    session_expires_s: int = Field(1800, ge=90, description="SIP session timer that we ask for (RFC 4028).")
    recordings_max: int = Field(
        2000, ge=1, description="Recordings at the same time; more are answered 503 with Retry-After."
    )
    disk_free_min_bytes: int = Field(
        200_000_000, ge=0, description="Below this much free disk new recordings are answered 503."
    )
    extension_digits_max: int = Field(
        5, ge=1, le=9, description="Numbers of up to so many digits are own extensions."
    )
    upload_bytes_max: int = Field(
        2_200_000_000, ge=1_000, description="Largest upload that `POST /api/v1/calls` takes."
    )
    worker_concurrency: int = Field(
        0, ge=0, description="Recordings processed at the same time; 0: one for each core."
    )
    speech_threads: int = Field(
        1, ge=0, le=64, description="Recordings analysed at the same time by a worker; 0: it analyses none."
    )
    speech_voice_detector: str = Field(
        "auto",
        pattern="^(auto|silero|energy)$",
        description="What tells voices from other sounds: `silero`, `energy`, or the better one that is"
        " installed.",
    )
    transcript_engine: str = Field(
        "onnx_asr",
        pattern="^(none|onnx_asr|openai)$",
        description="What turns speech into text: a local model (`fonoteka speech models`), a server"
        " (`openai`), or `none`.",
    )
    transcript_threads: int = Field(
        1, ge=1, le=64, description="Threads of a local model's arithmetic, or requests to a server at once."
    )
    transcript_device: str = Field(
        "cpu", pattern="^(cpu|cuda)$", description="Where a local model runs; `cuda` needs onnxruntime-gpu."
    )
    transcript_url: str = Field(
        "", description="Address of a server with OpenAI's `/v1/audio/transcriptions`."
    )
    transcript_key: str = Field("", description="Key that the server asks for.", repr=False)
    transcript_model: str = Field("", description="Name of the model there; empty: its own choice.")
    transcript_timeout_s: float = Field(
        120.0, gt=0, le=600, description="Longest wait for the text of a piece (25 s of speech at most)."
    )
    smtp_host: str = Field("", description="Mail server that takes our e-mail; empty: no e-mail is sent.")
    smtp_port: int = Field(
        0, ge=0, le=65535, description="Its port; 0: 587 with `starttls`, 465 with `tls`, 25 with `none`."
    )
    smtp_tls: str = Field(
        "starttls",
        pattern="^(starttls|tls|none)$",
        description="How the connection to it is encrypted: `starttls`, `tls` or `none`.",
    )
    smtp_user: str = Field("", description="User to sign in with there; empty: without signing in.")
    smtp_password: str = Field("", description="The user's password.", repr=False)
    smtp_sender: str = Field(
        "", description="Address that e-mail comes from; empty: `fonoteka@` the machine's name."
    )
    smtp_attempt_s: float = Field(
        30.0, gt=0, le=60, description="Seconds that handing over one e-mail may take altogether."
    )
    mail_attachment_bytes_max: int = Field(
        7_000_000,
        ge=0,
        le=100_000_000,
        description="Calls are e-mailed as files up to this size together, larger ones as a link.",
    )
    mails_per_hour: int = Field(
        10,
        ge=1,
        le=1000,
        description="Alerts e-mailed one by one to an address in an hour; the rest come together.",
    )
    webhook_networks: str = Field(
        "",
        description="Networks that webhooks may reach though they are not public, by commas (`10.0.4.0/24`).",
    )
    webhook_attempt_s: float = Field(
        10.0, gt=0, le=60, description="Seconds that one request to a webhook may take altogether."
    )
    tls_ca_file: str = Field(
        "", description="CA certificates (PEM) that mail server and webhooks may show beside the system's."
    )
    disk_low_bytes: int = Field(
        2_000_000_000, ge=0, description="Below this much free disk an alert is raised."
    )
    session_days: int = Field(30, ge=1, le=400, description="Days until a sign-in must be repeated.")
    connector: tuple[dict[str, Any], ...] = Field(
        (),
        description="Other sources of calls than SIPREC, a `[[connector]]` each with its `kind`:"
        " [asterisk](asterisk.md), [cdr and folder](import.md).",
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="How much is logged.")

    @property
    def folder(self) -> DataFolder:
        """The layout of the data folder."""
        return DataFolder(self.data)

    @property
    def sqlalchemy_url(self) -> str:
        """The database address, with the embedded default filled in."""
        return self.database_url or f"sqlite:///{(self.data / 'fonoteka.sqlite3').absolute()}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings


def load_settings(**given: Any) -> Settings:
    """Settings from the data folder's `fonoteka.toml`, the environment and `given` (None is “not given”).

    Raises pydantic's ValidationError naming each bad setting, and tomllib's error for a broken file.
    """
    given = {name: value for name, value in given.items() if value is not None}
    bare = Settings(**given)
    file = bare.data / "fonoteka.toml"
    if not file.is_file():
        return bare
    written = tomllib.loads(file.read_text("utf-8"))
    return Settings.model_validate({**written, **_from_environment(), **given})


def _from_environment() -> dict[str, Any]:
    names = {f"FONOTEKA_{name.upper()}": name for name in Settings.model_fields}
    found: dict[str, Any] = {names[key]: value for key, value in os.environ.items() if key in names}
    if isinstance(found.get("connector"), str):
        found["connector"] = json.loads(found["connector"])
    return found
