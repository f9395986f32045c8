"""Legal holds: placed, listed, released."""

from __future__ import annotations

from collections.abc import Sequence

from fonoteka.archive.archive import Archive
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import CallNotFound, HoldNotFound, RecordingNotFound, RequestInvalid
from fonoteka.domain.ids import is_id, new_id
from fonoteka.domain.legal_hold import HELD_TOGETHER_MAX, HoldFilter, LegalHold
from fonoteka.domain.recording import RecordingState
from fonoteka.store import Transaction

LIST_MAX = 500
_TEXT_MAX = 500


def place_legal_hold(
    archive: Archive,
    actor: Actor,
    case_name: str,
    reason: str,
    *,
    call_ids: Sequence[str] = (),
    recording_ids: Sequence[str] = (),
    filter: HoldFilter | None = None,
) -> LegalHold:
    """Put recordings under a hold: those named, all of the calls named, all that the filter finds or will.

    All or nothing: one that is not there, or whose audio is gone already, is an error. Raises
    `RequestInvalid` naming the field, `CallNotFound`, `RecordingNotFound`, `AccessDenied`.
    """
    require(actor, Permission.HOLD_PLACE, actor.tenant_id)
    _check(case_name, reason, call_ids, recording_ids, filter)
    at = archive.now()
    hold = LegalHold(
        id=new_id(),
        tenant_id=actor.tenant_id,
        case_name=case_name.strip(),
        reason=reason.strip(),
        author_id=actor.id,
        author_name=actor.name,
        placed_at=at,
        filter=filter,
    )
    with archive.store.transaction() as tx:
        tx.identities.take_turns(actor.tenant_id)  # as who registers a call: none is missed
        _refuse_strangers(tx, actor.tenant_id, call_ids, recording_ids)
        tx.holds.add(hold)
        tx.holds.cover(hold, call_ids, recording_ids, at)
        tx.holds.cover_found(hold, at)
        _refuse_gone(tx, actor.tenant_id, recording_ids)
        placed = tx.holds.get(actor.tenant_id, hold.id)
        assert placed is not None
        detail = f"case={placed.case_name} recordings={placed.recordings}"
        tx.audit.append(actor, AuditAction.HOLD_PLACED, hold.id, detail, at)
    return placed


def release_legal_hold(archive: Archive, actor: Actor, hold_id: str, reason: str = "") -> LegalHold:
    """End a hold: what no other hold is over may go again. Repeating it changes nothing.

    Raises `HoldNotFound`, `RequestInvalid` (field `reason`), `AccessDenied`.
    """
    require(actor, Permission.HOLD_RELEASE, actor.tenant_id)
    check_text("reason", reason, may_be_empty=True)
    with archive.store.transaction() as tx:
        hold = tx.holds.get_locked(actor.tenant_id, hold_id) if is_id(hold_id) else None
        if hold is None:
            raise HoldNotFound
        if hold.released_at is None:
            at = archive.now()
            freed = tx.holds.release(hold, at, actor.name, reason.strip())
            detail = f"case={hold.case_name} freed={freed}"
            tx.audit.append(actor, AuditAction.HOLD_RELEASED, hold_id, detail, at)
        released = tx.holds.get(actor.tenant_id, hold_id)
        assert released is not None
    return released


def legal_holds(
    archive: Archive, actor: Actor, *, with_released: bool = False, limit: int = LIST_MAX
) -> tuple[LegalHold, ...]:
    """The tenant's holds, the newest first. Raises `RequestInvalid` (field `limit`), `AccessDenied`."""
    require(actor, Permission.STORAGE_SEE, actor.tenant_id)
    if not 1 <= limit <= LIST_MAX:
        raise RequestInvalid("limit", f"The limit must be between 1 and {LIST_MAX}.")
    with archive.store.reading() as tx:
        return tx.holds.all(actor.tenant_id, with_released=with_released, limit=limit)


def count_held(archive: Archive, actor: Actor, filter: HoldFilter) -> int:
    """How many recordings a filter finds now, before a hold is placed. Raises `RequestInvalid`."""
    require(actor, Permission.HOLD_PLACE, actor.tenant_id)
    _check_filter(filter)
    with archive.store.reading() as tx:
        return tx.holds.count_found(actor.tenant_id, filter)


def _refuse_strangers(
    tx: Transaction, tenant_id: str, call_ids: Sequence[str], recording_ids: Sequence[str]
) -> None:
    for id_ in call_ids:
        if not is_id(id_) or tx.calls.get(tenant_id, id_) is None:
            raise CallNotFound(f"There is no call {id_[:40]}.")
    for id_ in recording_ids:
        if not is_id(id_) or tx.recordings.get(tenant_id, id_) is None:
            raise RecordingNotFound(f"There is no recording {id_[:40]}.")


def _refuse_gone(tx: Transaction, tenant_id: str, recording_ids: Sequence[str]) -> None:
    for id_ in recording_ids:
        known = tx.recordings.get(tenant_id, id_)
        if known is None or known.state is RecordingState.DELETED:
            raise RecordingNotFound(f"The audio of {id_} is gone already.")


def _check(
    case_name: str,
    reason: str,
    call_ids: Sequence[str],
    recording_ids: Sequence[str],
    filter: HoldFilter | None,
) -> None:
    check_text("case_name", case_name)
    check_text("reason", reason)
    if not call_ids and not recording_ids and filter is None:
        raise RequestInvalid("filter", "A hold needs calls, recordings or a filter.", "body")
    for field, ids in (("call_ids", call_ids), ("recording_ids", recording_ids)):
        if len(ids) > HELD_TOGETHER_MAX:
            raise RequestInvalid(field, f"At most {HELD_TOGETHER_MAX} can be named at once.", "body")
    if filter is not None:
        _check_filter(filter)


def _check_filter(filter: HoldFilter) -> None:
    if filter.is_empty:
        raise RequestInvalid("filter", "A filter needs a number or a period.", "body")
    if len(filter.number) > _TEXT_MAX:
        raise RequestInvalid("filter.number", f"A number has at most {_TEXT_MAX} characters.", "body")
    for field, instant in (("since", filter.since), ("until", filter.until)):
        if instant is not None and instant.utcoffset() is None:
            raise RequestInvalid(f"filter.{field}", "The time needs its offset from UTC.", "body")
    if filter.since is not None and filter.until is not None and filter.since >= filter.until:
        raise RequestInvalid("filter.until", "The end lies after the beginning.", "body")


def check_text(field: str, text: str, *, may_be_empty: bool = False) -> None:
    """Raise `RequestInvalid` unless it is a text that people can read in one line."""
    text = text.strip()
    if (not text and not may_be_empty) or len(text) > _TEXT_MAX or not all(c.isprintable() for c in text):
        raise RequestInvalid(field, f"A text of 1 to {_TEXT_MAX} printable characters is needed.", "body")
