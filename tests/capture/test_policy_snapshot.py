"""Rules in the recorder: from the file, while it changes, breaks or is not there."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

from fonoteka.capture.policy_snapshot import SnapshotPolicy
from fonoteka.domain.rules import RuleOutcome
from tests.capture.policies import rule, snapshot, write

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHANGE_S = 2.0
"""Twice what the recorder takes at most, and as much as the product promises."""


def outcome(policy: SnapshotPolicy, *numbers: str) -> RuleOutcome:
    tenant_id = policy.tenant_of("127.0.0.1", (), numbers)
    return policy.decide(tenant_id, policy.facts_of(tenant_id, "key", AT, numbers)).outcome


def test_without_a_file_everything_is_recorded_for_the_default_tenant(tmp_path: Path) -> None:
    policy = SnapshotPolicy(tmp_path / "policy.json", 5)
    policy.look()
    assert policy.tenant_of("127.0.0.1", (), ()) == "default"
    assert outcome(policy, "102", "89161234567") is RuleOutcome.RECORD


def test_the_rules_of_the_tenant_decide(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    write(path, snapshot(1, RuleOutcome.SKIP, rule("Sales", RuleOutcome.RECORD)).to_json())
    policy = SnapshotPolicy(path, 5)
    policy.look()
    assert policy.tenant_of("127.0.0.1", (), ()) == "a"
    assert outcome(policy, "101", "89161234567") is RuleOutcome.RECORD
    assert outcome(policy, "102", "89161234567") is RuleOutcome.SKIP


def test_a_change_is_in_force_soon_and_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"

    async def until(wanted: RuleOutcome) -> None:
        began = time.monotonic()
        while outcome(policy, "102") is not wanted:
            assert time.monotonic() - began < CHANGE_S
            await asyncio.sleep(0.05)

    async def use() -> None:
        await policy.start()
        assert outcome(policy, "102") is RuleOutcome.RECORD
        write(path, snapshot(1, RuleOutcome.SKIP).to_json())
        await until(RuleOutcome.SKIP)
        whole = snapshot(2, RuleOutcome.RECORD).to_json()
        for broken in (
            whole[:-20],
            "",
            "[]",
            "\0" * 100,
            snapshot(3, RuleOutcome.RECORD, zone="Mars/X").to_json(),
        ):
            write(path, broken)
            await asyncio.sleep(0.6)
            assert policy.version == 1
            assert outcome(policy, "102") is RuleOutcome.SKIP
        path.unlink()
        await asyncio.sleep(0.6)
        assert outcome(policy, "102") is RuleOutcome.SKIP
        write(path, snapshot(2, RuleOutcome.ON_DEMAND).to_json())
        await until(RuleOutcome.ON_DEMAND)
        # In place, as an editor might.
        path.write_text(whole, "utf-8")
        await until(RuleOutcome.RECORD)
        await policy.stop()

    policy = SnapshotPolicy(path, 5)
    asyncio.run(use())
