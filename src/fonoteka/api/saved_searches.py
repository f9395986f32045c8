"""Searches kept under a name."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from fonoteka import archive
from fonoteka.api.authentication import SignedIn
from fonoteka.api.instants import Instant
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.api.services import GivenServices

router = APIRouter(prefix="/searches", tags=["calls"], route_class=LimitedRoute)
SearchId = Annotated[str, Path(alias="id", description="A saved search's `id`.", max_length=100)]
_CHANGE = problems(400, 401, 403, 404, 422)


class SearchName(Given):
    """How a search is called, and who sees it."""

    name: PlainText = Field(description="1 to 60 characters.", max_length=200, examples=["Complaints"])
    is_shared: bool = Field(False, description="Whether all of the tenant may open it.")


class NewSearch(SearchName):
    """A search to keep."""

    query: PlainText = Field(
        description="The query of the list's address.", max_length=1_000, examples=["period=week&mark=1-2"]
    )


class SavedSearch(NewSearch):
    """A search that somebody keeps."""

    id: str = Field(description="Its id.")
    owner_id: str = Field(description="Whose it is.")
    owner_name: str = Field(description="The name.")
    created_at: Instant = Field(description="Since when.")


class SavedSearches(Given):
    """Searches by name."""

    items: tuple[SavedSearch, ...] = Field(description="The own ones and those that others share.")


@readable(router, "", operation_id="list_searches", responses=problems(401, 403, 422))
def list_searches(actor: SignedIn, services: GivenServices) -> SavedSearches:
    """The own saved searches, and those that are shared."""
    found = archive.list_searches(services.archive, actor)
    return SavedSearches(items=tuple(_told(one) for one in found))


@router.post("", operation_id="create_search", status_code=201, responses=problems(400, 401, 403, 422))
def create_search(actor: SignedIn, services: GivenServices, given: NewSearch) -> SavedSearch:
    """Keep a search."""
    return _told(
        archive.create_search(services.archive, actor, given.name, given.query, is_shared=given.is_shared)
    )


@router.put("/{id}", operation_id="save_search", responses=_CHANGE)
def save_search(
    actor: SignedIn, services: GivenServices, search_id: SearchId, given: SearchName
) -> SavedSearch:
    """Rename the own search, share it or share it no more."""
    return _told(
        archive.change_search(services.archive, actor, search_id, given.name, is_shared=given.is_shared)
    )


@router.delete("/{id}", operation_id="delete_search", status_code=204, responses=_CHANGE)
def delete_search(actor: SignedIn, services: GivenServices, search_id: SearchId) -> None:
    """Delete the own search; it can be restored for a month."""
    archive.delete_search(services.archive, actor, search_id)


@router.post("/{id}/restore", operation_id="restore_search", responses=_CHANGE)
def restore_search(actor: SignedIn, services: GivenServices, search_id: SearchId) -> SavedSearch:
    """Bring the own deleted search back."""
    return _told(archive.restore_search(services.archive, actor, search_id))


def _told(found: object) -> SavedSearch:
    names = SavedSearch.model_fields
    return SavedSearch.model_validate({name: getattr(found, name) for name in names})
