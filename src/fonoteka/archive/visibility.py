"""What an actor does not see is not found: nobody learns that it exists."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeVar

from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.call import Call, Participant
from fonoteka.domain.errors import CallNotFound, RecordingNotFound
from fonoteka.domain.ids import is_id
from fonoteka.domain.query import CallQuery
from fonoteka.domain.recording import Recording
from fonoteka.domain.sealed import SealedParticipant
from fonoteka.store import FORMER_ID, Transaction

MASK = "•"
_SHORT, _LONG = 5, 9
_HEAD, _TAIL = 4, 2
_DIGITS = re.compile(r"\d(?:[\s().\-]{0,2}\d)*")
_Person = TypeVar("_Person", Participant, SealedParticipant)


def visible_call(tx: Transaction, actor: Actor, call_id: str) -> Call:
    """The call as the actor may see it.

    Raises `CallNotFound` when there is none or the actor may not see it.
    """
    call = call_by_id(tx, actor.tenant_id, call_id)
    if call is None or not may(actor, Permission.CALL_SEE, call.tenant_id, numbers_of(call)):
        raise CallNotFound
    return as_seen(actor, call)


def visible_recording(tx: Transaction, actor: Actor, recording_id: str) -> Recording:
    """Raises `RecordingNotFound` when there is none or the actor may not see its call."""
    recording = tx.recordings.get(actor.tenant_id, recording_id) if is_id(recording_id) else None
    if recording is None:
        raise RecordingNotFound
    try:
        visible_call(tx, actor, recording.call_id)
    except CallNotFound as error:
        raise RecordingNotFound from error
    return recording


def call_by_id(tx: Transaction, tenant_id: str, call_id: str) -> Call | None:
    """The tenant's call with this id, or one that it had before, whoever asks."""
    if not is_id(call_id):
        return None
    found = tx.calls.get(tenant_id, call_id)
    if found is None and (joined := tx.identities.of_alias(tenant_id, FORMER_ID, call_id)):
        # Its recording belongs to a call that had been announced before.
        return tx.calls.get(tenant_id, joined)
    return found


def within_reach(actor: Actor, query: CallQuery) -> CallQuery:
    """The query as this actor may ask it; whoever sees no numbers cannot feel for them digit by digit.

    Raises `AccessDenied` for words that were said, and topics, unless the actor may hear them.
    """
    if query.said or query.topic_ids:
        require(actor, Permission.RECORDING_LISTEN, actor.tenant_id)
    sees_numbers = may(actor, Permission.NUMBER_SEE, actor.tenant_id)
    whole = query.whole_numbers or not sees_numbers
    return replace(query, reach=actor.extensions, whole_numbers=whole)


def numbers_of(call: Call) -> frozenset[str]:
    """The numbers of all who took part."""
    return frozenset(one.number for one in call.participants)


def as_seen(actor: Actor, call: Call) -> Call:
    """The call with the outside numbers masked, unless the actor may see them."""
    if may(actor, Permission.NUMBER_SEE, call.tenant_id, numbers_of(call)):
        return call
    people = tuple(masked(one) for one in call.participants)
    # The source's own id may be a file name with the numbers in it.
    return replace(call, participants=people, external_id="")


def masked(one: _Person) -> _Person:
    """The participant with all but the ends of long numbers hidden, wherever they stand."""
    number = _mask(one.number)
    aor = one.aor if number == one.number and _mask(one.aor) == one.aor else ""
    return replace(one, number=number, name=_mask(one.name), aor=aor)


def masked_text(actor: Actor, tenant_id: str, text: str) -> str:
    """What people wrote, with the numbers in it masked unless the actor may see them."""
    return text if may(actor, Permission.NUMBER_SEE, tenant_id) else _mask(text)


def unmasked_text(actor: Actor, tenant_id: str, text: str, original: str) -> str:
    """What an actor made of a text whose numbers were masked for it, with these numbers in their places."""
    if may(actor, Permission.NUMBER_SEE, tenant_id):
        return text
    for match in _DIGITS.finditer(original):
        if (shown := _hide(match)) != match[0]:
            text = text.replace(shown, match[0], 1)
    return text


def _mask(text: str) -> str:
    return _DIGITS.sub(_hide, text)


def _hide(match: re.Match[str]) -> str:
    digits = "".join(sign for sign in match[0] if sign.isdigit())
    if len(digits) <= _SHORT:
        return match[0]
    head = digits[: _HEAD if len(digits) >= _LONG else 1]
    return head + MASK * (len(digits) - len(head) - _TAIL) + digits[-_TAIL:]
