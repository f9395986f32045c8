"""Chosen calls, and what was done to them, as the API reads and writes them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from fonoteka.api.instants import Instant
from fonoteka.api.models import EXAMPLE_CALL_ID
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.domain.bulk import LeftAlone
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
    known_by: Instant | None = Field(
        None,
        description="Only calls that the archive knew at this time: give one for work in steps, so that no"
        " call that comes meanwhile is taken along.",
    )

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
            known_by=self.known_by,
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


class Selected(Given):
    """Chosen calls."""

    selection: Selection = Field(description="Which.")


class Step(Selected):
    """One step of work on chosen calls."""

    operation: PlainText = Field(
        max_length=36,
        description="A UUID (version 7) of yours: it names the work in the access log and undoes it.",
        examples=["01957a3c-5f2a-7c41-9a52-6f0d3b1e8c78"],
    )
    cursor: PlainText | None = Field(
        None, max_length=200, description="`next` of the step before; all else stays the same."
    )


class HoldStep(Step):
    """One step of putting chosen calls under a legal hold."""

    case_name: PlainText = Field(max_length=500, description="The case.")
    reason: PlainText = Field(max_length=500, description="Why.")


class SelectionLook(Given):
    """What a deletion would do."""

    calls: int = Field(description="Calls that were looked at.")
    duration_ms: int = Field(description="Their length together, in milliseconds.")
    recordings: int = Field(description="Recordings that would go into the bin.")
    left: dict[LeftAlone, int] = Field(description="Recordings that would stay, by why.")
    is_exact: bool = Field(description="Whether all were looked at; else there are more.")


class StepDone(Given):
    """What a step did."""

    calls: int = Field(description="Calls that it looked at.")
    done: int = Field(description="Recordings to which it was done.")
    left: dict[LeftAlone, int] = Field(
        description="What was left alone, by why. `held`: under legal hold. `protected`: inside its minimum"
        " term. `binned`: in the bin already. `nothing`: a call without a recording. `not_found`: no such"
        " call, or none to which you may do this."
    )
    next: str | None = Field(description="Give it back as `cursor` for the next step; null: all is done.")
