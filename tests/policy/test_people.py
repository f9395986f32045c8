"""Saving people: what is stored, what is refused, and that it reaches the recorder's file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import PeopleInvalid, PeopleNotFound
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Extension, Group, Tenant, Trunk
from fonoteka.domain.policy_snapshot import PolicySnapshot
from fonoteka.domain.rules import RecordingRule, RuleConditions, RuleOutcome
from fonoteka.policy import (
    PolicyRoom,
    create_tenant,
    delete_extension,
    delete_group,
    delete_trunk,
    directory,
    list_tenants,
    save_extension,
    save_group,
    save_rule_set,
    save_tenant,
    save_trunk,
)
from tests.examples import NOON, actor
from tests.policy.conftest import add_extensions, add_group

US = actor("ours")


def test_people_come_back_as_saved_and_reach_the_recorder(room: PolicyRoom) -> None:
    anna = save_extension(room, US, Extension("", "ours", " 101 ", " Desk ", "Анна Щукина", date(2026, 5, 1)))
    assert anna == Extension(anna.id, "ours", "101", "Desk", "Анна Щукина", date(2026, 5, 1))
    sales = save_group(room, US, Group("", "ours", "Отдел продаж", frozenset({"101"})))
    trunk = save_trunk(
        room,
        US,
        Trunk("", "ours", "City", ("10.0.4.7/24", "2001:DB8::1"), ("PBX.example.",), ("8 495 123-45-67",)),
    )
    assert trunk.networks == ("10.0.4.0/24", "2001:db8::1/128")
    assert (trunk.domains, trunk.numbers) == (("pbx.example",), ("+74951234567",))
    known = directory(room, US)
    assert (known.extensions, known.groups, known.trunks) == ((anna,), (sales,), (trunk,))
    snapshot = PolicySnapshot.from_json(room.snapshot_path.read_text("utf-8"))
    assert [one.directory for one in snapshot.tenants if one.directory.tenant.id == "ours"] == [known]


def test_a_number_is_unique_in_its_tenant_alone(room: PolicyRoom) -> None:
    (ours,) = add_extensions(room, "ours", "101")
    (theirs,) = add_extensions(room, "theirs", "101")
    assert ours.id != theirs.id
    with pytest.raises(PeopleInvalid, match="101 already"):
        add_extensions(room, "ours", "101")
    (second,) = add_extensions(room, "ours", "102")
    with pytest.raises(PeopleInvalid, match="101 already"):
        save_extension(room, US, replace(second, number="101"))
    assert {one.number for one in directory(room, US).extensions} == {"101", "102"}


def test_groups_follow_their_extensions(room: PolicyRoom) -> None:
    first, second = add_extensions(room, "ours", "101", "102")
    add_group(room, "ours", "Sales", "101", "102")
    add_group(room, "ours", "All", "101")
    save_extension(room, US, replace(first, number="201"))
    delete_extension(room, US, second.id)
    members = {one.name: one.members for one in directory(room, US).groups}
    assert members == {"All": frozenset({"201"}), "Sales": frozenset({"201"})}


def test_a_group_has_one_name_whatever_its_case(room: PolicyRoom) -> None:
    one = add_group(room, "ours", "Щёголи")
    with pytest.raises(PeopleInvalid, match="already"):
        add_group(room, "ours", "ЩЕГОЛИ")
    assert save_group(room, US, replace(one, name="щеголи")).id == one.id
    add_group(room, "theirs", "Щёголи")


def test_a_group_takes_extensions_of_its_tenant_alone(room: PolicyRoom) -> None:
    add_extensions(room, "theirs", "777")
    with pytest.raises(PeopleInvalid, match="777"):
        add_group(room, "ours", "Sales", "777")


def test_a_group_that_a_rule_names_stays_and_the_rule_is_named(room: PolicyRoom) -> None:
    group = add_group(room, "ours", "Sales")
    rule = RecordingRule("r", "Sellers", RuleOutcome.RECORD, RuleConditions(group_ids=frozenset({group.id})))
    saved = save_rule_set(room, US, [rule], RuleOutcome.SKIP, 0)
    with pytest.raises(PeopleInvalid, match="Rule 1 “Sellers” names the group “Sales”"):
        delete_group(room, US, group.id)
    save_rule_set(room, US, [], RuleOutcome.SKIP, saved.version)
    delete_group(room, US, group.id)
    assert directory(room, US).groups == ()


BAD: list[tuple[str, object]] = [
    ("number", Extension("", "ours", "")),
    ("number", Extension("", "ours", "1 01")),
    ("number", Extension("", "ours", "1" * 33)),
    ("number", Extension("", "ours", "ж")),
    ("name", Extension("", "ours", "1", name="x" * 201)),
    ("name", Extension("", "ours", "1", name="a\nb")),
    ("person", Extension("", "ours", "1", person="a\0b")),
    ("newcomer_until", Extension("", "ours", "1", newcomer_until=date(1, 1, 1))),
    ("name", Group("", "ours", " ")),
    ("members", Group("", "ours", "g", frozenset({"nobody"}))),
    ("name", Trunk("", "ours", "", ("10.0.0.0/8",))),
    ("networks", Trunk("", "ours", "t")),
    ("networks", Trunk("", "ours", "t", ("10.0.0.300",))),
    ("networks", Trunk("", "ours", "t", ("0.0.0.0/0",))),
    ("domains", Trunk("", "ours", "t", (), ("not a domain",))),
    ("numbers", Trunk("", "ours", "t", (), (), ("101",))),
    ("time_zone", Tenant("ours", "n", "Mars/Olympus")),
    ("time_zone", Tenant("ours", "n", "../../etc/passwd")),
    ("region", Tenant("ours", "n", "Europe/Moscow", "ZZ")),
    ("name", Tenant("ours", "")),
]


SAVE: dict[type, Callable[..., object]] = {
    Extension: save_extension,
    Group: save_group,
    Trunk: save_trunk,
    Tenant: save_tenant,
}


def test_what_cannot_be_saved_names_its_field(room: PolicyRoom) -> None:
    before = directory(room, US)
    for field, bad in BAD:
        save = {Extension: save_extension, Group: save_group, Trunk: save_trunk, Tenant: save_tenant}[
            type(bad)
        ]
        with pytest.raises(PeopleInvalid) as caught:
            save(room, US, bad)  # type: ignore[arg-type]
        assert caught.value.context["field"] == field, bad
    assert directory(room, US) == before


def test_what_is_not_there_is_not_found(room: PolicyRoom) -> None:
    for lost in (
        lambda: save_extension(room, US, Extension(new_id(), "ours", "1")),
        lambda: save_group(room, US, Group(new_id(), "ours", "g")),
        lambda: save_trunk(room, US, Trunk(new_id(), "ours", "t", ("10.0.0.0/8",))),
        lambda: delete_extension(room, US, new_id()),
        lambda: delete_group(room, US, "\0"),
        lambda: delete_trunk(room, US, ""),
    ):
        with pytest.raises(PeopleNotFound):
            lost()


def test_tenants_are_made_once(room: PolicyRoom) -> None:
    with pytest.raises(PeopleInvalid, match="already"):
        create_tenant(room, actor(), Tenant("ours", "Again"))
    for bad in ("", "Ours", "a b", "-a", "x" * 64, "../x"):
        with pytest.raises(PeopleInvalid):
            create_tenant(room, actor(), Tenant(bad, "n"))
    assert [one.id for one in list_tenants(room, actor())] == ["default", "ours", "theirs"]
    changed = Tenant("ours", "Renamed", "Asia/Vladivostok", "KZ")
    assert save_tenant(room, US, changed) == changed
    assert list_tenants(room, US) == (changed,)


def test_every_change_is_written_down(room: PolicyRoom) -> None:
    (one,) = add_extensions(room, "ours", "101")
    delete_extension(room, US, one.id)
    with room.store.reading() as tx:
        events = tx.audit.of_subject("ours", one.id, 9)
    assert [(event.action, event.actor_name, event.at, event.detail) for event in reversed(events)] == [
        (AuditAction.PEOPLE_CHANGED, "anna", NOON, "extension 101 saved"),
        (AuditAction.PEOPLE_CHANGED, "anna", NOON, "extension 101 deleted"),
    ]
