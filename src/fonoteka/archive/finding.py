"""Finding calls: lists, totals, neighbours, and one call or recording by its id."""

from __future__ import annotations

from datetime import datetime

from fonoteka.archive.archive import Archive
from fonoteka.archive.visibility import as_seen, visible_call, visible_recording, within_reach
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.call import Call
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.query import WORDS_MAX, CallPage, CallQuery, CallSort, CallTotals
from fonoteka.domain.recording import Recording
from fonoteka.store import Order, Position

PAGE_MAX = 200
_NUMBER_CHARACTERS_MAX = 200
_DURATION_MAX_MS = 1_000 * 3_600_000


def find_calls(
    archive: Archive,
    actor: Actor,
    query: CallQuery,
    cursor: str | None = None,
    limit: int = 50,
    sort: CallSort = CallSort.NEWEST,
) -> CallPage:
    """A page of the calls that the query finds.

    It may hold fewer than `limit` though more follow: what is rare is looked for among some ten thousand
    calls a page. Raises `RequestInvalid` (fields `cursor`, `limit`, `since`, `until`, `number`, `duration`),
    `AccessDenied`.
    """
    require(actor, Permission.CALL_SEE, actor.tenant_id)
    check_query(query)
    _check_words(actor, query)
    if not 1 <= limit <= PAGE_MAX:
        raise RequestInvalid("limit", f"The limit must be between 1 and {PAGE_MAX}.")
    after = None if cursor is None else _place(cursor, sort)
    with archive.store.reading() as tx:
        order = Order(after, sort)
        found, place = tx.calls.look(actor.tenant_id, within_reach(actor, query), order, limit + 1)
        gists = tx.annotations.gists(actor.tenant_id, [one.id for one in found[:limit]])
    items = tuple(as_seen(actor, one) for one in found[:limit])
    if len(found) > limit:
        place = order.place_of(items[-1])
    return CallPage(items, None if place is None else place.cursor(), gists)


def count_calls(archive: Archive, actor: Actor, query: CallQuery) -> CallTotals:
    """How many calls the query finds and how long they are. Raises as `find_calls`."""
    require(actor, Permission.CALL_SEE, actor.tenant_id)
    check_query(query)
    _check_words(actor, query)
    with archive.store.reading() as tx:
        return tx.calls.totals(actor.tenant_id, within_reach(actor, query))


def get_call(archive: Archive, actor: Actor, call_id: str) -> Call:
    """Raises `CallNotFound`."""
    with archive.store.reading() as tx:
        return visible_call(tx, actor, call_id)


def get_recording(archive: Archive, actor: Actor, recording_id: str) -> Recording:
    """Raises `RecordingNotFound`."""
    with archive.store.reading() as tx:
        return visible_recording(tx, actor, recording_id)


def neighbours(
    archive: Archive, actor: Actor, call_id: str, query: CallQuery
) -> tuple[str | None, str | None]:
    """The ids of the next newer and the next older call that the query finds, seen from a call.

    Raises `CallNotFound`, `RequestInvalid`.
    """
    check_query(query)
    _check_words(actor, query)
    query = within_reach(actor, query)
    with archive.store.reading() as tx:
        call = visible_call(tx, actor, call_id)
        place = Position(call.started_at, call.id)
        return (
            tx.calls.newer(actor.tenant_id, query, place),
            tx.calls.older(actor.tenant_id, query, place),
        )


def call_sources(archive: Archive, actor: Actor) -> tuple[str, ...]:
    """Where the tenant's calls came from, for who sees all of them. Raises `AccessDenied`."""
    require(actor, Permission.CALL_SEE, actor.tenant_id)
    if actor.extensions is not None:
        return ()
    with archive.store.reading() as tx:
        return tx.calls.sources(actor.tenant_id)


def _place(cursor: str, sort: CallSort) -> Position:
    place = Position.of_cursor(cursor)
    if (place.duration_ms is not None) is not (sort is CallSort.LONGEST):
        raise RequestInvalid("cursor", "The cursor is one of another order.")
    return place


def check_query(query: CallQuery) -> None:
    """Raise `RequestInvalid` for a query that cannot be answered."""
    _check_instant("since", query.since)
    _check_instant("until", query.until)
    if query.since is not None and query.until is not None and query.until < query.since:
        raise RequestInvalid("until", "until lies before since.")
    shortest, longest = query.duration_min_ms, query.duration_max_ms
    if any(one is not None and not 0 <= one <= _DURATION_MAX_MS for one in (shortest, longest)):
        raise RequestInvalid("duration", "A length is 0 to 1000 hours.")
    if shortest is not None and longest is not None and longest < shortest:
        raise RequestInvalid("duration", "The longest is shorter than the shortest.")
    if query.mark_min is not None and query.mark_max is not None and query.mark_max < query.mark_min:
        raise RequestInvalid("mark_max", "The highest mark is lower than the lowest.")
    if len(query.number.split()) > WORDS_MAX:
        raise RequestInvalid("number", f"At most {WORDS_MAX} words can be looked for.")
    if len(query.number) > _NUMBER_CHARACTERS_MAX:
        raise RequestInvalid("number", f"At most {_NUMBER_CHARACTERS_MAX} characters can be looked for.")


def _check_words(actor: Actor, query: CallQuery) -> None:
    """Who may not hear what was said cannot feel for it word by word either."""
    if query.said or query.topic_ids:
        require(actor, Permission.RECORDING_LISTEN, actor.tenant_id)


def _check_instant(field: str, instant: datetime | None) -> None:
    if instant is not None and instant.utcoffset() is None:
        raise RequestInvalid(field, "The time needs its offset from UTC.")
