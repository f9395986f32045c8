"""Looks whether the parts of this installation are as they should be, and reports what is not."""

from __future__ import annotations

import logging
import secrets
import shutil
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fonoteka.alerts.alert_room import AlertRoom
from fonoteka.alerts.desk import Desk
from fonoteka.domain.alerts import INSTALLATION, Condition, Facts, level_of_count
from fonoteka.domain.errors import FonotekaError
from fonoteka.domain.running import last_beat

_LOG = logging.getLogger(__name__)
DOWN_PATIENCE_S = 20.0
CONNECTOR_PATIENCE = timedelta(minutes=2)
MISSING_WITHIN = timedelta(days=1)
_DISK_CALM = 1.1
"""So much above the threshold the disk must have to count as no longer low."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One data folder and the machine it lies on. `node` tells it from others, `name` may change."""

    node: str
    name: str
    root: Path
    disk_low_bytes: int
    disk_full_bytes: int

    @classmethod
    def of(cls, root: Path, disk_low_bytes: int, disk_full_bytes: int) -> Machine:
        """The machine we are on. Its node is written into the data folder at the first look."""
        return cls(_node(root / "node"), socket.gethostname(), root, disk_low_bytes, disk_full_bytes)


@dataclass
class Watch:
    """Looks at one data folder. `outlives_worker`: for a process that may be there when the worker is not."""

    room: AlertRoom
    machine: Machine
    outlives_worker: bool = False
    monotonic: Callable[[], float] = time.monotonic
    _bad_since: dict[str, float] = field(default_factory=dict)

    def look(self) -> None:
        """Report what is wrong; cheap enough for every few seconds. Never raises for the database's sake.

        A process that outlives the worker looks for the worker, and does its work while it is down.
        """
        desk = Desk(self.room)
        if self.outlives_worker and self._worker(desk):
            return
        self._recorder(desk)
        self._disk(desk)
        self._failed(desk)
        try:
            self._missing(desk)
        except FonotekaError as error:
            _LOG.warning("missing recordings could not be counted: %s", error)

    def _recorder(self, desk: Desk) -> None:
        path = self.machine.root / "run" / "recorder.json"
        beat = last_beat(path)
        if path.exists():  # one has run here: not every machine has one
            self._part(desk, Condition.RECORDER_DOWN, is_alive=beat is not None, facts={})
        if beat is not None:  # while it is down, nobody knows more about its connectors
            self._connectors(desk, beat.get("connectors"))

    def _worker(self, desk: Desk) -> bool:
        path = self.machine.root / "run" / "worker.json"
        is_alive = last_beat(path) is not None
        waiting = 0 if is_alive else _folders(self.machine.root / "spool" / "sealed")
        facts: Facts = {"waiting": waiting} if waiting else {}
        if path.exists():
            self._part(desk, Condition.WORKER_DOWN, is_alive=is_alive, facts=facts)
        return is_alive

    def _part(self, desk: Desk, condition: Condition, *, is_alive: bool, facts: Facts) -> None:
        if is_alive:
            self._bad_since.pop(condition, None)
            desk.clear(condition, INSTALLATION, self.machine.node)
        elif self._lasts(condition, DOWN_PATIENCE_S):
            desk.report(condition, INSTALLATION, self.machine.node, {"machine": self.machine.name, **facts})

    def _connectors(self, desk: Desk, told: object) -> None:
        lost: dict[tuple[str, str], tuple[Facts, int]] = {}
        for name, since in told.items() if isinstance(told, dict) else ():
            if since is not None and self.room.now() - _instant(since) >= CONNECTOR_PATIENCE:
                facts: Facts = {"connector": str(name), "since": str(since)}
                lost[INSTALLATION, f"{self.machine.node} {name}"] = (facts, 0)
        desk.report_all(Condition.CONNECTOR_LOST, lost, scope=self.machine.node)

    def _disk(self, desk: Desk) -> None:
        machine, free = self.machine, shutil.disk_usage(self.machine.root).free
        facts: Facts = {"machine": machine.name, "free_bytes": free, "needed_bytes": machine.disk_full_bytes}
        if free < machine.disk_full_bytes:
            desk.report(Condition.DISK_LOW, INSTALLATION, machine.node, facts, 2)
        elif free < machine.disk_low_bytes:
            desk.report(Condition.DISK_LOW, INSTALLATION, machine.node, facts, 1)
        elif free >= machine.disk_low_bytes * _DISK_CALM:
            desk.clear(Condition.DISK_LOW, INSTALLATION, machine.node)

    def _failed(self, desk: Desk) -> None:
        machine = self.machine
        if count := _folders(machine.root / "spool" / "failed"):
            facts: Facts = {"machine": machine.name, "recordings": count}
            desk.report(Condition.RECORDING_FAILED, INSTALLATION, machine.node, facts, level_of_count(count))
        else:
            desk.clear(Condition.RECORDING_FAILED, INSTALLATION, machine.node)

    def _missing(self, desk: Desk) -> None:
        with self.room.store.reading() as tx:
            counted = tx.ledger.missing_since(self.room.now() - MISSING_WITHIN)
        holding: dict[tuple[str, str], tuple[Facts, int]] = {
            (tenant_id, ""): ({"calls": count}, level_of_count(count)) for tenant_id, count in counted.items()
        }
        desk.report_all(Condition.RECORDING_MISSING, holding)

    def _lasts(self, subject: str, patience_s: float) -> bool:
        now = self.monotonic()
        return now - self._bad_since.setdefault(subject, now) >= patience_s


def _instant(text: object) -> datetime:
    """The instant that another process wrote; for what cannot be read, one that is long past."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _folders(folder: Path) -> int:
    try:
        return sum(1 for entry in folder.iterdir() if entry.is_dir())
    except FileNotFoundError:
        return 0


def _node(path: Path) -> str:
    """The name written there; made once, whoever comes first."""
    if not path.exists():
        making = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        making.write_text(secrets.token_hex(4))
        try:
            path.hardlink_to(making)
        except FileExistsError:
            pass
        finally:
            making.unlink()
    return path.read_text("ascii").strip()[:40]
