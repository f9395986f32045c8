"""CSV: what people's programs write is read, what is bad is named line by line, nothing is half imported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import PeopleInvalid, VersionConflict
from fonoteka.domain.people import Directory, Extension, Group, Trunk
from fonoteka.domain.rules import RecordingRule, RuleConditions, RuleOutcome
from fonoteka.policy import (
    PeopleKind,
    PolicyRoom,
    Preview,
    directory,
    export_people,
    import_people,
    preview_people,
    save_extension,
    save_group,
    save_rule_set,
    save_trunk,
)
from fonoteka.policy.csv_table import BYTES_MAX, LINES_MAX
from tests.examples import actor
from tests.policy.conftest import add_extensions, add_group

US = actor("ours")
EXTENSIONS, GROUPS, TRUNKS = PeopleKind.EXTENSIONS, PeopleKind.GROUPS, PeopleKind.TRUNKS


def import_all(room: PolicyRoom, kind: PeopleKind, data: bytes, *, removes_missing: bool = False) -> Preview:
    preview = preview_people(room, US, kind, data, removes_missing=removes_missing)
    return import_people(room, US, kind, data, preview.digest, removes_missing=removes_missing)


def problems(room: PolicyRoom, kind: PeopleKind, data: bytes) -> dict[int, str]:
    """The texts by line; and nothing is imported whatever one tries."""
    before = directory(room, US)
    preview = preview_people(room, US, kind, data)
    assert preview.problems
    with pytest.raises(PeopleInvalid) as caught:
        import_people(room, US, kind, data, preview.digest)
    assert caught.value.context["problems"] == preview.problems
    assert f"line {preview.problems[0].line}: " in str(caught.value)
    assert directory(room, US) == before
    return {one.line: one.text for one in preview.problems}


ANNA = Extension("", "ours", "101", "Стойка", "Анна Щукина", date(2026, 5, 1))
HEADINGS = ("number,name,person,newcomer_until", "Номер,Название,ФИО,Новичок до")


def test_every_dialect_says_the_same(room: PolicyRoom) -> None:
    for heading, sign, encoding, end in product(
        HEADINGS, ",;", ("utf-8", "utf-8-sig", "cp1251"), ("\r\n", "\n")
    ):
        lines = [heading.replace(",", sign), sign.join(["101", "Стойка", '"Анна Щукина"', "01.05.2026"]), ""]
        data = end.join(lines).encode(encoding)
        preview = preview_people(room, US, EXTENSIONS, data)
        assert (preview.added, preview.problems) == ((ANNA,), ()), (heading, sign, encoding, end)
    import_people(room, US, EXTENSIONS, data, preview.digest)
    (known,) = directory(room, US).extensions
    assert replace(known, id="") == ANNA


def test_the_preview_shows_what_will_change_and_nothing_else_changes(room: PolicyRoom) -> None:
    add_extensions(room, "ours", "101", "102", "103")
    data = b"number,person\n101,Anna\n102,\n104,Dina\n"
    preview = preview_people(room, US, EXTENSIONS, data)
    assert [one.number for one in preview.added] == ["104"]
    assert [(was.person, now.person) for was, now in preview.changed] == [("", "Anna")]
    assert (preview.unchanged, preview.removed, preview.problems) == (1, (), ())
    assert [one.number for one in directory(room, US).extensions] == ["101", "102", "103"]
    import_people(room, US, EXTENSIONS, data, preview.digest)
    assert {one.number: one.person for one in directory(room, US).extensions} == {
        "101": "Anna",
        "102": "",
        "103": "",
        "104": "Dina",
    }
    with room.store.reading() as tx:
        (event, *_) = tx.audit.newest("ours", 1)
    assert (event.action, event.detail) == (
        AuditAction.PEOPLE_CHANGED,
        "extensions imported: 1 added, 1 changed, 0 removed",
    )


def test_a_column_that_lacks_stays_as_it_is(room: PolicyRoom) -> None:
    save_extension(room, US, Extension("", "ours", "101", "Desk", "Anna", date(2026, 5, 1)))
    import_all(room, EXTENSIONS, b"number,name\n101,Hall\n")
    (known,) = directory(room, US).extensions
    assert (known.name, known.person, known.newcomer_until) == ("Hall", "Anna", date(2026, 5, 1))


def test_what_the_file_does_not_name_goes_only_when_asked(room: PolicyRoom) -> None:
    add_extensions(room, "ours", "101", "102")
    add_group(room, "ours", "Sales", "101", "102")
    add_extensions(room, "theirs", "102")
    preview = import_all(room, EXTENSIONS, b"number\n101\n", removes_missing=True)
    assert [one.number for one in preview.removed] == ["102"]
    known = directory(room, US)
    assert [one.number for one in known.extensions] == ["101"]
    assert known.groups[0].members == {"101"}
    assert [one.number for one in directory(room, actor("theirs")).extensions] == ["102"]


def test_a_group_that_a_rule_names_is_not_removed_by_a_file(room: PolicyRoom) -> None:
    group = add_group(room, "ours", "Sales")
    rule = RecordingRule("r", "Sellers", RuleOutcome.RECORD, RuleConditions(group_ids=frozenset({group.id})))
    save_rule_set(room, US, [rule], RuleOutcome.SKIP, 0)
    preview = preview_people(room, US, GROUPS, b"name\nOther\n", removes_missing=True)
    assert [(one.line, "Sellers" in one.text) for one in preview.problems] == [(0, True)]


def test_groups_and_trunks_are_read_too(room: PolicyRoom) -> None:
    add_extensions(room, "ours", "101", "102", "103")
    old = add_group(room, "ours", "Продажи", "103")
    import_all(room, GROUPS, "группа;участники\nПРОДАЖИ;101 102\nСклад;\n".encode("cp1251"))
    known = {one.name: one for one in directory(room, US).groups}
    assert known["ПРОДАЖИ"].members == {"101", "102"}
    assert known["ПРОДАЖИ"].id == old.id, "the same group, whatever its case"
    assert known["Склад"].members == frozenset()
    trunks = 'name,networks,domains,numbers\nCity,10.0.4.0/24 10.0.5.1,,"8 (495) 123-45-67, +7 499 1234567"\n'
    import_all(room, TRUNKS, trunks.encode())
    (trunk,) = directory(room, US).trunks
    assert trunk.networks == ("10.0.4.0/24", "10.0.5.1/32")
    assert trunk.numbers == ("+74951234567", "+74991234567")


HEAD = b"number,name,person,newcomer_until\n"
BAD_FILES: list[tuple[PeopleKind, bytes, dict[int, str]]] = [
    (EXTENSIONS, b"", {0: "empty"}),
    (EXTENSIONS, b"\n\n  \n", {0: "empty"}),
    (EXTENSIONS, b"name,person\n101,Anna\n", {1: "no column"}),
    (EXTENSIONS, b"number,age\n101,5\n", {1: "“age” is not known"}),
    (EXTENSIONS, b"number,number\n101,102\n", {1: "twice"}),
    (EXTENSIONS, HEAD + b"101,a,b,\n102,a\n103,a,b,,c\n", {3: "2 cells", 4: "5 cells"}),
    (EXTENSIONS, HEAD + b"101,a,b,\n101,c,d,\n", {3: "line 2 already"}),
    (EXTENSIONS, HEAD + b",a,b,\n1 1,a,b,\n", {2: "no extension", 3: "no extension"}),
    (EXTENSIONS, HEAD + b"101,a,b,31.02.2026\n102,a,b,soon\n", {2: "no date", 3: "no date"}),
    (EXTENSIONS, HEAD + b"7.4951E+10,a,b,\n", {2: "spreadsheet"}),
    (EXTENSIONS, HEAD + b'101,a,b,\n102,"a,b,\n103,c,d,\n', {3: "quotation"}),
    (EXTENSIONS, HEAD + b'101,"a"b,c,\n', {2: "quotation"}),
    (EXTENSIONS, HEAD + b'101,"' + b"x" * 200_000 + b'",b,\n', {2: ""}),
    (EXTENSIONS, HEAD + b"101,a\0b,c,\n", {2: "zero byte"}),
    (
        EXTENSIONS,
        "number,name\n101,Анна\n102,\udcff\n103,Яна\n".encode("utf-8", "surrogateescape"),
        {3: "UTF-8"},
    ),
    (EXTENSIONS, b"number,name\n101,\x98\xc0\n", {2: "CP1251"}),
    (EXTENSIONS, "number,name\n101,Anna\n".encode("utf-16"), {0: "UTF-16"}),
    (EXTENSIONS, HEAD + b"101," + b"x" * 201 + b",,\n", {2: "longer than 200"}),
    (EXTENSIONS, HEAD + b'101,"two\nlines",,\n102,,,never\n', {2: "control", 4: "no date"}),
    (GROUPS, b"name,members\nSales,101 999\n,101\n", {2: "999", 3: "missing"}),
    (GROUPS, b"name,members\nSales,\nSALES,\n", {3: "line 2 already"}),
    (TRUNKS, b"name,networks\nCity,10.0.0.300\nTown,\n", {2: "no IP network", 3: "needs"}),
    (TRUNKS, b"name,numbers\nCity,101\n", {2: "no telephone number"}),
]


def test_each_bad_line_is_named_and_nothing_is_imported(room: PolicyRoom) -> None:
    add_extensions(room, "ours", "101")
    for kind, data, expected in BAD_FILES:
        found = problems(room, kind, data)
        assert list(found) == list(expected), (data[:60], found)
        assert all(part in found[line] for line, part in expected.items()), (data[:60], found)


def test_a_thousand_bad_lines_are_told_and_all_are_counted(room: PolicyRoom) -> None:
    data = b"number\n" + b"?\n" * 1500
    preview = preview_people(room, US, EXTENSIONS, data)
    assert [one.line for one in preview.problems] == list(range(2, 1002))
    assert preview.problem_count == 1500


def test_files_beyond_the_limits_are_refused(room: PolicyRoom) -> None:
    lines = b"number\n" + b"".join(b"%d\n" % number for number in range(LINES_MAX + 1))
    assert problems(room, EXTENSIONS, lines) == {LINES_MAX + 2: f"The file has more than {LINES_MAX} lines."}
    preview = preview_people(room, US, EXTENSIONS, b"number\n" + b" " * BYTES_MAX)
    assert [one.line for one in preview.problems] == [0]


def test_as_many_lines_as_are_allowed_are_imported(room: PolicyRoom) -> None:
    numbers = [b"%d" % number for number in range(LINES_MAX)]
    preview = import_all(room, EXTENSIONS, b"number,person\n" + b",A\n".join(numbers) + b",A\n")
    assert len(preview.added) == LINES_MAX
    some = numbers[: LINES_MAX // 10]
    changed = import_all(room, EXTENSIONS, b"number,person\n" + b",B\n".join(some) + b",B\n")
    assert len(changed.changed) == len(some)
    assert Counter(one.person for one in directory(room, US).extensions) == {"A": 45_000, "B": 5_000}
    found = problems(room, EXTENSIONS, b"number\nmore\n")
    assert found == {0: "There would be more than 50000 extensions."}


def test_what_was_not_previewed_is_not_imported(room: PolicyRoom) -> None:
    data, other = b"number\n101\n", b"number\n102\n"
    digest = preview_people(room, US, EXTENSIONS, data).digest
    tries: list[Callable[[], object]] = [
        lambda: import_people(room, US, EXTENSIONS, other, digest),
        lambda: import_people(room, US, EXTENSIONS, data, digest, removes_missing=True),
        lambda: import_people(room, US, EXTENSIONS, data, ""),
        lambda: import_people(room, actor("theirs"), EXTENSIONS, data, digest),
    ]
    for attempt in tries:
        with pytest.raises(VersionConflict):
            attempt()
    add_extensions(room, "ours", "500")
    with pytest.raises(VersionConflict):
        import_people(room, US, EXTENSIONS, data, digest)
    assert [one.number for one in directory(room, US).extensions] == ["500"]


def test_a_failed_import_leaves_the_preview_good(room: PolicyRoom) -> None:
    data = b"number\n101\n"
    digest = preview_people(room, US, EXTENSIONS, data).digest
    with pytest.raises(VersionConflict):
        import_people(room, US, EXTENSIONS, data, "another")
    import_people(room, US, EXTENSIONS, data, digest)
    assert [one.number for one in directory(room, US).extensions] == ["101"]


ONE_ROOM = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PIECES = st.sampled_from(
    [
        b"number",
        b"name",
        b"101",
        b'"',
        b",",
        b";",
        b"\n",
        b"\r",
        b"\r\n",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        "я".encode(),
    ]
)


@ONE_ROOM
@given(st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=30).map(b"".join)))
@example(b"number\r101\r")
@example(b'number\n"')
@example(b"\xff\xfe")
def test_no_bytes_are_too_strange(room: PolicyRoom, data: bytes) -> None:
    for kind in PeopleKind:
        preview = preview_people(room, US, kind, data)
        assert all(0 <= one.line <= data.count(b"\n") + data.count(b"\r") + 1 for one in preview.problems)


TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=12).map(str.strip)
NUMBERS = st.text("0123456789ab*#._+-", min_size=1, max_size=5)


@ONE_ROOM
@given(people=st.dictionaries(NUMBERS, st.tuples(TEXTS, TEXTS), max_size=5))
@example(people={"1": ("=1+1", "@SUM(A1)"), "2": ("'=x", "''"), "+3": ("-", "\u00a0'-1")})
def test_an_export_imported_again_changes_nothing(
    room: PolicyRoom, people: dict[str, tuple[str, str]]
) -> None:
    for number, (name, person) in people.items():
        known = {one.number: one.id for one in directory(room, US).extensions}
        save_extension(room, US, Extension(known.get(number, ""), "ours", number, name, person))
    for kind in PeopleKind:
        preview = preview_people(room, US, kind, export_people(room, US, kind), removes_missing=True)
        assert (preview.added, preview.changed, preview.removed, preview.problems) == ((), (), (), ())


def test_groups_and_trunks_are_exported_as_they_are_read(room: PolicyRoom) -> None:
    add_extensions(room, "ours", "101", "102")
    save_group(room, US, Group("", "ours", "=Sales; and, more", frozenset({"101", "102"})))
    save_trunk(
        room,
        US,
        Trunk("", "ours", "City", ("10.0.0.0/8", "2001:db8::/32"), ("pbx.example",), ("+74951234567",)),
    )
    assert export_people(room, US, GROUPS).decode("utf-8-sig").splitlines() == [
        "name,members",
        '"\'=Sales; and, more",101 102',
    ]
    known = directory(room, US)
    for kind in PeopleKind:
        preview = preview_people(room, US, kind, export_people(room, US, kind), removes_missing=True)
        assert preview.unchanged == len(getattr(known, kind.value))
        assert not preview.problems


def test_an_empty_tenant_exports_its_headings(room: PolicyRoom) -> None:
    assert directory(room, US) == Directory(directory(room, US).tenant)
    assert export_people(room, US, EXTENSIONS) == b"\xef\xbb\xbfnumber,name,person,newcomer_until\r\n"
