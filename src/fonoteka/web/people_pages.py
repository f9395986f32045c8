"""The page of people and numbers: extensions, groups, trunks, one by one and from a file."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fonoteka import policy
from fonoteka.domain.access import Actor
from fonoteka.domain.errors import PeopleInvalid, PeopleNotFound, VersionConflict
from fonoteka.domain.people import Directory, Extension, Group, Trunk
from fonoteka.policy import PeopleKind, Person
from fonoteka.web.desk import Desk
from fonoteka.web.drafts import read_body
from fonoteka.web.problem_words import problem_text, said_again
from fonoteka.web.templates import render
from fonoteka.web.visitor import Visitor

FILE_MAX = 17 * 1024 * 1024
_SHOWN_MAX = 200
_TEXT_MAX = 100_000
_FIELDS = {
    PeopleKind.EXTENSIONS: ("number", "name", "person", "newcomer_until"),
    PeopleKind.GROUPS: ("name", "members"),
    PeopleKind.TRUNKS: ("name", "networks", "domains", "numbers"),
}
_PARTS = re.compile(r"[,;\n]")

Text = Annotated[str, Form(max_length=_TEXT_MAX)]


async def _file(request: Request) -> bytes:
    return await read_body(request, FILE_MAX)


GivenFile = Annotated[bytes, Depends(_file)]


def add_people_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/people")
    def show_people() -> Response:
        return RedirectResponse("/people/extensions", 307)

    @router.get("/people/{kind}")
    def show_kind(request: Request, kind: PeopleKind, q: str = "", edit: str = "") -> Response:
        visitor = desk.visitor(request)
        people = policy.directory(desk.policy, desk.actor_of(visitor))
        chosen = next((one for one in _all(people, kind) if one.id == edit), None)
        return _page(desk, request, visitor, kind, q, people, chosen.id if chosen else "", _given(chosen))

    @router.post("/people/{kind}/save")
    def save(
        request: Request,
        kind: PeopleKind,
        id: Text = "",
        number: Text = "",
        name: Text = "",
        person: Text = "",
        newcomer_until: Text = "",
        members: Text = "",
        networks: Text = "",
        domains: Text = "",
        numbers: Text = "",
    ) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        given = {
            "number": number,
            "name": name,
            "person": person,
            "newcomer_until": newcomer_until,
            "members": members,
            "networks": networks,
            "domains": domains,
            "numbers": numbers,
        }
        try:
            _save(desk, actor, kind, id, given)
        except (PeopleInvalid, PeopleNotFound) as error:
            people = policy.directory(desk.policy, actor)
            field = str(error.context.get("field", ""))
            told = problem_text(visitor.language, error)
            return _page(desk, request, visitor, kind, "", people, id, given, told, field)
        return RedirectResponse(f"/people/{kind}", 303)

    @router.post("/people/{kind}/delete")
    def delete(request: Request, kind: PeopleKind, id: Text) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        delete_it = {
            PeopleKind.EXTENSIONS: policy.delete_extension,
            PeopleKind.GROUPS: policy.delete_group,
            PeopleKind.TRUNKS: policy.delete_trunk,
        }[kind]
        try:
            delete_it(desk.policy, actor, id)
        except PeopleInvalid as error:
            people = policy.directory(desk.policy, actor)
            chosen = next((one for one in _all(people, kind) if one.id == id), None)
            told = problem_text(visitor.language, error)
            return _page(desk, request, visitor, kind, "", people, id, _given(chosen), told)
        return RedirectResponse(f"/people/{kind}", 303)

    @router.get("/people/{kind}/export")
    def export(request: Request, kind: PeopleKind) -> Response:
        data = policy.export_people(desk.policy, desk.actor(request), kind)
        headers = {"Content-Disposition": f'attachment; filename="{kind}.csv"', "Cache-Control": "no-store"}
        return Response(data, media_type="text/csv; charset=utf-8", headers=headers)

    _add_import(router, desk)


def _add_import(router: APIRouter, desk: Desk) -> None:
    @router.post("/people/{kind}/preview")
    def preview(request: Request, kind: PeopleKind, data: GivenFile) -> Response:
        visitor = desk.visitor(request)
        found = policy.preview_people(desk.policy, desk.actor_of(visitor), kind, data)
        return _preview(request, visitor, found)

    @router.post("/people/{kind}/import")
    def import_file(request: Request, kind: PeopleKind, data: GivenFile, digest: str = "") -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        try:
            policy.import_people(desk.policy, actor, kind, data, digest)
        except (VersionConflict, PeopleInvalid):
            # The file or the people are others by now: what would happen today is shown instead.
            return _preview(request, visitor, policy.preview_people(desk.policy, actor, kind, data))
        return Response(status_code=204)


def _preview(request: Request, visitor: Visitor, found: policy.Preview) -> Response:
    problems = [(one.line, said_again(visitor.language, one.text)) for one in found.problems[:_SHOWN_MAX]]
    text = render(request, visitor, "_people_preview.html", found=found, problems=problems, label=_label)
    return HTMLResponse(text, headers={"Cache-Control": "no-store"})


def _page(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    kind: PeopleKind,
    text: str,
    people: Directory,
    edit: str,
    given: dict[str, str],
    told: str = "",
    field: str = "",
) -> Response:
    found = [one for one in _all(people, kind) if _matches(one, text)]
    return desk.page(
        request,
        visitor,
        "people.html",
        status_code=422 if told else 200,
        kind=kind,
        people=people,
        found=found[:_SHOWN_MAX],
        found_count=len(found),
        text=text,
        edit=edit,
        given={name: given.get(name, "") for name in _FIELDS[kind]},
        told=told,
        field=field,
    )


def _all(people: Directory, kind: PeopleKind) -> tuple[Person, ...]:
    found: dict[PeopleKind, tuple[Person, ...]] = {
        PeopleKind.EXTENSIONS: people.extensions,
        PeopleKind.GROUPS: people.groups,
        PeopleKind.TRUNKS: people.trunks,
    }
    return found[kind]


def _matches(one: Person, text: str) -> bool:
    wanted = text.strip().casefold()
    return not wanted or any(wanted in value.casefold() for value in _given(one).values())


def _label(one: Person) -> str:
    given = _given(one)
    return " ".join(value for name, value in given.items() if value and name in ("number", "name", "person"))


def _given(one: Person | None) -> dict[str, str]:
    """The values of a form."""
    if isinstance(one, Extension):
        until = one.newcomer_until.isoformat() if one.newcomer_until else ""
        return {"number": one.number, "name": one.name, "person": one.person, "newcomer_until": until}
    if isinstance(one, Group):
        return {"name": one.name, "members": ", ".join(sorted(one.members))}
    if isinstance(one, Trunk):
        marks = {"networks": one.networks, "domains": one.domains, "numbers": one.numbers}
        return {"name": one.name, **{name: ", ".join(values) for name, values in marks.items()}}
    return {}


def _save(desk: Desk, actor: Actor, kind: PeopleKind, id_: str, given: dict[str, str]) -> None:
    """Raises `PeopleInvalid`, `PeopleNotFound`."""
    tenant_id, name = actor.tenant_id, given["name"]
    if kind is PeopleKind.EXTENSIONS:
        until = _date(given["newcomer_until"])
        extension = Extension(id_, tenant_id, given["number"], name, given["person"], until)
        policy.save_extension(desk.policy, actor, extension)
    elif kind is PeopleKind.GROUPS:
        policy.save_group(desk.policy, actor, Group(id_, tenant_id, name, frozenset(_list(given["members"]))))
    else:
        marks = [tuple(_list(given[one])) for one in ("networks", "domains", "numbers")]
        policy.save_trunk(desk.policy, actor, Trunk(id_, tenant_id, name, *marks))


def _list(text: str) -> list[str]:
    return [one.strip() for one in _PARTS.split(text) if one.strip()]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise PeopleInvalid(
            f"“{text[:60]}” is no date; write 2026-12-31 or 31.12.2026.", field="newcomer_until"
        ) from error
