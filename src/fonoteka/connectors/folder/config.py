"""How a folder is imported or watched: the command's options, and `[[connector]] kind = "folder"`."""

from __future__ import annotations

from datetime import timedelta, tzinfo
from pathlib import Path
from typing import Any, Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from fonoteka.connectors.folder.cdr import CdrTable
from fonoteka.connectors.folder.clock import SHIFT_HELP, clock_shift, zone_of
from fonoteka.connectors.folder.importer import Importer
from fonoteka.connectors.folder.pattern import NamePattern
from fonoteka.connectors.folder.plan import Planner
from fonoteka.connectors.folder.sidecar import SidecarTable, parse_channels
from fonoteka.domain.call import DEFAULT_TENANT_ID, Party
from fonoteka.domain.errors import ImportInvalid, SettingInvalid
from fonoteka.domain.people import Tenant
from fonoteka.settings import Settings


class FolderConfig(BaseModel):
    """One folder of recordings. Unknown names are an error, so that slips are seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["folder"] = "folder"
    path: Path = Field(description="The folder (or for an import a single file).")
    tenant: str = Field(
        DEFAULT_TENANT_ID,
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="Id of the tenant whose calls they are.",
    )
    pattern: str = Field("", description="Pattern of the file names; empty: FreePBX's.")
    cdr: Path | None = Field(None, description="Call detail records (CSV) that belong to the files.")
    sidecar: Path | None = Field(None, description="Table (CSV or JSON) that describes the files.")
    time_zone: str = Field(
        "", description="IANA time zone of local times in names and tables; empty: the tenant's."
    )
    shift: str = Field("0s", description=SHIFT_HELP)
    channels: str = Field(
        "calling,called", description="Who is heard on the channels of files with two channels."
    )
    allow_unknown: bool = Field(False, description="Take calls of which no number is known, too.")
    poll_s: float = Field(10.0, ge=0.2, le=3600, description="Seconds between two looks at a watched folder.")
    quiet_s: float = Field(
        30.0, ge=0, le=86_400, description="A watched file is complete when it has not changed for so long."
    )

    @classmethod
    def of_table(cls, table: dict[str, Any]) -> FolderConfig:
        """The configuration in a `[[connector]]` table. Raises `SettingInvalid` naming what is wrong."""
        try:
            return cls.model_validate(table)
        except pydantic.ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise SettingInvalid(f'[[connector]] kind = "folder": {name}: {first["msg"]}.') from error

    def importer(self, settings: Settings, **given: Any) -> Importer:
        """An importer for it, tables read. Raises `ImportInvalid`, `SettingInvalid`."""
        try:
            # A tree inside a loop of links, or one that we may not enter.
            root = self.path.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            raise ImportInvalid(f"There is nothing that can be read at {self.path}.") from error
        if root.is_relative_to(settings.data.resolve()):
            raise ImportInvalid(f"{self.path} lies in Fonoteka's own data folder.")
        planner = Planner(
            root=root,
            zone=self.zone(),
            shift=self.clock_shift(),
            pattern=self._compiled_pattern(),
            cdr=CdrTable.read(self.cdr) if self.cdr else None,
            sidecar=SidecarTable.read(self.sidecar) if self.sidecar else None,
            allow_unknown=self.allow_unknown,
        )
        return Importer(
            data=settings.folder,
            tenant_id=self.tenant,
            planner=planner,
            channels=self._parties(),
            disk_free_min_bytes=settings.disk_free_min_bytes,
            **given,
        )

    def check(self) -> None:
        """Raises `SettingInvalid` or `ImportInvalid` for what is wrong whatever lies on the disk."""
        self.zone()
        self.clock_shift()
        self._parties()
        self._compiled_pattern()

    def _compiled_pattern(self) -> NamePattern | None:
        return NamePattern.compile(self.pattern) if self.pattern else None

    def _parties(self) -> tuple[Party, ...]:
        parties = parse_channels(self.channels)
        if not parties:
            raise SettingInvalid(
                f"channels name parties, such as calling,called; “{self.channels}” does not."
            )
        return parties

    def of_tenant(self, tenant: Tenant) -> FolderConfig:
        """The same with the tenant's time zone where none was given."""
        return self if self.time_zone else self.model_copy(update={"time_zone": tenant.time_zone})

    def zone(self) -> tzinfo:
        """The time zone. Raises `SettingInvalid`."""
        return zone_of(self.time_zone)

    def clock_shift(self) -> timedelta:
        """The correction of the clock. Raises `SettingInvalid`."""
        return clock_shift(self.shift)
