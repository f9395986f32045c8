"""The customer of a call: who stands behind its outside number, the calls with it, the note about it."""

from __future__ import annotations

from fonoteka.archive.annotating import conflict, locked_call, next_version, seen_note
from fonoteka.archive.archive import Archive
from fonoteka.archive.finding import find_calls
from fonoteka.archive.visibility import masked, visible_call
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.annotations import (
    NOTE_CHARACTERS_MAX,
    NOTE_VERSIONS_MAX,
    Customer,
    Note,
    checked_text,
)
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call, Participant, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import CallNotFound, CustomerUnknown
from fonoteka.domain.query import CallPage, CallQuery
from fonoteka.store import NoteKind, Transaction, customer_key

_DIGITS_MIN = 6
"""Shorter ones are extensions and services."""


def get_customer(archive: Archive, actor: Actor, call_id: str) -> Customer:
    """The customer of a call. Raises `CallNotFound`, `CustomerUnknown`."""
    with archive.store.reading() as tx:
        call = _whole(tx, actor, call_id)
        person = _outside(call)
        note = tx.annotations.notes.newest(call.tenant_id, NoteKind.CUSTOMER, customer_key(person.number))
    seen = person if may(actor, Permission.NUMBER_SEE, call.tenant_id) else masked(person)
    return Customer(seen.number, seen.name, seen_note(actor, note))


def customer_calls(
    archive: Archive, actor: Actor, call_id: str, cursor: str | None = None, limit: int = 50
) -> CallPage:
    """The calls with this customer that the actor may see, the one of `call_id` too, newest first.

    Raises `CallNotFound`, `CustomerUnknown`, `RequestInvalid` (fields `cursor`, `limit`).
    """
    return find_calls(archive, actor, _query(archive, actor, call_id), cursor, limit)


def customer_note_history(archive: Archive, actor: Actor, call_id: str) -> tuple[Note, ...]:
    """The versions of the note about a customer, newest first. Raises `CallNotFound`, `CustomerUnknown`."""
    with archive.store.reading() as tx:
        call = _whole(tx, actor, call_id)
        key = customer_key(_outside(call).number)
        found = tx.annotations.notes.history(call.tenant_id, NoteKind.CUSTOMER, key, NOTE_VERSIONS_MAX)
    return tuple(seen_note(actor, one) for one in found)


def write_customer_note(
    archive: Archive, actor: Actor, call_id: str, text: str, based_on_version: int
) -> Note:
    """Write the note about the customer of a call, as `write_note` does that of the call.

    Raises `CallNotFound`, `CustomerUnknown`, `VersionConflict`, `RequestInvalid` (field `text`),
    `AccessDenied`.
    """
    text = checked_text("text", text, NOTE_CHARACTERS_MAX)
    with archive.store.transaction() as tx:
        call = locked_call(tx, actor, call_id, Permission.CALL_ANNOTATE)
        key = customer_key(_outside(call).number)
        notes = tx.annotations.notes
        known = notes.newest(call.tenant_id, NoteKind.CUSTOMER, key)
        written = next_version(archive, actor, known, text, based_on_version)
        if written is not None:
            # Others come by other calls: the version is what two who write at once meet at.
            if not notes.add(call.tenant_id, NoteKind.CUSTOMER, key, written):
                raise conflict(notes.newest(call.tenant_id, NoteKind.CUSTOMER, key), based_on_version)
            detail = f"version={written.version}"
            tx.audit.append(actor, AuditAction.CUSTOMER_NOTED, call.id, detail, archive.now())
        note = notes.newest(call.tenant_id, NoteKind.CUSTOMER, key)
    return seen_note(actor, note)


def _query(archive: Archive, actor: Actor, call_id: str) -> CallQuery:
    with archive.store.reading() as tx:
        number = _outside(_whole(tx, actor, call_id)).number
    return CallQuery(number=number, whole_numbers=True)


def _whole(tx: Transaction, actor: Actor, call_id: str) -> Call:
    """The call with its numbers in full, if the actor may see it at all."""
    call = tx.calls.get(actor.tenant_id, visible_call(tx, actor, call_id).id)
    if call is None:
        raise CallNotFound
    return call


def _outside(call: Call) -> Participant:
    """Who of a call is the customer. Raises `CustomerUnknown`."""
    if call.direction is Direction.INTERNAL:
        raise CustomerUnknown
    outside = [one for one in call.participants if _is_outside(one.number)]
    if call.direction is Direction.INCOMING:
        outside = [one for one in outside if one.party is Party.CALLING]
    elif call.direction is Direction.OUTGOING:
        outside = [one for one in outside if one.party is not Party.CALLING]
    if not outside:
        raise CustomerUnknown
    return outside[0]


def _is_outside(number: str) -> bool:
    return len(customer_key(number)) >= _DIGITS_MIN
