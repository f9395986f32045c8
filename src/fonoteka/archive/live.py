"""What people do to live calls: pause, resume, keep. The recorder acts; here it is allowed and audited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fonoteka.archive.archive import Archive
from fonoteka.archive.visibility import masked
from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import RecordingNotFound, RequestInvalid
from fonoteka.domain.ports import LiveCall, LiveControl

REASON_MAX = 200
RESUME_AFTER_S_MAX = 24 * 3600


def live_calls(live: LiveControl, actor: Actor) -> tuple[LiveCall, ...]:
    """The calls in progress that the actor may see, oldest first. Raises `RecorderUnreachable`."""
    seen = (_as_seen(actor, one) for one in live.calls() if _sees(actor, one))
    return tuple(sorted(seen, key=lambda one: (one.started_at, one.recording_id)))


def _sees(actor: Actor, one: LiveCall, permission: Permission = Permission.CALL_SEE) -> bool:
    return may(actor, permission, one.tenant_id, (who.number for who in one.participants))


def _as_seen(actor: Actor, one: LiveCall) -> LiveCall:
    if _sees(actor, one, Permission.NUMBER_SEE):
        return one
    return replace(one, participants=tuple(masked(who) for who in one.participants))


def pause_call(
    archive: Archive,
    live: LiveControl,
    actor: Actor,
    recording_id: str,
    reason: str = "",
    resume_after_s: int | None = None,
) -> None:
    """Stop writing a call until it is resumed, or by itself after so many seconds.

    Raises `RequestInvalid` (fields `reason`, `resume_after_s`), `RecordingNotFound`, `AccessDenied`,
    `RecorderUnreachable`.
    """
    if len(reason) > REASON_MAX or not all(one.isprintable() for one in reason):
        raise RequestInvalid("reason", f"A reason has at most {REASON_MAX} printable characters.")
    if resume_after_s is not None and not 1 <= resume_after_s <= RESUME_AFTER_S_MAX:
        raise RequestInvalid("resume_after_s", f"A pause lasts 1 to {RESUME_AFTER_S_MAX} seconds.")
    detail = "" if resume_after_s is None else f"resume_after_s={resume_after_s}"
    _act(
        archive,
        live,
        actor,
        recording_id,
        AuditAction.RECORDING_PAUSED,
        lambda: live.pause(recording_id, reason.strip(), resume_after_s),
        detail,
    )


def resume_call(archive: Archive, live: LiveControl, actor: Actor, recording_id: str) -> None:
    """Go on writing a call. Raises `RecordingNotFound`, `AccessDenied`, `RecorderUnreachable`."""
    _act(
        archive,
        live,
        actor,
        recording_id,
        AuditAction.RECORDING_RESUMED,
        lambda: live.resume(recording_id),
    )


def keep_call(archive: Archive, live: LiveControl, actor: Actor, recording_id: str) -> None:
    """Keep an on-demand call. Raises `RecordingNotFound`, `AccessDenied`, `RecorderUnreachable`."""
    _act(archive, live, actor, recording_id, AuditAction.RECORDING_KEPT, lambda: live.keep(recording_id))


def _act(
    archive: Archive,
    live: LiveControl,
    actor: Actor,
    recording_id: str,
    action: AuditAction,
    act: Callable[[], None],
    detail: str = "",
) -> None:
    """Audited before it is done: what happened to audio must never lack its entry."""
    known = next((one for one in live_calls(live, actor) if one.recording_id == recording_id), None)
    if known is None:
        raise RecordingNotFound
    require(actor, Permission.RECORDING_PAUSE, known.tenant_id)
    with archive.store.transaction() as tx:
        tx.audit.append(actor, action, recording_id, detail, archive.now())
    act()
