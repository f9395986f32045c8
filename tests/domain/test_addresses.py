"""E-mail and web addresses: taken, spelt for the wire, or refused when they are typed."""

from __future__ import annotations

import pytest

from fonoteka.domain.addresses import clean_email, clean_url
from fonoteka.domain.errors import AddressInvalid


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Anna.Lebedeva+calls@Example.COM ", "Anna.Lebedeva+calls@example.com"),
        ("info@почта.рф", "info@xn--80a1acny.xn--p1ai"),
        ("инфо@почта.рф", "инфо@xn--80a1acny.xn--p1ai"),
        ("a@example.com.", "a@example.com"),
    ],
)
def test_good_e_mail_addresses(typed: str, kept: str) -> None:
    assert clean_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            "anna",
            "@example.com",
            "anna@",
            "a b@example.com",
            "a@b",
            "a@-x.com",
            "a@x..com",
            "a\r\n@x.com",
        ),
        *('"a"@x.com', "a@x.com, b@x.com", "a@[127.0.0.1]", "x" * 65 + "@x.com", ".a@x.com", "a\0@x.com"),
        *("a@" + "x." * 130 + "com", "a@b@c.com", "<a@x.com>", "a@x.com\nBcc: b@x.com", "é" * 300),
    ],
)
def test_what_is_no_e_mail_address(typed: str) -> None:
    with pytest.raises(AddressInvalid) as caught:
        clean_email(typed)
    assert caught.value.context["field"] == "address"
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://hooks.example.com/a?b=c", "https://hooks.example.com/a?b=c"),
        ("http://10.0.4.7:8080", "http://10.0.4.7:8080/"),
        ("https://пример.рф/x", "https://xn--e1afmkfd.xn--p1ai/x"),
        ("https://[2001:db8::1]/", "https://[2001:db8::1]/"),
        ("https://example.com/x#fragment", "https://example.com/x"),
    ],
)
def test_good_web_addresses(typed: str, kept: str) -> None:
    assert clean_url(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            "example.com",
            "ftp://example.com/",
            "file:///etc/passwd",
            "http://",
            "http:///x",
            "https://a b.com/",
        ),
        *("https://user:secret@example.com/", "https://example.com:0/", "https://example.com:99999/"),
        *("https://[::1/", "https://example.com/\r\nX: y", "javascript:alert(1)", "https://exa_mple.com/"),
        *("https://x.com/" + "y" * 2000, "https://[zz]/", "https://example.com/путь"),
    ],
)
def test_what_is_no_web_address(typed: str) -> None:
    with pytest.raises(AddressInvalid):
        clean_url(typed)
