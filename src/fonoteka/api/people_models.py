"""Extensions, groups and trunks as the API reads and writes them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from fonoteka import policy
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given, Texts
from fonoteka.domain import people as domain


class NewExtension(Given):
    """An own number."""

    number: PlainText = Field(description="The extension's number.", examples=["101"], max_length=1000)
    name: PlainText = Field("", description="What it is called.", max_length=1000)
    person: PlainText = Field("", description="Who has it.", max_length=1000)
    newcomer_until: date | None = Field(None, description="The last day as a newcomer.")


class Extension(NewExtension):
    """An own number, as it is stored."""

    id: str = Field(description="Identifier.")


class NewGroup(Given):
    """A group of extensions."""

    name: PlainText = Field(description="What it is called.", examples=["Sales"], max_length=1000)
    members: Texts = Field((), description="Numbers of its extensions.", examples=[["101", "102"]])


class Group(NewGroup):
    """A group of extensions, as it is stored."""

    id: str = Field(description="Identifier, as rules name it.")


class NewTrunk(Given):
    """How the tenant's calls are recognised: by any of these."""

    name: PlainText = Field(description="What it is called.", examples=["Office PBX"], max_length=1000)
    networks: Texts = Field((), description="IP networks of the signalling.", examples=[["10.0.4.0/24"]])
    domains: Texts = Field((), description="Host names of SIP addresses.")
    numbers: Texts = Field((), description="Own outside numbers.", examples=[["+74951234567"]])


class Trunk(NewTrunk):
    """A trunk, as it is stored."""

    id: str = Field(description="Identifier.")


class Extensions(Given):
    """All extensions of the tenant."""

    items: tuple[Extension, ...] = Field(description="The extensions, by number.")


class Groups(Given):
    """All groups of the tenant."""

    items: tuple[Group, ...] = Field(description="The groups, by name.")


class Trunks(Given):
    """All trunks of the tenant."""

    items: tuple[Trunk, ...] = Field(description="The trunks.")


class TenantFields(Given):
    """What one may change of a company."""

    name: PlainText = Field(description="What it is called.", max_length=1000)
    time_zone: PlainText = Field(
        "Europe/Moscow", description="IANA name: its days and hours are meant.", max_length=100
    )
    region: PlainText = Field(
        "RU", description="By which country (ISO 3166) its national numbers are read.", max_length=10
    )


class Tenant(TenantFields):
    """A company that shares the installation."""

    id: PlainText = Field(
        description="Small Latin letters, digits, hyphens; never changes.", examples=["north"], max_length=100
    )


class Tenants(Given):
    """Companies of the installation."""

    items: tuple[Tenant, ...] = Field(description="The companies, by id.")


class ImportProblem(Given):
    """What is wrong with a line of a file."""

    line: int = Field(description="From 1, as an editor counts; 0: the whole file.")
    text: str = Field(description="What is wrong.")


def _count(value: Any) -> Any:
    return len(value) if isinstance(value, tuple) else value


Count = Annotated[int, BeforeValidator(_count)]


class ImportPreview(Given):
    """What importing a file changes; with any problem, nothing can be imported."""

    kind: policy.PeopleKind = Field(description="What the file lists.")
    added: Count = Field(description="How many are new.")
    changed: Count = Field(description="How many change.")
    removed: Count = Field(description="How many go.")
    unchanged: int = Field(description="How many stay as they are.")
    problems: tuple[ImportProblem, ...] = Field(description="The first 1,000 problems, by line.")
    problem_count: int = Field(description="How many problems there are.")
    digest: str = Field(description="Give it back with the same file to import it.")


def extension_value(given: NewExtension, tenant_id: str, extension_id: str = "") -> domain.Extension:
    """As the rooms take it."""
    return domain.Extension(
        extension_id, tenant_id, given.number, given.name, given.person, given.newcomer_until
    )


def group_value(given: NewGroup, tenant_id: str, group_id: str = "") -> domain.Group:
    """As the rooms take it."""
    return domain.Group(group_id, tenant_id, given.name, frozenset(given.members))


def trunk_value(given: NewTrunk, tenant_id: str, trunk_id: str = "") -> domain.Trunk:
    """As the rooms take it."""
    return domain.Trunk(trunk_id, tenant_id, given.name, given.networks, given.domains, given.numbers)
