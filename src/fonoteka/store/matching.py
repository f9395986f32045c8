"""What makes a call findable by a number in any notation or by a part of a name."""

from __future__ import annotations

import re
import unicodedata

_NUMBER_LIKE = re.compile(r"[\d\s+()\-./*#]+")
_PIECES = re.compile(r'"([^"]*\w[^"]*)"|(\S+)')
_TAGS = re.compile(r'(?<!\S)#(?:"([^"]*\w[^"]*)"|([^\W\d]\S*))')
_APART_DIGITS_MAX = 9
_WHOLE_DIGITS = 10
_SCHEME = re.compile(r"(?:tel|sips?):", re.IGNORECASE)


def folded(text: str) -> str:
    """`text` as names are compared: composed forms, without case, ё as е."""
    return unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")


def digits_of(text: str) -> str:
    """The decimal digits of `text`, of whatever script, as ASCII."""
    return "".join(str(unicodedata.decimal(sign)) for sign in text if sign.isdecimal())


def number_key(number: str) -> str:
    """What is stored to look a number up: its digits, for +7… and 8… of eleven digits in both notations."""
    digits = digits_of(number)
    if len(digits) == 11 and digits[0] in "78":
        return f"7{digits[1:]} 8{digits[1:]}"
    return digits


def customer_key(number: str) -> str:
    """What a customer is known by: the digits of the number, 8… of eleven digits as 7…; may be empty.

    An address with letters has none: digits amid a name are no number.
    """
    return number_key(number).partition(" ")[0] if is_number_like(number) else ""


def name_key(name: str, number: str) -> str:
    """What is stored to look a name up; an address whose user part has letters counts as a name too."""
    letters = number if number and not is_number_like(number) else ""
    return folded(f"{name}\n{letters}" if letters else name)


def is_number_like(text: str) -> bool:
    """Whether `text` is digits and the signs that people put between them."""
    return _NUMBER_LIKE.fullmatch(unicodedata.normalize("NFKC", text)) is not None


def terms_of(text: str) -> tuple[str, ...]:
    """What a search text asks for, each to be found: words, numbers in any notation, what stands in quotes.

    Numbers that stand together are one number with spaces until it is a whole one, see `apart`.
    """
    text = text.strip()
    if _SCHEME.match(text):
        return (text,)
    terms: list[str] = []
    follows_number = False
    for quoted, word in _PIECES.findall(text):
        is_number = not quoted and is_number_like(word) and any(sign.isdecimal() for sign in word)
        if is_number and follows_number and len(digits_of(terms[-1])) < _WHOLE_DIGITS:
            terms[-1] += f" {word}"
        elif quoted or any(sign.isalnum() for sign in word):
            terms.append(quoted or word.strip('"'))
        follows_number = is_number
    return tuple(terms) or ((text,) if text else ())


def tags_of(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without the tags that it names, and their names: `#name`, or in quotes `#"two words"`."""
    names = tuple(quoted or plain for quoted, plain in _TAGS.findall(text))
    return (_TAGS.sub(" ", text).strip(), names) if names else (text, ())


def apart(term: str) -> tuple[str, ...]:
    """The numbers of a term that may be several extensions rather than one number; none if it cannot be."""
    words = term.split()
    digits = sum(map(len, words))
    is_several = len(words) > 1 and digits <= _APART_DIGITS_MAX
    return tuple(words) if is_several and all(one.isdecimal() and len(one) > 1 for one in words) else ()


def wanted(text: str) -> tuple[str, str, str]:
    """What a search text asks for: (part of a name, digits anywhere, a whole number of ten digits).

    Empty where it does not ask for such. The third finds 4951234567 by +7 495 123-45-67: trunks without
    the country's prefix are common.
    """
    text = text.strip()
    scheme = _SCHEME.match(text)
    address = text[scheme.end() :].partition("@")[0] if scheme else text
    digits = digits_of(address) if is_number_like(address) else ""
    whole = digits[1:] if len(digits) == 11 and digits[0] in "78" else ""
    return folded(address), digits, whole


def prefix_end(prefix: str) -> str | None:
    """The least text after all that begin with the prefix, by Unicode's order; None when there is no end."""
    for length in range(len(prefix), 0, -1):
        code = ord(prefix[length - 1]) + 1
        if code <= 0x10FFFF:
            return prefix[: length - 1] + chr(0xE000 if 0xD800 <= code <= 0xDFFF else code)
    return None
