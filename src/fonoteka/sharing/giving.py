"""Sharing calls: a link to hand on, or an e-mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fonoteka.accounts import (
    PASSWORD_CHARACTERS_MAX,
    PASSWORD_CHARACTERS_MIN,
    hash_password,
    make_secret,
    sha256_of,
)
from fonoteka.archive import get_call
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.addresses import clean_email
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call
from fonoteka.domain.delivery import Delivery
from fonoteka.domain.errors import (
    MailUnavailable,
    RecipientForbidden,
    RecordingNotFound,
    RequestInvalid,
    ShareLimit,
)
from fonoteka.domain.ids import new_id
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.domain.sharing import CALLS_MAX, OPENS_MAX, TEXT_MAX, Share, ShareKind, SharingTerms
from fonoteka.sharing.letters import SHARE_KIND, announced
from fonoteka.sharing.room import SharingRoom

PER_HOUR_MAX = 100
_KEPT_AFTER_EXPIRY = timedelta(days=400)
_PRUNED_AT_ONCE = 1_000
_MP3_BYTES_PER_S = 3_000
_WIDE_HZ = 16_000
LANGUAGES = ("ru", "en")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shared and how. With a `recipient` (an e-mail address) it is sent, else a link is made.

    With `attach` small calls are sent as files; a password, a limit of openings or `attach` off make it a
    link in any case. A link is good for `days`.
    """

    call_ids: tuple[str, ...]
    recipient: str = ""
    reason: str = ""
    note: str = ""
    language: str = "ru"
    days: int = 7
    password: str = ""
    opens_max: int | None = None
    may_download: bool = False
    attach: bool = True


def share_calls(room: SharingRoom, actor: Actor, wanted: Wanted) -> tuple[Share, str]:
    """The share, and the address of its link (empty where it goes by e-mail: nobody else shall know it).

    The address is told this once. Raises `AccessDenied`, `CallNotFound`, `RecordingNotFound` (a call that has
    nothing to hear), `RequestInvalid` naming the field, `AddressInvalid`, `RecipientForbidden`,
    `MailUnavailable`, `ShareLimit`.
    """
    for permission in (Permission.RECORDING_SHARE, Permission.RECORDING_LISTEN):
        require(actor, permission, actor.tenant_id)
    if wanted.may_download:
        require(actor, Permission.RECORDING_DOWNLOAD, actor.tenant_id)
    with room.store.reading() as tx:
        terms = tx.shares.terms(actor.tenant_id)
    recipient = _checked_recipient(room, terms, wanted)
    _check_texts(terms, wanted, recipient)
    calls = _calls_of(room, actor, wanted.call_ids)
    heard = [one for call in calls for one in hearable(call)]
    share = _share(room, actor, wanted, recipient, heard)
    secret = "" if recipient else make_secret()
    _store(room, actor, share, secret, heard)
    return share, room.link(secret) if secret else ""


def hearable(call: Call) -> list[Recording]:
    """The recordings of a call that can be given to somebody."""
    return [one for one in call.recordings if one.state is RecordingState.READY]


def _calls_of(room: SharingRoom, actor: Actor, call_ids: tuple[str, ...]) -> list[Call]:
    ids = tuple(dict.fromkeys(call_ids))
    if not 1 <= len(ids) <= CALLS_MAX:
        raise RequestInvalid("call_ids", f"Between 1 and {CALLS_MAX} calls can be shared at once.", "body")
    # A call that one sees is one of those to which the permissions reach.
    calls = [get_call(room.archive, actor, one) for one in ids]
    if not all(map(hearable, calls)):
        raise RecordingNotFound("One of the calls has no recording that can be heard.")
    return calls


def _checked_recipient(room: SharingRoom, terms: SharingTerms, wanted: Wanted) -> str:
    if not wanted.recipient.strip():
        return ""
    recipient = clean_email(wanted.recipient, "recipient")
    if not terms.allows(recipient):
        domain = recipient.rpartition("@")[2]
        raise RecipientForbidden(f"Calls may not be sent to {domain}.", field="recipient", domain=domain)
    if not room.has_mail:
        raise MailUnavailable
    return recipient


def _check_texts(terms: SharingTerms, wanted: Wanted, recipient: str) -> None:
    if terms.is_outside(recipient) and not wanted.reason.strip():
        raise RequestInvalid("reason", "A reason is needed to give a call to somebody outside.", "body")
    for field, text in (("reason", wanted.reason), ("note", wanted.note)):
        plain = all(one.isprintable() or one == "\n" for one in text.replace("\r\n", "\n"))
        if len(text) > TEXT_MAX or not plain or (field == "reason" and "\n" in text):
            raise RequestInvalid(field, f"A text of up to {TEXT_MAX} printable characters.", "body")
    if wanted.language not in LANGUAGES:
        raise RequestInvalid("language", "The language is ru or en.", "body")
    if not 1 <= wanted.days <= terms.days_max:
        raise RequestInvalid("days", f"A link is good for 1 to {terms.days_max} days.", "body")
    if wanted.opens_max is not None and not 1 <= wanted.opens_max <= OPENS_MAX:
        raise RequestInvalid("opens_max", f"A link can be opened 1 to {OPENS_MAX} times.", "body")
    if wanted.password and not PASSWORD_CHARACTERS_MIN <= len(wanted.password) <= PASSWORD_CHARACTERS_MAX:
        least = PASSWORD_CHARACTERS_MIN
        raise RequestInvalid("password", f"A password has at least {least} characters.", "body")


def _share(room: SharingRoom, actor: Actor, wanted: Wanted, recipient: str, heard: list[Recording]) -> Share:
    at = room.now()
    attaches = (
        recipient != ""
        and wanted.attach
        and not wanted.password
        and wanted.opens_max is None
        and sum(map(_mp3_bytes, heard)) <= room.attachment_bytes_max
        and Permission.RECORDING_DOWNLOAD in actor.granted
    )
    return Share(
        id=new_id(),
        tenant_id=actor.tenant_id,
        kind=ShareKind.ATTACHMENT if attaches else ShareKind.LINK,
        call_ids=tuple(dict.fromkeys(wanted.call_ids)),
        author_kind=actor.kind.value,
        author_id=actor.id,
        author_name=actor.name,
        recipient=recipient,
        reason=wanted.reason.strip(),
        note=wanted.note.replace("\r\n", "\n").strip(),
        language=wanted.language,
        created_at=at,
        expires_at=at + timedelta(days=wanted.days),
        may_download=wanted.may_download or attaches,
        password_hash=hash_password(wanted.password) if wanted.password else None,
        opens_max=wanted.opens_max,
    )


def _mp3_bytes(recording: Recording) -> int:
    """What a recording takes as MP3 with all parties in one channel."""
    wide = any(one.sample_rate_hz >= _WIDE_HZ for one in recording.tracks)
    return recording.duration_ms * _MP3_BYTES_PER_S * (2 if wide else 1) // 1000


def _store(room: SharingRoom, actor: Actor, share: Share, secret: str, heard: list[Recording]) -> None:
    at = share.created_at
    to = share.recipient or "whoever has the link"
    told = f"{share.kind} to {to} until {share.expires_at:%Y-%m-%d} share={share.id}"
    detail = f"{told}: {share.reason}" if share.reason else told
    with room.store.transaction() as tx:
        if tx.shares.count_since(actor.id, at - timedelta(hours=1)) >= PER_HOUR_MAX:
            raise ShareLimit
        tx.shares.prune(at - _KEPT_AFTER_EXPIRY, _PRUNED_AT_ONCE)
        tx.shares.add(share)
        if secret:
            tx.shares.add_secret(share, sha256_of(secret))
        else:
            message = announced(share)
            tx.deliveries.add(Delivery(new_id(), share.tenant_id, share.id, SHARE_KIND, message, at, at))
        for one in heard:
            tx.audit.append(actor, AuditAction.RECORDING_SHARED, one.id, detail, at)
