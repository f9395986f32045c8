"""One call detail record of Asterisk, in whichever columns it came.

cdr_csv writes accountcode, src, dst, dcontext, clid, channel, dstchannel, lastapp, lastdata, start, answer,
end, duration, billsec, disposition, amaflags; behind them uniqueid and userfield where cdr.conf asks for
either, and with `newcdrcolumns` peeraccount, linkedid and sequence. FreePBX's table has other names, `did`
and `recordingfile`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fonoteka.connectors.folder.times import parse_moment
from fonoteka.domain.errors import ImportInvalid

COLUMNS = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
)
_UNIQUEID = re.compile(r"(?:[\w.]{1,60}-)?\d{9,10}\.\d{1,10}")
_NUMBER = re.compile(r"\d{1,9}")
_NAME_IN_CLID = re.compile(r'"?([^"<]*?)"?\s*<')
_CHANNEL = re.compile(r"(?:PJSIP|SIP|IAX2|SCCP|DAHDI)/([^/@-]+)-[0-9A-Fa-f]+", re.IGNORECASE)
_TAPS = ("Snoop/", "UnicastRTP/", "AudioSocket/", "WebSocket/")
_OF_THE_PBX = frozenset(
    {
        *("answer", "authenticate", "background", "busy", "chanspy", "congestion", "dial", "extenspy"),
        *("hangup", "macroexit"),
        *("musiconhold", "playback", "playtones", "queue", "read", "ringing", "saydigits", "sayalpha"),
        *("voicemail", "voicemailmain", "wait", "waitexten", "stackexecute", "return", "goto", "gotoif"),
    }
)
"""Last applications of a channel that never met another one: the PBX alone was heard."""


@dataclass(frozen=True, slots=True)
class CdrRow:
    """A record as it stands there; `at` is as written, naive local time of the PBX. Texts may be empty."""

    at: datetime
    src: str
    dst: str
    calling_name: str
    called_name: str
    channel: str
    dstchannel: str
    lastapp: str
    did: str
    duration_s: int
    talked_s: int
    was_answered: bool
    uniqueid: str
    linkedid: str
    file_texts: tuple[str, ...]
    """Where the name of a recording may stand."""

    @property
    def is_talk(self) -> bool:
        """Whether two parties met: not a call that only a queue, a menu or a mailbox answered."""
        if not self.was_answered:
            return False
        return bool(self.dstchannel) or self.lastapp.lower() not in _OF_THE_PBX

    @property
    def is_tap(self) -> bool:
        """Whether it is of a channel that only listens or carries sound away, ours or another recorder's.

        Asterisk writes a record for each of these too.
        """
        return self.channel.startswith(_TAPS)

    @property
    def reached(self) -> str:
        """The extension or number of the device that was reached, as its channel names it; may be empty."""
        found = _CHANNEL.fullmatch(self.dstchannel)
        return found[1] if found and found[1].isdecimal() else ""


def header_of(row: Sequence[str]) -> tuple[str, ...] | None:
    """The names of the columns if the row is a heading."""
    names = tuple(cell.strip().lower() for cell in row)
    is_header = {"src", "dst"} <= set(names) and bool({"calldate", "start"} & set(names))
    return names if is_header else None


def row_of(names: Sequence[str] | None, row: Sequence[str]) -> CdrRow:
    """The record in a line, its columns named, or placed as cdr_csv places them.

    Raises `ImportInvalid` saying what is wrong.
    """
    if names is None and len(row) < len(COLUMNS):
        raise ImportInvalid(f"{len(row)} columns where a CDR has {len(COLUMNS)}")
    named = names if names is not None else (*COLUMNS, *_behind(row[len(COLUMNS) :]))
    value = dict(zip(named, row, strict=False))
    at = parse_moment(value.get("calldate") or value.get("start") or "")
    if at is None:
        raise ImportInvalid("the time of the call is not understood")
    clid = _NAME_IN_CLID.match(value.get("clid", ""))
    return CdrRow(
        at=at,
        src=value.get("src") or value.get("cnum", ""),
        dst=value.get("dst", ""),
        calling_name=value.get("cnam") or (clid[1].strip() if clid else ""),
        called_name=value.get("dst_cnam", ""),
        channel=value.get("channel", ""),
        dstchannel=value.get("dstchannel", ""),
        lastapp=value.get("lastapp", ""),
        did=value.get("did", ""),
        duration_s=_seconds(value.get("duration", "")),
        talked_s=_seconds(value.get("billsec", "")),
        was_answered=value.get("disposition", "").strip().upper() == "ANSWERED",
        uniqueid=value.get("uniqueid", ""),
        linkedid=value.get("linkedid", ""),
        file_texts=tuple(value.get(name, "") for name in ("recordingfile", "userfield", "lastdata")),
    )


def _behind(more: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns behind the sixteen: told by how many there are, and by an id's form."""
    has_id = bool(more) and _UNIQUEID.fullmatch(more[0]) is not None
    first = ("uniqueid",) if has_id else ("userfield",)
    if len(more) <= 1:
        return first[: len(more)]
    if len(more) == 2 or (len(more) == 3 and has_id):
        return ("uniqueid", "userfield", "linkedid")[: len(more)]
    new = ("peeraccount", "linkedid", "sequence")
    if len(more) == 3:
        return new
    return (*first, *new) if len(more) == 4 else ("uniqueid", "userfield", *new)


def _seconds(text: str) -> int:
    return int(text) if _NUMBER.fullmatch(text.strip()) else 0
