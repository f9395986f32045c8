"""A CDR file that is watched: each call in it is announced to the ledger soon after it was written."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from fonoteka.connectors.folder import metrics
from fonoteka.connectors.folder.cdr_calls import CdrClock, calls_of
from fonoteka.connectors.folder.cdr_file import START, Lines, Place, end_of, read_on
from fonoteka.connectors.folder.clock import SHIFT_HELP, clock_shift, zone_of
from fonoteka.connectors.folder.import_state import ImportState
from fonoteka.connectors.folder.report import Problem
from fonoteka.connectors.folder.rounds import Rounds
from fonoteka.domain.announced import Announce, AnnouncedCall
from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.domain.errors import SettingInvalid
from fonoteka.domain.people import Tenant
from fonoteka.settings import Settings

CLOCK_DOUBT = timedelta(minutes=10)
"""A record that was just written ended just now; further away the PBX's clock or its time zone is another."""
_DOUBTS_MIN = 3

_log = logging.getLogger(__name__)


class CdrConfig(BaseModel):
    """One CDR file. Unknown names are an error, so that slips are seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["cdr"] = "cdr"
    path: Path = Field(description="The file that the PBX appends to, such as Master.csv.")
    tenant: str = Field(
        DEFAULT_TENANT_ID,
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="Id of the tenant whose calls they are.",
    )
    time_zone: str = Field("", description="IANA time zone of the times in it; empty: the tenant's.")
    shift: str = Field("0s", description=SHIFT_HELP)
    since: date | None = Field(
        None, description="First day whose calls count; left out: from when the file is first watched."
    )
    poll_s: float = Field(5.0, ge=0.2, le=60, description="Seconds between two looks.")

    @classmethod
    def of_table(cls, table: dict[str, Any]) -> CdrConfig:
        """The configuration in a `[[connector]]` table. Raises `SettingInvalid` naming what is wrong."""
        try:
            config = cls.model_validate(table)
        except pydantic.ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise SettingInvalid(f'[[connector]] kind = "cdr": {name}: {first["msg"]}.') from error
        config.clock()
        return config

    def of_tenant(self, tenant: Tenant) -> CdrConfig:
        """The same with the tenant's time zone where none was given."""
        return self if self.time_zone else self.model_copy(update={"time_zone": tenant.time_zone})

    def clock(self) -> CdrClock:
        """How the PBX writes its times. Raises `SettingInvalid`."""
        return CdrClock(zone_of(self.time_zone), clock_shift(self.shift))

    def first_instant(self) -> datetime | None:
        """Calls that began before do not count."""
        if self.since is None:
            return None
        return datetime.combine(self.since, time(), self.clock().zone).astimezone(UTC)


class CdrWatcher(Rounds):
    """Watches one CDR file in a thread of its own. How far it was read is kept over restarts."""

    def __init__(self, settings: Settings, config: CdrConfig, announce: Announce) -> None:
        """Raises `SettingInvalid` for a configuration that can never work."""
        super().__init__(f"watched CDR {config.path}", config.poll_s)
        self._settings, self._config, self._announce = settings, config, announce
        self._clock, self._since = config.clock(), config.first_instant()
        self._is_at_end = False
        self._doubts = 0

    def look(self) -> int:
        """Announce what is new; how many calls. Raises `StoreUnavailable`, `SpoolUnwritable`, OSError."""
        announced = 0
        with ImportState(self._settings.folder.imports) as state:
            place = self._place(state)
            if place is None:
                return 0
            for lines in read_on(self._config.path, place):
                announced += self._take(lines)
                state.remember_place(self._config.tenant, self._config.path, lines.place.to_json())
                if self.stopping.is_set():
                    return announced
        self._is_at_end = True
        return announced

    def _place(self, state: ImportState) -> Place | None:
        """Where to go on; None while there is no file and never was."""
        known = state.place_of(self._config.tenant, self._config.path)
        if known is not None:
            return Place.from_json(known)
        if not self._config.path.exists():
            # All that a file of later holds is new.
            state.remember_place(self._config.tenant, self._config.path, START.to_json())
            self.warn(Problem(str(self._config.path), "absent", "There is no such file yet."))
            return None
        place = START if self._since else end_of(self._config.path)
        state.remember_place(self._config.tenant, self._config.path, place.to_json())
        return place

    def _take(self, lines: Lines) -> int:
        for problem in lines.problems:
            metrics.CDR_ROWS.labels("left_out").inc()
            self.warn(problem)
        calls, wrong = calls_of(lines.rows, self._config.tenant, self._clock)
        for row in wrong:
            metrics.CDR_ROWS.labels("left_out").inc()
            detail = f"No call can have begun at {row.at.isoformat()}; `shift` corrects a clock."
            self.warn(Problem(str(self._config.path), "time_implausible", detail))
        if self._since is not None:
            calls = [one for one in calls if one.started_at >= self._since]
        metrics.CDR_ROWS.labels("read").inc(len(lines.rows) - len(wrong))
        self._doubt_clock(calls)
        if calls:
            self._announce(calls, False)
        return len(calls)

    def _doubt_clock(self, calls: list[AnnouncedCall]) -> None:
        """Say so when records that were just written tell of another time than now."""
        if not self._is_at_end or not calls:
            return
        off = max(one.ended_at for one in calls) - datetime.now(UTC)
        self._doubts = self._doubts + 1 if abs(off) > CLOCK_DOUBT else 0
        if self._doubts == _DOUBTS_MIN:
            minutes = round(off / timedelta(minutes=1))
            detail = (
                f"Records that were just written are {minutes:+d} minutes from now by our clock: is the PBX's"
                " clock wrong (`shift`), its time zone another (`time_zone`), or are records written late?"
                " Calls are found in recordings only if the times agree."
            )
            self.warn(Problem(str(self._config.path), "clock_doubtful", detail))
