"""Whose a call is and what the rules say, from the snapshot file that another process writes.

The file is looked at every `LOOK_S`; while it cannot be read, or is no snapshot, the last good one stays in
force. Without any file every call is the default tenant's and is recorded.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from fonoteka.capture import policy_metrics
from fonoteka.capture.log_limit import LogLimit
from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.domain.call_facts import NumberReader
from fonoteka.domain.errors import FonotekaError, PolicySnapshotCorrupt
from fonoteka.domain.people import Directory, Tenant
from fonoteka.domain.policy_snapshot import PolicySnapshot, TenantPolicy
from fonoteka.domain.refusals import PLAN_FULL, told_refusals
from fonoteka.domain.rule_engine import CompiledRules, compile_rules, decide
from fonoteka.domain.rules import CallFacts, Decision, RuleOutcome, RuleSet
from fonoteka.domain.trunk_table import TrunkTable
from fonoteka.wire.e164 import to_e164

logger = logging.getLogger(__name__)

LOOK_S = 0.25
SNAPSHOT_BYTES_MAX = 256 * 1024 * 1024
"""Some two million extensions; more is a mistake, and would stand in the recorder's memory."""


@dataclass(frozen=True, slots=True)
class _Tenant:
    policy: TenantPolicy
    reader: NumberReader
    rules: CompiledRules


@dataclass(frozen=True, slots=True)
class _Tables:
    """A snapshot made ready for questions."""

    version: int
    tenants: dict[str, _Tenant]
    trunks: TrunkTable = field(default_factory=lambda: TrunkTable.of(()))


@dataclass(frozen=True, slots=True)
class _Seen:
    """By what a file written anew is told: a rename brings another inode, a write another time or size."""

    inode: int
    modified_ns: int
    size: int


class SnapshotPolicy:
    """Implements `ports.Policy`. `start` reads the file and goes on looking at it; `stop` ends that.

    With a `run_folder` it looks there for whose calls are refused for want of room.
    """

    def __init__(self, path: Path, extension_digits_max: int, run_folder: Path | None = None) -> None:
        self._path = path
        self._run_folder = run_folder
        self._refusing: frozenset[str] = frozenset()
        self._extension_digits_max = extension_digits_max
        self._seen: _Seen | None = None
        self._looking: asyncio.Task[None] | None = None
        self._complaints = LogLimit(logger)
        self._nobody = self._tenant(TenantPolicy(Directory(Tenant(DEFAULT_TENANT_ID, "")), _RECORD_ALL))
        self._tables = _Tables(0, {})

    @property
    def version(self) -> int:
        """The snapshot's version; 0 without one."""
        return self._tables.version

    async def start(self) -> None:
        """Read the file if there is one. Never raises."""
        await asyncio.to_thread(self.look)
        self._looking = asyncio.create_task(self._look_on())

    async def stop(self) -> None:
        """Look no more; the last snapshot stays in force."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    def tenant_of(self, peer_host: str, domains: Sequence[str], numbers: Sequence[str]) -> str:
        """As `ports.Policy`."""
        return self._tables.trunks.tenant_of(peer_host, domains, numbers, to_e164)

    def facts_of(
        self,
        tenant_id: str,
        key: str,
        at: datetime,
        numbers: Sequence[str],
        *,
        calling: str = "",
        forwarded_outside: bool = False,
    ) -> CallFacts:
        """As `ports.Policy`."""
        reader = self._of(tenant_id).reader
        return reader.facts_of(key, at, numbers, calling=calling, forwarded_outside=forwarded_outside)

    def decide(self, tenant_id: str, facts: CallFacts) -> Decision:
        """As `ports.Policy`."""
        decision = decide(self._of(tenant_id).rules, facts)
        if tenant_id in self._refusing and decision.outcome is not RuleOutcome.SKIP:
            return replace(decision, outcome=RuleOutcome.SKIP, refused_because=PLAN_FULL)
        return decision

    def look(self) -> None:
        """Read the file if it is another than last time, and who is refused. Never raises; blocks."""
        if self._run_folder is not None:
            self._note_refusals(told_refusals(self._run_folder))
        try:
            now = self._path.stat()
        except OSError as error:
            if self._seen is not None:
                logger.warning("the snapshot of rules is gone, the last one stays in force: %s", error)
                self._seen = None
            return
        seen = _Seen(now.st_ino, now.st_mtime_ns, now.st_size)
        if seen == self._seen:
            return
        try:
            self._tables = self._read()
        except OSError as error:
            self._complaints.warning("the snapshot of rules cannot be read now: %s", error)
            return
        except (FonotekaError, UnicodeDecodeError) as error:
            self._seen = seen
            policy_metrics.SNAPSHOTS_REFUSED.inc()
            logger.error("the snapshot of rules cannot be used, the last good one stays in force: %s", error)
            return
        self._seen = seen
        policy_metrics.SNAPSHOT_VERSION.set(self._tables.version)
        logger.info("rules: snapshot %d, %d tenants", self._tables.version, len(self._tables.tenants))

    def _note_refusals(self, refusing: frozenset[str]) -> None:
        if refusing != self._refusing:
            logger.warning("storage plans that are full, new calls refused: %s", sorted(refusing) or "none")
            self._refusing = refusing

    def _read(self) -> _Tables:
        with self._path.open("rb") as file:
            data = file.read(SNAPSHOT_BYTES_MAX + 1)
        if len(data) > SNAPSHOT_BYTES_MAX:
            raise PolicySnapshotCorrupt(f"more than {SNAPSHOT_BYTES_MAX} bytes")
        snapshot = PolicySnapshot.from_json(data.decode())
        before = self._tables.tenants
        tenants = {}
        for policy in snapshot.tenants:
            tenant_id = policy.directory.tenant.id
            known = before.get(tenant_id)
            unchanged = known is not None and known.policy == policy
            tenants[tenant_id] = known if known is not None and unchanged else self._tenant(policy)
        return _Tables(
            snapshot.version, tenants, TrunkTable.of(policy.directory for policy in snapshot.tenants)
        )

    def _tenant(self, policy: TenantPolicy) -> _Tenant:
        return _Tenant(
            policy,
            NumberReader(policy.directory, to_e164, self._extension_digits_max),
            compile_rules(policy.rule_set, policy.directory),
        )

    def _of(self, tenant_id: str) -> _Tenant:
        return self._tables.tenants.get(tenant_id, self._nobody)

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await asyncio.to_thread(self.look)


_RECORD_ALL = RuleSet(DEFAULT_TENANT_ID)
