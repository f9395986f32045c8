"""Whose a call is, by the trunk on which it came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.domain.call_facts import ToE164
from fonoteka.domain.errors import PeopleInvalid
from fonoteka.domain.people import Directory

_Network = IPv4Network | IPv6Network
_Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class TrunkTable:
    """All tenants' trunks. Where they leave a call between two tenants, it is neither's but the default's."""

    _networks: tuple[tuple[_Network, frozenset[str]], ...]
    """The narrowest first."""
    _domains: dict[str, frozenset[str]]
    _numbers: dict[tuple[str, str], frozenset[str]]
    """By region and E.164 number: the same raw number means another one elsewhere."""
    _regions: tuple[str, ...]

    @classmethod
    def of(cls, directories: Iterable[Directory]) -> TrunkTable:
        """Raises `PeopleInvalid` for a network that is none."""
        networks: defaultdict[_Network, set[str]] = defaultdict(set)
        domains: defaultdict[str, set[str]] = defaultdict(set)
        numbers: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for directory in directories:
            tenant = directory.tenant
            for trunk in directory.trunks:
                for text in trunk.networks:
                    networks[_network(text)].add(tenant.id)
                for domain in trunk.domains:
                    domains[_host(domain)].add(tenant.id)
                for number in trunk.numbers:
                    numbers[tenant.region, number].add(tenant.id)
        return cls(
            tuple(
                (network, frozenset(networks[network]))
                for network in sorted(networks, key=lambda one: one.prefixlen, reverse=True)
            ),
            {key: frozenset(tenants) for key, tenants in domains.items()},
            {key: frozenset(tenants) for key, tenants in numbers.items()},
            tuple({region for region, _ in numbers}),
        )

    def tenant_of(
        self, peer_host: str, domains: Sequence[str], numbers: Sequence[str], to_e164: ToE164
    ) -> str:
        """As `ports.Policy.tenant_of`: the narrowest network with the peer in it decides; tenants that share
        it, and calls from elsewhere, are told apart by domain, then by number, each in the order given.
        """
        candidates = self._by_network(peer_host)
        if len(candidates) == 1:
            return next(iter(candidates))
        for found in (*self._by_domains(domains), *self._by_numbers(numbers, to_e164)):
            narrowed = found & candidates if candidates else found
            if len(narrowed) == 1:
                return next(iter(narrowed))
            candidates = narrowed or candidates
        return DEFAULT_TENANT_ID

    def _by_network(self, peer_host: str) -> frozenset[str]:
        address = _address(peer_host)
        if address is None:
            return frozenset()
        return next((tenants for network, tenants in self._networks if address in network), frozenset())

    def _by_domains(self, domains: Sequence[str]) -> Iterable[frozenset[str]]:
        return (self._domains.get(_host(domain), frozenset()) for domain in domains)

    def _by_numbers(self, numbers: Sequence[str], to_e164: ToE164) -> Iterable[frozenset[str]]:
        for number in numbers:
            found: frozenset[str] = frozenset()
            for region in self._regions:
                e164 = to_e164(number, region)
                if e164 is not None:
                    found |= self._numbers.get((region, e164), frozenset())
            yield found


def _network(text: str) -> _Network:
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise PeopleInvalid(f"{text[:60]!r} is not an IP network", network=text[:60]) from error


def _address(text: str) -> _Address | None:
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _host(domain: str) -> str:
    return domain.strip().lower().rstrip(".")
