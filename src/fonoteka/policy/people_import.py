"""People from and to CSV: what a file would change is shown first, then all of it happens, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import PeopleInvalid, VersionConflict
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Directory, Extension, Group, Trunk
from fonoteka.policy.checks import EXTENSIONS_MAX, GROUPS_MAX, TRUNKS_MAX
from fonoteka.policy.csv_table import Problem, Problems, read_rows, write_rows
from fonoteka.policy.groups import refuse_named_by_rule
from fonoteka.policy.people_csv import LAYOUTS, PeopleKind, Person
from fonoteka.policy.policy_room import PolicyRoom, changing
from fonoteka.policy.tenants import directory_of
from fonoteka.policy.trunks import ForeignMarks
from fonoteka.store import Transaction

_COUNT_MAX = {
    PeopleKind.EXTENSIONS: EXTENSIONS_MAX,
    PeopleKind.GROUPS: GROUPS_MAX,
    PeopleKind.TRUNKS: TRUNKS_MAX,
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What importing a file would do. `changed` are pairs of before and after; new ones have no id yet.

    With any problem nothing can be imported; `problems` are the first 1,000 of `problem_count`. `digest`
    stands for the file and for what it was compared with.
    """

    kind: PeopleKind
    added: tuple[Person, ...]
    changed: tuple[tuple[Person, Person], ...]
    removed: tuple[Person, ...]
    unchanged: int
    problems: tuple[Problem, ...]
    problem_count: int
    digest: str


def export_people(room: PolicyRoom, actor: Actor, kind: PeopleKind) -> bytes:
    """All extensions, groups or trunks of the actor's tenant as CSV, as `preview_people` reads it.

    Raises `AccessDenied`, `PeopleNotFound`.
    """
    require(actor, Permission.PEOPLE_SEE, actor.tenant_id)
    with room.store.reading() as tx:
        people = directory_of(tx, actor.tenant_id)
    layout = LAYOUTS[kind]
    return write_rows(layout.columns, (layout.write(one) for one in layout.all(people)))


def preview_people(
    room: PolicyRoom, actor: Actor, kind: PeopleKind, data: bytes, *, removes_missing: bool = False
) -> Preview:
    """What importing the CSV would change; nothing changes yet.

    UTF-8 or Windows-1251, commas or semicolons, English or Russian headings. A column that the file lacks
    stays as it is. With `removes_missing` what the file does not name goes. Raises `AccessDenied`,
    `PeopleNotFound`.
    """
    require(actor, Permission.PEOPLE_CHANGE, actor.tenant_id)
    with room.store.reading() as tx:
        changes = tx.tenants.changes(actor.tenant_id)
        return _preview(tx, actor.tenant_id, kind, data, removes_missing, changes)


def import_people(
    room: PolicyRoom,
    actor: Actor,
    kind: PeopleKind,
    data: bytes,
    preview_digest: str,
    *,
    removes_missing: bool = False,
) -> Preview:
    """Do what the preview showed, all of it or nothing.

    Raises `VersionConflict` when the file or the people are not those of the preview any more,
    `PeopleInvalid` (context `problems`) when a line is bad, `AccessDenied`.
    """
    with changing(room, actor, Permission.PEOPLE_CHANGE, beside_all=True) as tx:
        # Our own change is counted already.
        changes = tx.tenants.changes(actor.tenant_id) - 1
        preview = _preview(tx, actor.tenant_id, kind, data, removes_missing, changes)
        if preview.digest != preview_digest:
            raise VersionConflict("The file or the people have changed since the preview; look again.")
        if preview.problems:
            first = preview.problems[0]
            raise PeopleInvalid(
                f"{preview.problem_count} lines cannot be imported; line {first.line}: {first.text}",
                problems=preview.problems,
                problem_count=preview.problem_count,
            )
        _apply(tx, actor.tenant_id, preview)
        detail = (
            f"{kind} imported: {len(preview.added)} added, {len(preview.changed)} changed, "
            f"{len(preview.removed)} removed"
        )
        tx.audit.append(actor, AuditAction.PEOPLE_CHANGED, actor.tenant_id, detail, room.now())
    return preview


@dataclass(slots=True)
class _Plan:
    added: list[Person] = field(default_factory=list)
    changed: list[tuple[Person, Person]] = field(default_factory=list)
    removed: list[Person] = field(default_factory=list)
    unchanged: int = 0


def _preview(
    tx: Transaction, tenant_id: str, kind: PeopleKind, data: bytes, removes_missing: bool, changes: int
) -> Preview:
    people = directory_of(tx, tenant_id)
    problems = Problems()
    plan = _Plan()
    named = _read(people, kind, data, ForeignMarks(tenant_id, tx.trunks.of_all_tenants()), plan, problems)
    layout = LAYOUTS[kind]
    if removes_missing and not problems.count:
        plan.removed = [one for one in layout.all(people) if layout.key(layout.write(one)[0]) not in named]
        _refuse_removal(tx, plan.removed, problems)
    if len(layout.all(people)) + len(plan.added) - len(plan.removed) > _COUNT_MAX[kind]:
        problems.add(0, f"There would be more than {_COUNT_MAX[kind]} {kind}.")
    seal = hashlib.sha256(f"{tenant_id}\n{kind}\n{removes_missing}\n{changes}\n".encode())
    seal.update(data)
    return Preview(
        kind,
        tuple(plan.added),
        tuple(plan.changed),
        tuple(plan.removed),
        plan.unchanged,
        problems.all(),
        problems.count,
        seal.hexdigest(),
    )


def _read(
    people: Directory,
    kind: PeopleKind,
    data: bytes,
    foreign: ForeignMarks,
    plan: _Plan,
    problems: Problems,
) -> dict[str, int]:
    """Fill the plan; the lines by the keys that the file names."""
    layout = LAYOUTS[kind]
    first = next(iter(layout.columns))
    known = {layout.key(layout.write(one)[0]): one for one in layout.all(people)}
    lines: dict[str, int] = {}
    for row in read_rows(data, layout.columns, problems):
        key = layout.key(row.cells[first])
        if key in lines:
            problems.add(row.line, f"“{row.cells[first][:60]}” stands on line {lines[key]} already.")
            continue
        lines[key] = row.line
        was = known.get(key)
        try:
            now = layout.read(row.cells, people, was)
            if isinstance(now, Trunk):
                foreign.refuse(now)
        except PeopleInvalid as error:
            problems.add(row.line, str(error))
            continue
        if was is None:
            plan.added.append(now)
        elif now == was:
            plan.unchanged += 1
        else:
            plan.changed.append((was, now))
    return lines


def _refuse_removal(tx: Transaction, removed: Sequence[Person], problems: Problems) -> None:
    for one in removed:
        if isinstance(one, Group):
            try:
                refuse_named_by_rule(tx, one)
            except PeopleInvalid as error:
                problems.add(0, str(error))


def _apply(tx: Transaction, tenant_id: str, preview: Preview) -> None:
    added = [replace(one, id=new_id()) for one in preview.added]
    changed = [now for _, now in preview.changed]
    gone = [one.id for one in preview.removed]
    if preview.kind is PeopleKind.EXTENSIONS:
        tx.extensions.delete(tenant_id, gone)
        tx.extensions.replace([one for one in changed if isinstance(one, Extension)])
        tx.extensions.add([one for one in added if isinstance(one, Extension)])
        return
    for id_ in gone:
        (tx.groups if preview.kind is PeopleKind.GROUPS else tx.trunks).delete(tenant_id, id_)
    for one in changed:
        if isinstance(one, Group):
            tx.groups.replace(one)
        elif isinstance(one, Trunk):
            tx.trunks.replace(one)
    for one in added:
        if isinstance(one, Group):
            tx.groups.add(one)
        elif isinstance(one, Trunk):
            tx.trunks.add(one)
