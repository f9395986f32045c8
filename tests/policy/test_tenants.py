"""No use case lets one tenant see or change anything of another, whoever asks and by what id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from fonoteka import policy as use_cases
from fonoteka.domain.access import Actor, ActorKind, Role
from fonoteka.domain.call_facts import NumberReader
from fonoteka.domain.errors import (
    AccessDenied,
    FonotekaError,
    PeopleInvalid,
    PeopleNotFound,
    RuleInvalid,
    RuleVersionNotFound,
    VersionConflict,
)
from fonoteka.domain.people import Directory, Extension, Group, Tenant, Trunk
from fonoteka.domain.policy_snapshot import PolicySnapshot
from fonoteka.domain.rule_engine import compile_rules, decide
from fonoteka.domain.rules import RecordingRule, RuleConditions, RuleOutcome, RuleSet
from fonoteka.domain.trunk_table import TrunkTable
from fonoteka.policy import (
    PeopleKind,
    PolicyRoom,
    act_for,
    create_tenant,
    delete_extension,
    delete_group,
    delete_trunk,
    directory,
    dry_run,
    export_people,
    import_people,
    list_tenants,
    own_tenant,
    preview_people,
    restore_version,
    rule_history,
    rule_set,
    save_extension,
    save_group,
    save_rule_set,
    save_tenant,
    save_trunk,
    trunks_of_tenants,
    which_rule,
)
from fonoteka.wire.e164 import to_e164
from tests.examples import NOON, actor, call
from tests.policy.conftest import add_extensions, add_group

OURS = Directory(Tenant("ours", ""))
Ask = Callable[[PolicyRoom, Actor, Directory], object]


def _foreign_rule(people: Directory) -> RecordingRule:
    return RecordingRule(
        "x", "x", RuleOutcome.SKIP, RuleConditions(group_ids=frozenset({people.groups[0].id}))
    )


def _digest_of_ours(room: PolicyRoom) -> str:
    return preview_people(room, actor("ours"), PeopleKind.EXTENSIONS, CSV).digest


CSV = b"number\n101\n"
REFUSED: dict[str, tuple[Ask, type[FonotekaError]]] = {
    "save_extension": (lambda r, who, ours: save_extension(r, who, ours.extensions[0]), AccessDenied),
    "save_extension in its own name": (
        lambda r, who, ours: save_extension(
            r, who, replace(ours.extensions[0], tenant_id="theirs", number="9")
        ),
        PeopleNotFound,
    ),
    "delete_extension": (
        lambda r, who, ours: delete_extension(r, who, ours.extensions[0].id),
        PeopleNotFound,
    ),
    "save_group": (lambda r, who, ours: save_group(r, who, ours.groups[0]), AccessDenied),
    "save_group in its own name": (
        lambda r, who, ours: save_group(r, who, Group(ours.groups[0].id, "theirs", "x")),
        PeopleNotFound,
    ),
    "save_group of foreign members": (
        lambda r, who, ours: save_group(r, who, Group("", "theirs", "x", frozenset({"555"}))),
        PeopleInvalid,
    ),
    "delete_group": (lambda r, who, ours: delete_group(r, who, ours.groups[0].id), PeopleNotFound),
    "act_for": (lambda r, who, ours: act_for(r, who, "ours"), AccessDenied),
    "trunks_of_tenants": (lambda r, who, ours: trunks_of_tenants(r, who), AccessDenied),
    "save_trunk": (lambda r, who, ours: save_trunk(r, who, ours.trunks[0]), AccessDenied),
    "save_trunk in its own name": (
        lambda r, who, ours: save_trunk(
            r,
            who,
            replace(ours.trunks[0], tenant_id="theirs", networks=("192.0.2.9",), domains=(), numbers=()),
        ),
        PeopleNotFound,
    ),
    "delete_trunk": (lambda r, who, ours: delete_trunk(r, who, ours.trunks[0].id), PeopleNotFound),
    "save_tenant": (lambda r, who, ours: save_tenant(r, who, ours.tenant), AccessDenied),
    "create_tenant": (lambda r, who, ours: create_tenant(r, who, Tenant("new", "New")), AccessDenied),
    "save_rule_set": (
        lambda r, who, ours: save_rule_set(r, who, [_foreign_rule(ours)], RuleOutcome.SKIP, 0),
        RuleInvalid,
    ),
    "restore_version": (lambda r, who, ours: restore_version(r, who, 1), RuleVersionNotFound),
    "dry_run": (lambda r, who, ours: dry_run(r, who, RuleSet("ours")), AccessDenied),
    "which_rule": (
        lambda r, who, ours: which_rule(r, who, "101", "102", candidate=RuleSet("ours")),
        AccessDenied,
    ),
    "import_people": (
        lambda r, who, ours: import_people(
            r,
            who,
            PeopleKind.EXTENSIONS,
            CSV,
            preview_people(r, actor("ours"), PeopleKind.EXTENSIONS, CSV).digest,
        ),
        VersionConflict,
    ),
}
NOTHING: dict[str, tuple[Ask, object]] = {
    "directory": (lambda r, who, ours: _bare(directory(r, who)), ((), (), ())),
    "list_tenants": (lambda r, who, ours: [one.id for one in list_tenants(r, who)], ["theirs"]),
    "rule_set": (lambda r, who, ours: rule_set(r, who), RuleSet("theirs")),
    "rule_history": (lambda r, who, ours: rule_history(r, who), ()),
    "own_tenant": (lambda r, who, ours: own_tenant(r, who) == ours.tenant, False),
    "export_people": (
        lambda r, who, ours: [export_people(r, who, kind).count(b"\n") for kind in PeopleKind],
        [1, 1, 1],
    ),
    "preview_people": (
        lambda r, who, ours: (
            preview_people(r, who, PeopleKind.EXTENSIONS, b"number\n555\n", removes_missing=True).removed
        ),
        (),
    ),
    "dry_run": (lambda r, who, ours: dry_run(r, who, RuleSet(who.tenant_id)).whole.calls, 0),
    "which_rule": (lambda r, who, ours: which_rule(r, who, "101", "102").decision.rule_id, None),
}
OF_ALL_TENANTS = {"publish"}
TOKEN = Actor(ActorKind.TOKEN, "token-1", "script", "theirs", Role.ADMINISTRATOR, "192.0.2.9")


def _bare(people: Directory) -> tuple[object, ...]:
    return people.extensions, people.groups, people.trunks


@pytest.fixture
def ours(room: PolicyRoom) -> Directory:
    """All that a tenant can have."""
    add_extensions(room, "ours", "101", "555")
    add_group(room, "ours", "Sales", "101")
    save_trunk(
        room,
        actor("ours"),
        Trunk("", "ours", "City", ("10.0.4.0/24",), ("pbx.example",), ("+74951234567",)),
    )
    rule = RecordingRule("ours-rule", "All", RuleOutcome.RECORD)
    save_rule_set(room, actor("ours"), [rule], RuleOutcome.SKIP, 0)
    with room.store.transaction() as tx:
        tx.calls.add(call(tenant_id="ours", started_at=NOON - timedelta(days=1)))
    return directory(room, actor("ours"))


def test_every_use_case_is_in_the_tables() -> None:
    verbs = {name for name in use_cases.__all__ if name.islower()}
    assert verbs == {name.split()[0] for name in REFUSED} | set(NOTHING) | OF_ALL_TENANTS


@pytest.mark.parametrize("who", [actor("theirs"), TOKEN], ids=["user", "token"])
def test_what_is_not_ours_cannot_be_touched(room: PolicyRoom, ours: Directory, who: Actor) -> None:
    rules, file = rule_set(room, actor("ours")), room.snapshot_path.read_bytes()
    for name, (ask, error) in REFUSED.items():
        with pytest.raises(error) as caught:
            pytest.fail(f"{name} gave {ask(room, who, ours)}")
        assert "ours" not in str(caught.value), name
    assert directory(room, actor("ours")) == ours
    assert _bare(directory(room, who)) == ((), (), ())
    assert (rule_set(room, actor("ours")), room.snapshot_path.read_bytes()) == (rules, file)
    with room.store.reading() as tx:
        assert tx.audit.newest("theirs", 9) == ()


@pytest.mark.parametrize("who", [actor("theirs"), TOKEN], ids=["user", "token"])
def test_what_is_not_ours_is_not_seen(room: PolicyRoom, ours: Directory, who: Actor) -> None:
    for name, (ask, nothing) in NOTHING.items():
        assert ask(room, who, ours) == nothing, name
        assert ask(room, actor("ours"), ours) != nothing, name


def test_a_tenant_that_is_not_known_has_nothing_and_gets_nothing(room: PolicyRoom) -> None:
    stranger = actor("nowhere")
    asks: list[Callable[[], object]] = [
        lambda: directory(room, stranger),
        lambda: save_extension(room, stranger, Extension("", "nowhere", "1")),
        lambda: save_rule_set(room, stranger, [], RuleOutcome.RECORD, 0),
        lambda: save_tenant(room, stranger, Tenant("nowhere", "n")),
        lambda: which_rule(room, stranger, "1", "2"),
    ]
    for ask in asks:
        with pytest.raises(PeopleNotFound):
            ask()


def test_the_same_extension_of_two_tenants_is_two_persons(room: PolicyRoom) -> None:
    """The recorder's file, read as the recorder does: each tenant's rules see its own people alone."""
    for tenant_id, outcome in (("ours", RuleOutcome.RECORD), ("theirs", RuleOutcome.SKIP)):
        add_extensions(room, tenant_id, "101")
        group = add_group(room, tenant_id, "Sales", "101")
        rule = RecordingRule("r", "Sales", outcome, RuleConditions(group_ids=frozenset({group.id})))
        save_rule_set(room, actor(tenant_id), [rule], RuleOutcome.ON_DEMAND, 0)
    decided = {}
    for one in PolicySnapshot.from_json(room.snapshot_path.read_text("utf-8")).tenants:
        facts = NumberReader(one.directory, to_e164, 5).facts_of(
            "k", NOON, ["101", "89161112233"], calling="101"
        )
        decided[one.directory.tenant.id] = decide(compile_rules(one.rule_set, one.directory), facts).outcome
    assert decided == {
        "default": RuleOutcome.RECORD,
        "ours": RuleOutcome.RECORD,
        "theirs": RuleOutcome.SKIP,
    }


CLAIMS = [
    Trunk("", "theirs", "t", ("10.0.4.0/24",)),
    Trunk("", "theirs", "t", ("10.0.4.7",)),
    Trunk("", "theirs", "t", ("10.0.0.0/8",)),
    Trunk("", "theirs", "t", (), ("PBX.Example",)),
    Trunk("", "theirs", "t", (), (), ("8 495 123-45-67",)),
    Trunk("", "theirs", "t", ("192.0.2.1",), ("other.example",), ("+74951234567",)),
]


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_marks_one_tenants_calls_is_no_others(room: PolicyRoom, ours: Directory, claim: Trunk) -> None:
    with pytest.raises(PeopleInvalid, match="another tenant's calls") as caught:
        save_trunk(room, actor("theirs"), claim)
    assert "ours" not in str(caught.value)
    lists = (" ".join(marks) for marks in (claim.networks, claim.domains, claim.numbers))
    data = 'name;networks;domains;numbers\nt;{};{};"{}"\n'.format(*lists).replace("8 495", "8495").encode()
    preview = preview_people(room, actor("theirs"), PeopleKind.TRUNKS, data)
    assert [one.line for one in preview.problems] == [2]
    assert save_trunk(room, actor("ours"), replace(claim, tenant_id="ours")).tenant_id == "ours"


def test_tenants_behind_one_address_are_told_apart_by_domain_and_number(room: PolicyRoom) -> None:
    save_trunk(room, actor("ours"), Trunk("", "ours", "t", (), ("a.example",), ("+74951234567",)))
    save_trunk(room, actor("theirs"), Trunk("", "theirs", "t", (), ("b.example",), ("+74957654321",)))
    snapshot = PolicySnapshot.from_json(room.snapshot_path.read_text("utf-8"))
    table = TrunkTable.of(one.directory for one in snapshot.tenants)
    asked = [
        (["a.example"], [], "ours"),
        (["b.example"], ["+74957654321"], "theirs"),
        ([], ["89161112233", "84951234567"], "ours"),
        ([], ["101", "102"], "default"),
    ]
    for domains, numbers, tenant_id in asked:
        assert table.tenant_of("192.0.2.1", domains, numbers, to_e164) == tenant_id
