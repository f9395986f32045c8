"""The Asterisk Manager Interface's messages: lines `Name: value`, an empty line at the end of each.

https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fonoteka.domain.errors import WireMalformed

BANNER = b"Asterisk Call Manager/"
LINE_BYTES_MAX = 8 * 1024
"""Asterisk's own lines are far shorter; a longer one is left out."""
FIELDS_MAX = 1_000
"""`ListCommands` answers with some 200; what comes behind these is left out."""


@dataclass(frozen=True, slots=True)
class AmiMessage:
    """An event or a response. `fields` are as sent, in their order; a name may come again."""

    fields: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """The first value of that name (upper and lower case are the same); empty for none."""
        wanted = name.lower()
        return next((value for one, value in self.fields if one.lower() == wanted), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of that name."""
        wanted = name.lower()
        return tuple(value for one, value in self.fields if one.lower() == wanted)

    @property
    def event(self) -> str:
        """What it tells; empty for a response."""
        return self.fields[0][1] if self.fields[0][0].lower() == "event" else ""

    @property
    def is_response(self) -> bool:
        """Whether it answers an action."""
        return self.fields[0][0].lower() == "response"


class AmiParser:
    """Bytes in, messages out. Memory is bounded, whatever comes."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_overlong = False
        self._banner: bytes | None = None
        self._fields: list[tuple[str, str]] = []

    @property
    def banner(self) -> str:
        """The greeting; empty as long as it has not come."""
        return (self._banner or b"").decode("ascii", "replace")

    def feed(self, data: bytes) -> list[AmiMessage]:
        """The messages that are complete by now. Raises `WireMalformed` when the greeting is none of AMI."""
        messages: list[AmiMessage] = []
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self._banner is None:
                self._greet(line)
            elif self._is_overlong:
                self._is_overlong = False  # this was the end of a line that is left out
            elif len(line) <= LINE_BYTES_MAX and (message := self._take(line.rstrip(b"\r"))):
                messages.append(message)
        if len(self._rest) > LINE_BYTES_MAX:
            if self._banner is None:
                self._greet(self._rest)
            self._rest, self._is_overlong = b"", True
        return messages

    def _greet(self, line: bytes) -> None:
        if not line.startswith(BANNER) or len(line) > LINE_BYTES_MAX:
            raise WireMalformed(f"not an Asterisk Manager Interface: {line[:60]!r}")
        self._banner = line.rstrip(b"\r")

    def _take(self, line: bytes) -> AmiMessage | None:
        if not line:
            fields, self._fields = self._fields, []
            return AmiMessage(tuple(fields)) if fields else None
        name, colon, value = _text(line).partition(":")
        if colon and len(self._fields) < FIELDS_MAX:
            self._fields.append((name.strip(), value.strip()))
        return None


def encode_action(fields: Mapping[str, str] | Iterable[tuple[str, str]]) -> bytes:
    """An action, `Action` first. Raises ValueError for what would break out of its line or be cut."""
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    lines = [f"{name}: {value}" for name, value in pairs]
    for line in lines:
        if any(one in line for one in "\r\n\0") or len(line.encode()) > LINE_BYTES_MAX:
            raise ValueError(f"cannot be said in one line: {line[:60]!r}")
    return "\r\n".join([*lines, "", ""]).encode()


def _text(line: bytes) -> str:
    """Asterisk passes names on as phones and trunks sent them: mostly UTF-8."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")
