"""Numbers in the notations that PBXs send, to E.164."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.wire.e164 import is_same_number, to_e164

MOSCOW = "+74951234567"
LONDON = "+442079460000"


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("+74951234567", MOSCOW),
        ("+7 (495) 123-45-67", MOSCOW),
        ("8 (495) 123-45-67", MOSCOW),
        ("8-495-123-45-67", MOSCOW),
        ("84951234567", MOSCOW),
        ("74951234567", MOSCOW),
        ("4951234567", MOSCOW),
        ("0074951234567", MOSCOW),
        ("\u202f8\u00a0495\u00a0123\u201145\u201167 ".replace("\u202f", ""), MOSCOW),
        ("84951234567 доб. 12", MOSCOW),
        ("84951234567#101", MOSCOW),
        ("+74951234567,,101", MOSCOW),
        ("sip:84951234567@10.0.0.1", MOSCOW),
        ("sip:+74951234567;npdi=yes@pbx;user=phone", MOSCOW),
        ("sip:8495123%34567@pbx", MOSCOW),
        ('"Ann" <sip:+7(495)1234567@pbx>;tag=1', MOSCOW),
        ("tel:+7-495-123-45-67;ext=12", MOSCOW),
        ("+74951234567;phone-context=pbx", MOSCOW),
        ("810442079460000", LONDON),
        ("8~10 44 20 7946 0000", LONDON),
        ("00442079460000", LONDON),
        ("442079460000", LONDON),
        ("88002000600", "+78002000600"),
        ("77012345678", "+77012345678"),
    ],
)
def test_a_number_in_russia(text: str, e164: str) -> None:
    assert to_e164(text, "RU") == e164


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("020 7946 0000", "GB", LONDON),
        ("011 7 495 1234567", "US", MOSCOW),
        ("0074951234567", "DE", MOSCOW),
        ("02 1234 5678", "IT", "+390212345678"),
        ("2025550199", "US", "+12025550199"),
    ],
)
def test_a_number_elsewhere(text: str, region: str, e164: str) -> None:
    assert to_e164(text, region) == e164


@pytest.mark.parametrize(
    "text",
    [
        *("", "+", "101", "112", "*97", "12345", "123456", "1234567", "sip:101@pbx", "101;transport=udp"),
        *("anonymous", "user1234567", "89161234567abc", "1-800-FLOWERS", "sip:pbx", "+7101"),
        *("10.0.0.1", "192.168.100.200", "sip:192.168.100.200", "+٧٤٩٥١٢٣٤٥٦٧", "9" * 30, "8" * 100_000),
    ],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert to_e164(text, "RU") is None


def test_an_unknown_region_reads_international_numbers_alone() -> None:
    assert to_e164(MOSCOW, "XX") == MOSCOW
    assert to_e164("0044 20 7946 0000", "") == LONDON
    assert to_e164("020 7946 0000", "XX") is None


def test_the_same_number() -> None:
    assert is_same_number("8 (495) 123-45-67", "sip:+74951234567@pbx", "RU")
    assert is_same_number("101", "sip:101@pbx", "RU")
    assert not is_same_number("101", "102", "RU")
    assert not is_same_number("84951234567", "84951234568", "RU")
    assert not is_same_number("4567", "84951234567", "RU")
    assert not is_same_number("", "", "RU")


@given(st.text(max_size=40), st.sampled_from(["RU", "US", "XX", ""]))
def test_any_text_is_a_number_or_none(text: str, region: str) -> None:
    e164 = to_e164(text, region)
    assert e164 is None or to_e164(e164, region) == e164
