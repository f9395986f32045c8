"""Extensions, groups and trunks: one by one, and all of a kind as CSV."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query
from starlette.responses import Response

from fonoteka import policy
from fonoteka.api import people_models as models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.services import GivenServices
from fonoteka.domain.errors import PeopleNotFound
from fonoteka.domain.ids import is_id
from fonoteka.domain.people import Tenant
from fonoteka.policy import PeopleKind

router = APIRouter(tags=["people"], route_class=LimitedRoute)
_READ = problems(401, 403, 404, 422)
_CHANGE = problems(400, 401, 403, 404, 422)


def _known_id(one_id: Annotated[str, Path(alias="id", description="Its `id`.")]) -> str:
    if not is_id(one_id):
        raise PeopleNotFound
    return one_id


KnownId = Annotated[str, Depends(_known_id)]
Csv = Annotated[
    bytes, Body(media_type="text/csv", description="UTF-8 or Windows-1251, commas or semicolons.")
]
Kind = Annotated[PeopleKind, Path(description="What the file lists.")]
RemovesMissing = Annotated[
    bool, Query(description="Whether what the file does not name goes, instead of staying.")
]


@readable(router, "/extensions", operation_id="list_extensions", responses=_READ)
def list_extensions(actor: SignedIn, services: GivenServices) -> models.Extensions:
    """All extensions of the tenant."""
    found = policy.directory(services.policy, actor).extensions
    return models.Extensions(items=tuple(models.Extension.model_validate(one) for one in found))


@router.post("/extensions", operation_id="create_extension", status_code=201, responses=_CHANGE)
def create_extension(
    actor: SignedIn, services: GivenServices, given: models.NewExtension
) -> models.Extension:
    """A new extension."""
    value = models.extension_value(given, actor.tenant_id)
    return models.Extension.model_validate(policy.save_extension(services.policy, actor, value))


@router.put("/extensions/{id}", operation_id="save_extension", responses=_CHANGE)
def save_extension(
    actor: SignedIn, services: GivenServices, one_id: KnownId, given: models.NewExtension
) -> models.Extension:
    """Change an extension; its groups follow a change of the number."""
    value = models.extension_value(given, actor.tenant_id, one_id)
    return models.Extension.model_validate(policy.save_extension(services.policy, actor, value))


@router.delete("/extensions/{id}", operation_id="delete_extension", status_code=204, responses=_CHANGE)
def delete_extension(actor: SignedIn, services: GivenServices, one_id: KnownId) -> None:
    """Delete an extension; it leaves its groups, rules that name its number stay."""
    policy.delete_extension(services.policy, actor, one_id)


@readable(router, "/groups", operation_id="list_groups", responses=_READ)
def list_groups(actor: SignedIn, services: GivenServices) -> models.Groups:
    """All groups of the tenant."""
    found = policy.directory(services.policy, actor).groups
    return models.Groups(items=tuple(models.Group.model_validate(one) for one in found))


@router.post("/groups", operation_id="create_group", status_code=201, responses=_CHANGE)
def create_group(actor: SignedIn, services: GivenServices, given: models.NewGroup) -> models.Group:
    """A new group."""
    value = models.group_value(given, actor.tenant_id)
    return models.Group.model_validate(policy.save_group(services.policy, actor, value))


@router.put("/groups/{id}", operation_id="save_group", responses=_CHANGE)
def save_group(
    actor: SignedIn, services: GivenServices, one_id: KnownId, given: models.NewGroup
) -> models.Group:
    """Change a group."""
    value = models.group_value(given, actor.tenant_id, one_id)
    return models.Group.model_validate(policy.save_group(services.policy, actor, value))


@router.delete("/groups/{id}", operation_id="delete_group", status_code=204, responses=_CHANGE)
def delete_group(actor: SignedIn, services: GivenServices, one_id: KnownId) -> None:
    """Delete a group that no rule in force names."""
    policy.delete_group(services.policy, actor, one_id)


@readable(router, "/trunks", operation_id="list_trunks", responses=_READ)
def list_trunks(actor: SignedIn, services: GivenServices) -> models.Trunks:
    """All trunks of the tenant."""
    found = policy.directory(services.policy, actor).trunks
    return models.Trunks(items=tuple(models.Trunk.model_validate(one) for one in found))


@router.post("/trunks", operation_id="create_trunk", status_code=201, responses=_CHANGE)
def create_trunk(actor: SignedIn, services: GivenServices, given: models.NewTrunk) -> models.Trunk:
    """A new trunk."""
    value = models.trunk_value(given, actor.tenant_id)
    return models.Trunk.model_validate(policy.save_trunk(services.policy, actor, value))


@router.put("/trunks/{id}", operation_id="save_trunk", responses=_CHANGE)
def save_trunk(
    actor: SignedIn, services: GivenServices, one_id: KnownId, given: models.NewTrunk
) -> models.Trunk:
    """Change a trunk."""
    value = models.trunk_value(given, actor.tenant_id, one_id)
    return models.Trunk.model_validate(policy.save_trunk(services.policy, actor, value))


@router.delete("/trunks/{id}", operation_id="delete_trunk", status_code=204, responses=_CHANGE)
def delete_trunk(actor: SignedIn, services: GivenServices, one_id: KnownId) -> None:
    """Delete a trunk."""
    policy.delete_trunk(services.policy, actor, one_id)


@readable(router, "/tenants", operation_id="list_tenants", responses=problems(401, 403, 422))
def list_tenants(actor: SignedIn, services: GivenServices) -> models.Tenants:
    """The companies of the installation for who manages them, else the own one."""
    found = policy.list_tenants(services.policy, actor)
    return models.Tenants(items=tuple(models.Tenant.model_validate(one) for one in found))


@router.post(
    "/tenants", operation_id="create_tenant", status_code=201, responses=problems(400, 401, 403, 422)
)
def create_tenant(actor: SignedIn, services: GivenServices, given: models.Tenant) -> models.Tenant:
    """A new company with extensions, groups, trunks, rules and calls of its own."""
    value = Tenant(given.id, given.name, given.time_zone, given.region)
    return models.Tenant.model_validate(policy.create_tenant(services.policy, actor, value))


@router.put("/tenants/{id}", operation_id="save_tenant", responses=_CHANGE)
def save_tenant(
    actor: SignedIn,
    services: GivenServices,
    tenant_id: Annotated[str, Path(alias="id", max_length=64, description="Its `id`.")],
    given: models.TenantFields,
) -> models.Tenant:
    """Change a company's name, time zone or region."""
    value = Tenant(tenant_id, given.name, given.time_zone, given.region)
    return models.Tenant.model_validate(policy.save_tenant(services.policy, actor, value))


@readable(
    router,
    "/people/{kind}.csv",
    operation_id="export_people",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **_READ},
)
def export_people(actor: SignedIn, services: GivenServices, kind: Kind) -> Response:
    """All extensions, groups or trunks as CSV, in the form that can be imported."""
    return Response(
        policy.export_people(services.policy, actor, kind),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{kind}.csv"'},
    )


@router.post("/people/{kind}/preview", operation_id="preview_people", responses=_CHANGE)
def preview_people(
    actor: SignedIn, services: GivenServices, kind: Kind, data: Csv, removes_missing: RemovesMissing = False
) -> models.ImportPreview:
    """What importing a CSV would change, each bad line named; nothing changes yet."""
    found = policy.preview_people(services.policy, actor, kind, data, removes_missing=removes_missing)
    return models.ImportPreview.model_validate(found)


@router.post(
    "/people/{kind}/import", operation_id="import_people", responses=problems(400, 401, 403, 404, 409, 422)
)
def import_people(
    actor: SignedIn,
    services: GivenServices,
    kind: Kind,
    data: Csv,
    digest: Annotated[str, Query(max_length=100, description="`digest` of the preview.")],
    removes_missing: RemovesMissing = False,
) -> models.ImportPreview:
    """Import the file that the preview was of, all of it or nothing."""
    done = policy.import_people(services.policy, actor, kind, data, digest, removes_missing=removes_missing)
    return models.ImportPreview.model_validate(done)
