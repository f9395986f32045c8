"""Calls that were chosen in the list, as the bar's form names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from fonoteka.domain.query import CallSelection
from fonoteka.web.filters import Filters
from fonoteka.web.visitor import Visitor


def selection_of(form: Mapping[str, Any], visitor: Visitor) -> CallSelection:
    """The calls that a form means: `ids` (parted by spaces), or all of `search` less those of `without`.

    `search` is the query of the list's address; `known_by` (ISO 8601) leaves out what came after that.
    """
    ids = _words(form, "ids")
    if ids:
        return CallSelection(ids)
    formats = visitor.formats
    filters = Filters.read(dict(parse_qsl(str(form.get("search", "")))))
    query = replace(filters.query(formats.today, formats.zone), known_by=_instant(form))
    return CallSelection(query=query, without=frozenset(_words(form, "without")))


def selection_fields(form: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """The fields of a form that means the same calls, and no others that come after now."""
    fields = {name: str(form.get(name, "")) for name in ("ids", "search", "without")}
    return {**fields, "known_by": now.astimezone(UTC).isoformat()}


def _words(form: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(str(form.get(name, "")).split())


def _instant(form: Mapping[str, Any]) -> datetime | None:
    try:
        instant = datetime.fromisoformat(str(form.get("known_by", "")))
    except ValueError:
        return None
    return instant if instant.utcoffset() is not None else None
