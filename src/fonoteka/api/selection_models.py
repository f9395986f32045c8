"""Chosen calls, as the API reads them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from fonoteka.api.instants import Instant
from fonoteka.api.models import EXAMPLE_CALL_ID
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.domain.direction import Direction
from fonoteka.domain.query import Became, CallQuery, CallSelection

Ids = Annotated[tuple[Annotated[PlainText, Field(max_length=36)], ...], Field(max_length=1_000)]


class Search(Given):
    """The filters of `GET /calls`, joined by “and”."""

    since: Instant | None = Field(None, description="Calls that began at this time or later.")
    until: Instant | None = Field(None, description="Calls that began before this time.")
    number: PlainText = Field(
        "", max_length=64, description="Digits of a participant's number, or a part of the name."
    )
    direction: Direction | None = Field(None, description="Only calls of this direction.")
    heard: bool = Field(False, description="Leave out calls of which one can hear no party, or one alone.")
    unheard: bool = Field(False, description="Only calls of which one can hear no party, or one alone.")
    outcome: Became | None = Field(None, description="Only calls of which this became.")
    group: PlainText = Field("", max_length=100, description="Of a group (its `id`); `~`: of none.")
    extension: PlainText = Field("", max_length=100, description="Of an own extension; `~`: of none.")

    @model_validator(mode="after")
    def _in_order(self) -> Search:
        if self.since is not None and self.until is not None and self.until < self.since:
            raise ValueError("until lies before since")
        return self

    def value(self) -> CallQuery:
        """As the rooms take it."""
        return CallQuery(
            self.since,
            self.until,
            self.number,
            self.direction,
            outcomes=frozenset() if self.outcome is None else self.outcome.outcomes,
            include_unheard=not self.heard,
            only_unheard=self.unheard,
            group_id=self.group,
            extension=self.extension,
        )


class Selection(Given):
    """Calls: either named, or all that a search finds less some."""

    ids: Ids = Field((), description="Calls by `id`.", examples=[[EXAMPLE_CALL_ID]])
    query: Search | None = Field(None, description="Without `ids`: all that this finds.")
    without: Ids = Field((), description="Calls that are left out of what the query finds.")

    def value(self) -> CallSelection:
        """As the rooms take it."""
        query = None if self.query is None else self.query.value()
        return CallSelection(self.ids, query, frozenset(self.without))
