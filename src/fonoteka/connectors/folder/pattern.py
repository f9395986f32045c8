"""A pattern of file names that the user gives: `{date:%Y%m%d}-{time:%H%M%S}-{calling}-{called}.wav`."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from fonoteka.connectors.folder.described import Described
from fonoteka.domain.call import Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import ImportInvalid

PATTERN_CHARACTERS_MAX = 500
_FREE_MAX = 3
_FIELD = re.compile(r"\{([a-z_]+)(?::([^{}]*))?\}|(\*)")
_NUMBER = r"[\w+*#.@]{0,64}"
_FREE = r"[^/]{0,120}?"
_FIELDS = {
    "calling": _NUMBER,
    "called": _NUMBER,
    "uniqueid": r"[\w.\-]{1,64}",
    "calling_name": _FREE,
    "called_name": _FREE,
    "direction": r"[A-Za-z]{1,20}",
    "side": r"[A-Za-z]{1,10}",
    "epoch": r"\d{9,13}",
    "any": _FREE,
}
_TIMES = {"date": "%Y%m%d", "time": "%H%M%S", "datetime": "%Y%m%d%H%M%S"}
_DIGITS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "y": 2, "j": 3}
_DIRECTIONS = {
    **dict.fromkeys(("in", "incoming", "inbound", "external", "входящий"), Direction.INCOMING),
    **dict.fromkeys(("out", "outgoing", "outbound", "исходящий"), Direction.OUTGOING),
    **dict.fromkeys(("internal", "int", "local", "внутренний"), Direction.INTERNAL),
}
SIDES = {
    **dict.fromkeys(("in", "r", "rx", "read", "calling", "caller", "left", "a"), Party.CALLING),
    **dict.fromkeys(("out", "t", "tx", "write", "called", "callee", "right", "b"), Party.CALLED),
}


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A compiled pattern. It fits whole names; one with a `/` fits the path below the imported folder."""

    text: str
    _regex: re.Pattern[str]
    _forms: dict[str, str]
    _starred: bool

    @classmethod
    def compile(cls, text: str) -> NamePattern:
        """Raises `ImportInvalid` naming what is not understood in the pattern."""
        if len(text) > PATTERN_CHARACTERS_MAX:
            raise ImportInvalid(f"The pattern is longer than {PATTERN_CHARACTERS_MAX} characters.")
        regex, at, seen, forms = "", 0, set[str](), dict[str, str]()
        free = 0
        for match in _FIELD.finditer(text):
            regex += _literal(text[at : match.start()])
            at = match.end()
            name, form, star = match.groups()
            if star or name == "any":
                regex += _FREE
                free += 1
                continue
            if name in seen:
                raise ImportInvalid(f"The pattern has {{{name}}} twice.")
            seen.add(name)
            free += _FIELDS.get(name) == _FREE
            regex += f"(?P<{name}>{_value(name, form, forms)})"
        regex += _literal(text[at:])
        if free > _FREE_MAX:
            raise ImportInvalid(f"The pattern has more than {_FREE_MAX} fields for any text.")
        if not seen & {"date", "datetime", "epoch"}:
            raise ImportInvalid("The pattern tells no time: it needs {date}, {datetime} or {epoch}.")
        has_suffix = "." in text.rpartition("/")[2].rpartition("}")[2]
        return cls(text, re.compile(regex, re.DOTALL), forms, has_suffix)

    def describe(self, relative: str, stem_and_suffix: tuple[str, str]) -> Described | None:
        """What a file's name tells; None when the pattern does not fit it.

        `relative` is its path below the imported folder, with `/`.
        """
        folder = relative.rpartition("/")[0]
        name = stem_and_suffix[0] + (stem_and_suffix[1] if self._starred else "")
        subject = f"{folder}/{name}" if "/" in self.text and folder else name
        match = self._regex.fullmatch(subject)
        if match is None:
            return None
        found = {key: value or "" for key, value in match.groupdict().items()}
        at = self._moment(found)
        if at is None:
            return None
        return Described(
            at=at,
            calling=found.get("calling", ""),
            called=found.get("called", ""),
            calling_name=found.get("calling_name", ""),
            called_name=found.get("called_name", ""),
            direction=direction_named(found.get("direction", "")),
            uniqueid=found.get("uniqueid", ""),
            side=SIDES.get(found.get("side", "").lower()),
        )

    def _moment(self, found: dict[str, str]) -> datetime | None:
        with suppress(ValueError, OverflowError, OSError):
            if "epoch" in found:
                digits = found["epoch"]
                return datetime.fromtimestamp(int(digits[:10]), UTC)
            names = [name for name in ("datetime", "date", "time") if name in found]
            written = " ".join(found[name] for name in names)
            form = " ".join(self._forms[name] for name in names)
            return datetime.strptime(written, form)  # noqa: DTZ007 - local to the source
        return None


def direction_named(text: str) -> Direction:
    """A direction by its usual names; unknown for any other word."""
    return _DIRECTIONS.get(text.strip().lower(), Direction.UNKNOWN)


def _value(name: str, form: str | None, forms: dict[str, str]) -> str:
    if name in _TIMES:
        forms[name] = form or _TIMES[name]
        return _form_regex(forms[name])
    if name not in _FIELDS:
        known = ", ".join(f"{{{one}}}" for one in sorted([*_FIELDS, *_TIMES]))
        raise ImportInvalid(f"The pattern has {{{name}}}, which is not known; known are {known}.")
    if form:
        raise ImportInvalid(f"{{{name}}} takes no form after a colon.")
    return _FIELDS[name]


def _form_regex(form: str) -> str:
    parts = re.split(r"%(.)", form)
    regex = ""
    for literal, directive in zip(parts[::2], [*parts[1::2], ""], strict=True):
        regex += re.escape(literal)
        if directive and directive not in _DIGITS:
            raise ImportInvalid(f"%{directive} is not known in a time; known are %Y %m %d %H %M %S %y %j.")
        regex += rf"[0-9]{{{_DIGITS[directive]}}}" if directive else ""
    return regex


def _literal(text: str) -> str:
    if "{" in text or "}" in text:
        raise ImportInvalid(f"A brace in the pattern is left open near “{text[:20]}”.")
    return re.escape(text)
