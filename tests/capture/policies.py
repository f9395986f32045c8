"""Snapshots of rules for recorders in tests, and metadata of calls that they are about."""

from __future__ import annotations

from pathlib import Path

from fonoteka.domain.people import Directory, Extension, Group, Tenant, Trunk
from fonoteka.domain.policy_snapshot import PolicySnapshot, TenantPolicy
from fonoteka.domain.rules import RecordingRule, RuleConditions, RuleOutcome, RuleSet

SALES = RuleConditions(group_ids=frozenset({"sales"}))


def rule(name: str, outcome: RuleOutcome, conditions: RuleConditions = SALES) -> RecordingRule:
    return RecordingRule(name, name, outcome, conditions)


def snapshot(
    version: int, default: RuleOutcome, *rules: RecordingRule, zone: str = "Europe/Moscow"
) -> PolicySnapshot:
    """Tenant "a" on loopback, with 101 of sales and 102 of nobody."""
    directory = Directory(
        Tenant("a", "A", zone),
        (Extension("1", "a", "101"), Extension("2", "a", "102")),
        (Group("sales", "a", "Sales", frozenset({"101"})),),
        (Trunk("1", "a", "pbx", networks=("127.0.0.0/8",)),),
    )
    return PolicySnapshot(version, (TenantPolicy(directory, RuleSet("a", version, rules, default)),))


def write(path: Path, text: str) -> None:
    """Put a file in its place whole, as whoever publishes rules does."""
    making = path.with_suffix(".making")
    making.write_text(text, "utf-8")
    making.replace(path)


def publish(data: Path, version: int, default: RuleOutcome, *rules: RecordingRule) -> None:
    """Put rules in force in a data folder."""
    data.mkdir(exist_ok=True)
    write(data / "policy.json", snapshot(version, default, *rules).to_json())


def metadata(*numbers: str) -> str:
    """Complete metadata of a call of those numbers, the calling one first; the first two send."""
    participants = "".join(
        f'<participant participant_id="p-{n}"><nameID aor="sip:{number}@pbx.test"/></participant>'
        for n, number in enumerate(numbers, 1)
    )
    sends = "".join(
        f'<participantstreamassoc participant_id="p-{n}"><send>s-{n}</send></participantstreamassoc>'
        for n in (1, 2)
    )
    streams = "".join(
        f'<stream stream_id="s-{n}" session_id="cs-1"><label>{n}</label></stream>' for n in (1, 2)
    )
    return (
        '<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>complete</datamode>'
        f'<session session_id="cs-1"/>{participants}{streams}{sends}</recording>'
    )
