"""Whose calls they are: tenants, their extensions, groups and trunks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Tenant:
    """A company. `region` (ISO 3166) says how national numbers are read, `time_zone` is an IANA name."""

    id: str
    name: str
    time_zone: str = "Europe/Moscow"
    region: str = "RU"


@dataclass(frozen=True, slots=True)
class Extension:
    """An own number inside a tenant. `person` is who has it; `newcomer_until` the last day as a newcomer."""

    id: str
    tenant_id: str
    number: str
    name: str = ""
    person: str = ""
    newcomer_until: date | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A group of extensions; an extension may be in several. `members` are extension numbers."""

    id: str
    tenant_id: str
    name: str
    members: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trunk:
    """How a tenant is recognised: by where the signalling comes from, its domain, or an own outside number.

    `networks` are IP networks (`10.0.4.0/24`), `domains` host names of SIP addresses in lower case, `numbers`
    E.164 numbers that belong to the tenant (calls to or from them are its calls).
    """

    id: str
    tenant_id: str
    name: str
    networks: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    """All of one tenant's people and numbers."""

    tenant: Tenant
    extensions: tuple[Extension, ...] = ()
    groups: tuple[Group, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    _by_number: dict[str, Extension] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_number.update({one.number: one for one in self.extensions})

    def extension(self, number: str) -> Extension | None:
        """The extension of that number, or None."""
        return self._by_number.get(number)
