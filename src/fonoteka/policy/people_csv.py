"""Extensions, groups and trunks as rows of CSV."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from fonoteka.domain.errors import PeopleInvalid
from fonoteka.domain.people import Directory, Extension, Group, Trunk
from fonoteka.policy.checks import clean_extension, clean_group, clean_trunk, shown
from fonoteka.store.matching import folded

Person = Extension | Group | Trunk
_SPREADSHEET_NUMBER = re.compile(r"[\d.,]+[eE]\+\d+")
_SIGNS = re.compile(r"[,;]")


class PeopleKind(StrEnum):
    """What a file lists."""

    EXTENSIONS = "extensions"
    GROUPS = "groups"
    TRUNKS = "trunks"


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a kind (the first names the thing and is needed) and how to turn rows into things.

    `read` gives a cleaned thing without an id, or raises `PeopleInvalid`. A column that the file lacks is
    not in the cells, and the thing keeps what it had.
    """

    columns: Mapping[str, Sequence[str]]
    read: Callable[[dict[str, str], Directory, Person | None], Person]
    write: Callable[[Person], Sequence[str]]
    key: Callable[[str], str]
    """What two names of the first column share when they mean one thing."""
    all: Callable[[Directory], Sequence[Person]]


def _read_extension(cells: dict[str, str], people: Directory, known: Person | None) -> Extension:
    was = known if isinstance(known, Extension) else Extension("", people.tenant.id, "")
    number = cells["number"]
    if _SPREADSHEET_NUMBER.fullmatch(number):
        raise PeopleInvalid(f"“{shown(number)}” was a number once; a spreadsheet rounded it.", field="number")
    until = was.newcomer_until
    if "newcomer_until" in cells:
        until = _date(cells["newcomer_until"])
    name, person = cells.get("name", was.name), cells.get("person", was.person)
    return clean_extension(Extension(was.id, people.tenant.id, number, name, person, until))


def _write_extension(one: Person) -> Sequence[str]:
    assert isinstance(one, Extension)
    until = "" if one.newcomer_until is None else one.newcomer_until.isoformat()
    return one.number, one.name, one.person, until


def _read_group(cells: dict[str, str], people: Directory, known: Person | None) -> Group:
    was = known if isinstance(known, Group) else Group("", people.tenant.id, "")
    members = was.members
    if "members" in cells:
        members = frozenset(_list(cells["members"]))
    group = Group(was.id, people.tenant.id, cells["name"], members)
    return clean_group(group, lambda number: people.extension(number) is not None)


def _write_group(one: Person) -> Sequence[str]:
    assert isinstance(one, Group)
    return one.name, " ".join(sorted(one.members))


def _read_trunk(cells: dict[str, str], people: Directory, known: Person | None) -> Trunk:
    was = known if isinstance(known, Trunk) else Trunk("", people.tenant.id, "")
    marks = {
        name: tuple(_list(cells[name])) if name in cells else before
        for name, before in (
            ("networks", was.networks),
            ("domains", was.domains),
            ("numbers", was.numbers),
        )
    }
    return clean_trunk(Trunk(was.id, people.tenant.id, cells["name"], **marks), people.tenant.region)


def _write_trunk(one: Person) -> Sequence[str]:
    assert isinstance(one, Trunk)
    return one.name, " ".join(one.networks), " ".join(one.domains), " ".join(one.numbers)


LAYOUTS: dict[PeopleKind, Layout] = {
    PeopleKind.EXTENSIONS: Layout(
        {
            "number": ("номер", "внутренний номер", "extension", "добавочный"),
            "name": ("название", "имя", "описание"),
            "person": ("сотрудник", "фио", "абонент"),
            "newcomer_until": ("новичок до", "newcomer until"),
        },
        _read_extension,
        _write_extension,
        str,
        lambda people: people.extensions,
    ),
    PeopleKind.GROUPS: Layout(
        {
            "name": ("название", "группа", "group"),
            "members": ("участники", "номера", "состав", "extensions"),
        },
        _read_group,
        _write_group,
        folded,
        lambda people: people.groups,
    ),
    PeopleKind.TRUNKS: Layout(
        {
            "name": ("название", "транк", "линия", "trunk"),
            "networks": ("сети", "адреса"),
            "domains": ("домены",),
            "numbers": ("номера",),
        },
        _read_trunk,
        _write_trunk,
        folded,
        lambda people: people.trunks,
    ),
}


def _list(cell: str) -> list[str]:
    """The texts of a cell: parted by commas or semicolons, or where there are none, by spaces."""
    texts = _SIGNS.split(cell) if _SIGNS.search(cell) else cell.split()
    return [one.strip() for one in texts if one.strip()]


def _date(cell: str) -> date | None:
    if not cell:
        return None
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(cell, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise PeopleInvalid(
        f"“{shown(cell)}” is no date; write 2026-12-31 or 31.12.2026.", field="newcomer_until"
    )
