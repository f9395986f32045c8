"""What people and numbers must be to be saved: cleaned values, or `PeopleInvalid` naming the field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from ipaddress import ip_network
from zoneinfo import available_timezones

from fonoteka.domain.errors import PeopleInvalid
from fonoteka.domain.people import Extension, Group, Tenant, Trunk
from fonoteka.wire.e164 import is_region_known, to_e164

EXTENSIONS_MAX = 50_000
GROUPS_MAX = 5_000
TRUNKS_MAX = 1_000
MEMBERS_MAX = 10_000
TENANTS_MAX = 1_000
_MARKS_MAX = 1_000
_TEXT_MAX = 200
_NUMBER = re.compile(r"[0-9A-Za-z*#._+-]{1,32}")
_DOMAIN = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,10}")
_TENANT_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def clean_extension(extension: Extension) -> Extension:
    """The extension as it is stored. Raises `PeopleInvalid`."""
    until = extension.newcomer_until
    if until is not None and not date(2000, 1, 1) <= until <= date(2200, 1, 1):
        raise PeopleInvalid(f"The date {until} is out of all reason.", field="newcomer_until")
    return replace(
        extension,
        number=clean_number(extension.number),
        name=clean_text("name", extension.name),
        person=clean_text("person", extension.person),
    )


def clean_number(number: str) -> str:
    """An extension's number as it is stored. Raises `PeopleInvalid`."""
    number = number.strip()
    if _NUMBER.fullmatch(number) is None:
        raise PeopleInvalid(
            f"“{shown(number)}” is no extension: 1 to 32 digits, Latin letters or . _ - + * #.",
            field="number",
        )
    return number


def clean_group(group: Group, is_extension: Callable[[str], bool]) -> Group:
    """The group as it is stored; its members must be extensions of the tenant. Raises `PeopleInvalid`."""
    members = frozenset(one.strip() for one in group.members)
    if len(members) > MEMBERS_MAX:
        raise PeopleInvalid(f"A group has at most {MEMBERS_MAX} members.", field="members")
    unknown = sorted(one for one in members if not is_extension(one))
    if unknown:
        raise PeopleInvalid(f"No extension has the number {_some(unknown)}.", field="members")
    return replace(group, name=clean_name(group.name), members=members)


def clean_trunk(trunk: Trunk, region: str) -> Trunk:
    """The trunk as it is stored: canonical networks, domains in lower case, E.164 numbers.

    `region` (ISO 3166) is that of the tenant. Raises `PeopleInvalid`.
    """
    cleaned = replace(
        trunk,
        name=clean_name(trunk.name),
        networks=_distinct(_network(one) for one in trunk.networks),
        domains=_distinct(_domain(one) for one in trunk.domains),
        numbers=_distinct(_own_number(one, region) for one in trunk.numbers),
    )
    marks = (cleaned.networks, cleaned.domains, cleaned.numbers)
    if not any(marks):
        raise PeopleInvalid("A trunk needs a network, a domain or a number.", field="networks")
    if max(map(len, marks)) > _MARKS_MAX:
        raise PeopleInvalid(
            f"A trunk has at most {_MARKS_MAX} networks, domains or numbers.", field="numbers"
        )
    return cleaned


def clean_tenant(tenant: Tenant) -> Tenant:
    """The tenant as it is stored. Raises `PeopleInvalid`."""
    if _TENANT_ID.fullmatch(tenant.id) is None:
        raise PeopleInvalid("A tenant's id is 1 to 63 small Latin letters, digits and hyphens.", field="id")
    if tenant.time_zone not in _time_zones():
        raise PeopleInvalid(f"There is no time zone “{shown(tenant.time_zone)}”.", field="time_zone")
    if not is_region_known(tenant.region):
        raise PeopleInvalid(
            f"There is no region “{shown(tenant.region)}”; it is a country's two letters.", field="region"
        )
    return replace(tenant, name=clean_name(tenant.name))


def clean_name(name: str) -> str:
    """A name that must not be empty. Raises `PeopleInvalid`."""
    cleaned = clean_text("name", name)
    if not cleaned:
        raise PeopleInvalid("The name is missing.", field="name")
    return cleaned


def clean_text(field: str, text: str) -> str:
    """A text for people, without space around it. Raises `PeopleInvalid`."""
    text = text.strip()
    if len(text) > _TEXT_MAX:
        raise PeopleInvalid(f"“{shown(text)}” is longer than {_TEXT_MAX} characters.", field=field)
    if _UNSEEN.search(text):
        raise PeopleInvalid(f"“{shown(text)}” holds control characters.", field=field)
    return text


def shown(text: str) -> str:
    """A text from outside as a message may quote it: short, on one line."""
    text = _UNSEEN.sub("\ufffd", text)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _network(text: str) -> str:
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise PeopleInvalid(f"“{shown(text)}” is no IP network.", field="networks") from error
    if network.prefixlen == 0:
        raise PeopleInvalid("A network of all addresses tells no tenant from another.", field="networks")
    return str(network)


def _domain(text: str) -> str:
    domain = text.strip().lower().rstrip(".")
    if _DOMAIN.fullmatch(domain) is None:
        raise PeopleInvalid(f"“{shown(text)}” is no domain.", field="domains")
    return domain


def _own_number(text: str, region: str) -> str:
    number = to_e164(text, region)
    if number is None:
        raise PeopleInvalid(f"“{shown(text)}” is no telephone number.", field="numbers")
    return number


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _some(texts: list[str]) -> str:
    listed = ", ".join(shown(one) for one in texts[:10])
    return listed if len(texts) <= 10 else f"{listed} and {len(texts) - 10} more"


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
