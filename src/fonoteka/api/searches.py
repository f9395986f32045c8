"""What a request looks for; that it looks for words that were said is written down."""

from __future__ import annotations

from fonoteka.api.selection_models import Search, Selection
from fonoteka.api.services import Services
from fonoteka.domain.access import Actor
from fonoteka.domain.query import CallQuery, CallSelection
from fonoteka.speech import note_words


def query_of(services: Services, actor: Actor, search: Search) -> CallQuery:
    """The filters. Raises `AccessDenied`, `RequestInvalid` (fields `callers`, `weekday`, `zone`)."""
    query = search.value()
    note_words(services.speech, actor, query.said)
    return query


def selection_of(services: Services, actor: Actor, given: Selection) -> CallSelection:
    """The chosen calls. Raises as `query_of`."""
    selection = given.value()
    if selection.query is not None:
        note_words(services.speech, actor, selection.query.said)
    return selection
