"""People and tenants by the command line."""

from __future__ import annotations

from pathlib import Path

from fonoteka.domain.policy_snapshot import PolicySnapshot
from tests.cli.test_commands import fonoteka
from tests.service import Service


def test_a_tenants_people_come_from_csv_and_reach_the_recorders_file(
    service: Service, tmp_path: Path
) -> None:
    made = fonoteka(service, "tenant", "create", "acme", "Acme", "--time-zone", "Asia/Omsk")
    assert made.returncode == 0, made.stderr
    listed = fonoteka(service, "tenant", "list").stdout.splitlines()
    assert listed[0] == "acme\tAcme\tAsia/Omsk\tRU"
    people = tmp_path / "people.csv"
    people.write_bytes("номер;сотрудник\r\n101;Анна\r\n102;\r\n".encode("cp1251"))
    done = fonoteka(service, "people", "import", "extensions", str(people), "--tenant", "acme", "--yes")
    assert done.returncode == 0, done.stderr
    assert "added: 2  101, 102" in done.stdout
    again = fonoteka(service, "people", "export", "extensions", "--tenant", "acme").stdout
    assert again.lstrip("\ufeff").splitlines() == [
        "number,name,person,newcomer_until",
        "101,,Анна,",
        "102,,,",
    ]
    snapshot = PolicySnapshot.from_json((service.data / "policy.json").read_text("utf-8"))
    assert {one.directory.tenant.id: len(one.directory.extensions) for one in snapshot.tenants} == {
        "acme": 2,
        "default": 0,
    }


def test_bad_lines_are_named_and_nothing_is_changed(service: Service, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("number\n101\n1 2\n101\n")
    done = fonoteka(service, "people", "import", "extensions", str(people), "--yes")
    assert done.returncode == 1
    assert "line 3: " in done.stdout
    assert "line 4: " in done.stdout
    assert "people.invalid" in done.stderr
    assert fonoteka(service, "people", "export", "extensions").stdout.count("\n") == 1


def test_an_unknown_tenant_gets_neither_people_nor_tokens(service: Service) -> None:
    for command in (("people", "export", "groups"), ("token", "create", "x")):
        done = fonoteka(service, *command, "--tenant", "nobody")
        assert done.returncode == 1
        assert "people.not_found" in done.stderr
        assert done.stdout == ""
