"""A call becomes known, before its audio is ready."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fonoteka.archive.archive import Archive
from fonoteka.archive.likeness import NEAR, most_alike
from fonoteka.archive.merging import PARTICIPANTS_MAX, SEGMENTS_MAX, merged
from fonoteka.archive.terms import settle_call
from fonoteka.domain.announced import ANNOUNCING_SOURCES
from fonoteka.domain.call import Call, CallOutcome, Party, direction_of
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import SpoolCorrupt
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.store import FORMER_ID, SESSION_ID, Transaction

TRIED_AGAIN = timedelta(minutes=10)
"""Within so long the same session id means the same call; there are clients that use one again and again."""
_NUMBER_CHARACTERS_MAX = 128
_NAME_CHARACTERS_MAX = 256
_AOR_CHARACTERS_MAX = 512


def register_call(archive: Archive, call: Call, session_id: str = "") -> str:
    """Make the call and its recordings (state processing) known; repeating it changes nothing.

    The id under which the call is known: another than its own when the tenant knows the same source's
    external id already. A call of several recordings is registered once for each: participants come
    together, the span grows, the best outcome counts. Recordings that are known already keep their state.
    A recorder that had no room and another that had, or the same one a little later, tell of one call when
    its client says so by `session_id`. What the far end sent is cut to sensible lengths. Raises
    `SpoolCorrupt` when another tenant has a call of that id.
    """
    call = bounded(_directed(call, archive.extension_digits_max))
    with archive.store.transaction() as tx:
        tx.identities.take_turns(call.tenant_id)
        session_id = session_id[:_AOR_CHARACTERS_MAX]
        known = _known(tx, call) or _refused_before(tx, call, session_id) or _announced(tx, call)
        if known is not None:
            if known.tenant_id != call.tenant_id:
                raise SpoolCorrupt("The id of the call belongs to another tenant.")
            call = replace(merged(known, call), id=known.id)
            tx.calls.replace(call)
        elif not tx.calls.add(call):
            raise SpoolCorrupt("The id of the call belongs to another tenant.")
        if session_id:
            tx.identities.move_alias(call.tenant_id, SESSION_ID, session_id, call.id)
        for recording in call.recordings:
            tx.recordings.add(_unshelved(call, recording))
        tx.calls.relist(call.id)
        settle_call(tx, call, archive.now())
    return call.id


def _known(tx: Transaction, call: Call) -> Call | None:
    """The call as it was registered before, under whatever id."""
    former = tx.identities.of_alias(call.tenant_id, FORMER_ID, call.id)
    return tx.calls.get_locked(former or call.id) or tx.calls.of_external_id_locked(call)


def _refused_before(tx: Transaction, call: Call, session_id: str) -> Call | None:
    """The call that a client tried to have recorded twice within minutes, and once there was no room."""
    named = tx.identities.of_alias(call.tenant_id, SESSION_ID, session_id) if session_id else None
    known = tx.calls.get_locked(named) if named else None
    if known is None or abs(known.started_at - call.started_at) > TRIED_AGAIN:
        return None
    if CallOutcome.REFUSED not in (known.outcome, call.outcome) or _numbers(known) != _numbers(call):
        return None
    tx.identities.add_alias(call.tenant_id, FORMER_ID, call.id, known.id)
    return known


def _numbers(call: Call) -> set[str]:
    return {one.number for one in call.participants}


def _announced(tx: Transaction, call: Call) -> Call | None:
    """The call as it was announced, if it was; from now on each finds it by its own id."""
    if call.source in ANNOUNCING_SOURCES:
        return None
    named = tx.identities.of_ids(call.tenant_id, [call.external_id])
    known = tx.calls.get_locked(named) if named else None
    if known is None or known.source not in ANNOUNCING_SOURCES:
        known = _announced_alike(tx, call)
    if known is not None:
        tx.identities.add_alias(call.tenant_id, known.source, known.external_id, known.id)
        tx.identities.add_alias(call.tenant_id, FORMER_ID, call.id, known.id)
    return known


def _announced_alike(tx: Transaction, call: Call) -> Call | None:
    ended_at = call.started_at + timedelta(milliseconds=call.duration_ms)
    numbers = [one.number for one in call.participants]
    near = tx.identities.announced_in(call.tenant_id, call.started_at - NEAR, ended_at + NEAR)
    found = most_alike(tx, call.tenant_id, near, numbers, call.started_at)
    return None if found is None else tx.calls.get_locked(found.id)


def _unshelved(call: Call, recording: Recording) -> Recording:
    return replace(
        recording,
        call_id=call.id,
        tenant_id=call.tenant_id,
        state=RecordingState.PROCESSING,
        object_key=None,
        peaks_key=None,
        error_code=None,
        deleted_at=None,
    )


def _directed(call: Call, extension_digits_max: int) -> Call:
    if call.direction is not Direction.UNKNOWN:
        return call
    calling, called = call.participant(Party.CALLING), call.participant(Party.CALLED)
    if calling is None or called is None:
        return call
    return replace(call, direction=direction_of(calling.number, called.number, extension_digits_max))


def bounded(call: Call) -> Call:
    """With lists and texts of sensible length."""
    people = tuple(
        replace(
            one,
            id=one.id[:_NAME_CHARACTERS_MAX],
            number=one.number[:_NUMBER_CHARACTERS_MAX],
            name=one.name[:_NAME_CHARACTERS_MAX],
            aor=one.aor[:_AOR_CHARACTERS_MAX],
        )
        for one in call.participants[:PARTICIPANTS_MAX]
    )
    return replace(
        call,
        participants=people,
        reason=call.reason[:_NAME_CHARACTERS_MAX],
        external_id=call.external_id[:_AOR_CHARACTERS_MAX],
        segments=call.segments[:SEGMENTS_MAX],
    )
