"""What rules look at, from raw numbers; and whose a call is, by its trunk."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fonoteka.domain.call_facts import NumberReader
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import PeopleInvalid
from fonoteka.domain.people import Directory, Extension, Tenant, Trunk
from fonoteka.domain.rules import CallFacts
from fonoteka.domain.trunk_table import TrunkTable
from fonoteka.wire.e164 import to_e164

OUTSIDE, OTHER = "+79161234567", "+442079460000"
DID = "+74950000001"
READER = NumberReader(
    Directory(
        Tenant("a", "A"),
        extensions=(Extension("1", "a", "101"), Extension("2", "a", "ann"), Extension("3", "a", OTHER)),
        trunks=(Trunk("t", "a", "t", numbers=(DID,)),),
    ),
    to_e164,
    4,
)


def facts(*numbers: str, calling: str = "") -> CallFacts:
    return READER.facts_of("key", datetime(2026, 1, 1, tzinfo=UTC), numbers, calling=calling)


@pytest.mark.parametrize(
    ("numbers", "direction"),
    [
        (("89161234567", "101"), Direction.INCOMING),
        (("89161234567", "84950000001"), Direction.INCOMING),
        (("anonymous", "101"), Direction.INCOMING),
        (("1234567", "101"), Direction.INCOMING),
        (("101", "89161234567"), Direction.OUTGOING),
        (("ann", "89161234567"), Direction.OUTGOING),
        (("101", "102"), Direction.INTERNAL),
        (("101", "ann"), Direction.INTERNAL),
        (("101", "102", "89161234567"), Direction.INTERNAL),
        (("101",), Direction.UNKNOWN),
        (("89161234567", "+74951112233"), Direction.UNKNOWN),
        (("conference", "101"), Direction.UNKNOWN),
        ((), Direction.UNKNOWN),
    ],
)
def test_the_direction_is_told_by_the_calling_number_and_the_first_other(
    numbers: tuple[str, ...], direction: Direction
) -> None:
    assert facts(*numbers, calling=numbers[0] if numbers else "").direction is direction


def test_numbers_are_own_extensions_or_outside() -> None:
    found = facts("8 916 123-45-67", "101", "777", DID, "0044 2079460000", "ann", "bob", "1234567")
    assert found.extensions == {"101", "777", "ann", OTHER}
    assert found.outside_numbers == {OUTSIDE}
    assert found.direction is Direction.UNKNOWN


TABLE = TrunkTable.of(
    [
        Directory(
            Tenant("a", "A"),
            trunks=(
                Trunk("1", "a", "pbx", networks=("10.0.0.0/8", "2001:db8::/32")),
                Trunk("2", "a", "shared", ("192.0.2.1",), ("A.example",), ("+74950000001",)),
            ),
        ),
        Directory(
            Tenant("b", "B"),
            trunks=(
                Trunk("3", "b", "inside a's", networks=("10.1.2.3/24",)),
                Trunk("4", "b", "shared", ("192.0.2.1",), ("b.example",), ("+74950000002",)),
            ),
        ),
        Directory(
            Tenant("c", "C", region="GB"), trunks=(Trunk("5", "c", "by number", numbers=("+442079460000",)),)
        ),
    ]
)


@pytest.mark.parametrize(
    ("peer", "domains", "numbers", "tenant"),
    [
        ("10.9.9.9", (), (), "a"),
        ("::ffff:10.9.9.9", (), (), "a"),
        ("[2001:db8::1]", (), (), "a"),
        ("10.1.2.200", (), (), "b"),
        # Another company's number or domain does not make it the other's call.
        ("10.9.9.9", ("b.example",), ("84950000002",), "a"),
        ("192.0.2.1", ("b.example",), (), "b"),
        ("192.0.2.1", ("B.Example.", "a.example"), (), "b"),
        ("192.0.2.1", ("192.0.2.1",), ("84950000002",), "b"),
        ("192.0.2.1", (), ("84950000001", "84950000002"), "a"),
        ("192.0.2.1", (), (), "default"),
        ("192.0.2.1", ("c.example",), ("020 7946 0000",), "default"),
        ("198.51.100.1", ("a.example",), (), "a"),
        ("198.51.100.1", (), ("020 7946 0000",), "c"),
        ("pbx.invalid", (), (), "default"),
    ],
)
def test_whose_a_call_is(peer: str, domains: tuple[str, ...], numbers: tuple[str, ...], tenant: str) -> None:
    assert TABLE.tenant_of(peer, domains, numbers, to_e164) == tenant


def test_a_network_that_is_none_is_named() -> None:
    with pytest.raises(PeopleInvalid, match=r"10\.0\.0\.0/33"):
        TrunkTable.of([Directory(Tenant("a", "A"), trunks=(Trunk("1", "a", "x", ("10.0.0.0/33",)),))])
