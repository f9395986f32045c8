"""File names of Asterisk's front ends (FreePBX, Issabel, Elastix, older AMP): the call is in the name.

Now: `<type>-<dst>-<src>-<YYYYMMDD>-<HHMMSS>-<uniqueid>.<fmt>` under `YYYY/MM/DD`. Before:
`q<queue>-…`, `g<group>-…`, `OUT<extension>-…`, `IN-…` and `<YYYYMMDD>-<HHMMSS>-<uniqueid>` without both
numbers (the CDR has them), and `auto-<epoch>-<src>-<dst>`. A side of its own (`-in`, `-out`) may follow.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime

from fonoteka.connectors.folder.described import Described
from fonoteka.domain.call import Party
from fonoteka.domain.direction import Direction

# The channel's own id: `[systemname-]<epoch>.<sequence>`.
_UNIQUEID = r"(?P<uniqueid>(?:[A-Za-z][\w.]{0,40}-)?\d{9,10}\.\d{1,10})"
_TIME = r"(?P<date>\d{8})-(?P<time>\d{6})"
_NOW = re.compile(rf"(?P<type>[A-Za-z]+)-(?P<dst>.{{0,80}})-(?P<src>[^-]{{0,80}})-{_TIME}-{_UNIQUEID}")
_OLDER = re.compile(rf"(?:(?P<type>OUT|IN|q|g)(?P<number>[\w+*#]{{0,40}})-)?{_TIME}-{_UNIQUEID}")
_AUTO = re.compile(r"auto-(?P<epoch>\d{9,10})-(?P<src>[\w+*#]{0,40})-(?P<dst>[\w+*#]{0,40})")
_SIDES = {"in": Party.CALLING, "r": Party.CALLING, "out": Party.CALLED, "t": Party.CALLED}
_SIDE = re.compile(r"(?<=[\w.])[-_](in|out|r|t)", re.IGNORECASE)
_EPOCH = re.compile(r"(?:.*-)?(\d{9,10})\.\d+")
_DIRECTIONS = {
    "out": Direction.OUTGOING,
    "in": Direction.INCOMING,
    "external": Direction.INCOMING,
    "internal": Direction.INTERNAL,
}


def describe_name(stem: str) -> Described | None:
    """What a file name (without folder and suffix) tells; None when it is no name of this kind."""
    stem, side = split_side(stem)
    if match := _NOW.fullmatch(stem):
        called, calling = match["dst"], match["src"]
    elif match := _OLDER.fullmatch(stem):
        own = match["number"] or ""
        called, calling = ("", own) if match["type"] == "OUT" else (own, "")
    elif match := _AUTO.fullmatch(stem):
        began = datetime.fromtimestamp(int(match["epoch"]), UTC)
        return Described(at=began, calling=match["src"], called=match["dst"], side=side)
    else:
        return None
    at = _moment(match["date"], match["time"])
    if at is None:
        return None
    return Described(
        at=at,
        calling=_number(calling),
        called=_number(called),
        direction=_DIRECTIONS.get((match["type"] or "").lower(), Direction.UNKNOWN),
        uniqueid=match["uniqueid"],
        side=side,
    )


def split_side(stem: str) -> tuple[str, Party | None]:
    """A name without its ending `-in` or `-out` (MixMonitor's r() and t()), and whose voice that means.

    “In” is what came in from the channel: the voice of who had it, the calling party.
    """
    cut = max(stem.rfind("-"), stem.rfind("_"))
    match = _SIDE.fullmatch(stem, cut) if cut > 0 else None
    return (stem, None) if match is None else (stem[:cut], _SIDES[match[1].lower()])


def epoch_of(uniqueid: str) -> datetime | None:
    """When the channel began by Asterisk's own id of it, aware UTC; None when the id is of another kind."""
    match = _EPOCH.fullmatch(uniqueid)
    return datetime.fromtimestamp(int(match[1]), UTC) if match else None


def _moment(date: str, time: str) -> datetime | None:
    with suppress(ValueError):
        return datetime.strptime(date + time, "%Y%m%d%H%M%S")  # noqa: DTZ007 - local to the PBX
    return None


def _number(text: str) -> str:
    return "" if text.lower() in ("unknown", "s", "anonymous", "unavailable") else text
