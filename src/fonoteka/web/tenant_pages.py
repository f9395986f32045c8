"""The page of companies, and for which of them one sets things up."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from fonoteka import policy
from fonoteka.domain.access import Permission, require
from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.domain.errors import FonotekaError, PeopleInvalid
from fonoteka.domain.people import Tenant
from fonoteka.domain.windows import zone_names
from fonoteka.web.desk import TENANT_COOKIE, Desk
from fonoteka.web.problem_words import problem_text
from fonoteka.web.security import local_address

Text = Annotated[str, Form(max_length=1_000)]


def add_tenant_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/tenants")
    def show_tenants(request: Request, edit: str = "") -> Response:
        return _page(desk, request, edit)

    @router.post("/tenants/save")
    def save(
        request: Request,
        name: Text = "",
        id: Text = "",
        edit: Text = "",
        time_zone: Text = "",
        region: Text = "",
    ) -> Response:
        actor = desk.own_actor(request)
        tenant = Tenant(edit or id.strip(), name, time_zone.strip(), region.strip().upper())
        try:
            if edit:
                policy.save_tenant(desk.policy, actor, tenant)
            else:
                policy.create_tenant(desk.policy, actor, tenant)
        except PeopleInvalid as error:
            return _page(desk, request, edit, tenant, error)
        return RedirectResponse("/tenants", 303)

    @router.post("/tenants/act")
    def act(request: Request, id: Text, next: Text = "") -> Response:
        own = desk.own_actor(request)
        chosen = policy.act_for(desk.policy, own, id)
        is_own = chosen.tenant_id == own.tenant_id
        response = RedirectResponse(local_address(next, "/calls" if is_own else "/people/extensions"), 303)
        if is_own:
            response.delete_cookie(TENANT_COOKIE)
        else:
            response.set_cookie(TENANT_COOKIE, id, samesite="lax", httponly=True, secure=desk.is_https)
        return response


def _page(
    desk: Desk,
    request: Request,
    edit: str,
    given: Tenant | None = None,
    error: FonotekaError | None = None,
) -> Response:
    visitor = desk.visitor(request)
    own = desk.own_actor(request)
    require(own, Permission.TENANTS_MANAGE, DEFAULT_TENANT_ID)
    known = policy.list_tenants(desk.policy, own)
    chosen = given or next((one for one in known if one.id == edit), None)
    shown = chosen or Tenant("", "")
    marks: defaultdict[str, list[str]] = defaultdict(list)
    for trunk in policy.trunks_of_tenants(desk.policy, own):
        marks[trunk.tenant_id] += (*trunk.networks, *trunk.domains, *trunk.numbers)
    return desk.page(
        request,
        visitor,
        "tenants.html",
        status_code=422 if error else 200,
        edit=edit if chosen else "",
        given={"id": shown.id, "name": shown.name, "time_zone": shown.time_zone, "region": shown.region},
        marks_of=lambda tenant_id: marks.get(tenant_id, []),
        zones=sorted(one for one in zone_names() if "/" in one and not one.startswith("Etc/")),
        told=problem_text(visitor.language, error) if error else "",
        field=str(error.context.get("field", "")) if error else "",
    )
