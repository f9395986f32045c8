"""The e-mail of a share, written when it is sent: until then nobody has the link, not even the database."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from fonoteka.accounts import make_secret, sha256_of
from fonoteka.archive import AudioFormat, AudioPurpose, get_call, open_audio
from fonoteka.domain.access import Actor
from fonoteka.domain.call import Call
from fonoteka.domain.delivery import Attachment, Delivery, Letter, Message, Transport
from fonoteka.domain.errors import CallNotFound, LinkRevoked, RecordingNotFound
from fonoteka.domain.people import Tenant
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.sharing import Share, ShareKind
from fonoteka.sharing.author import visitor_of
from fonoteka.sharing.room import SharingRoom
from fonoteka.sharing.words import WORDS, Words, calls_text, day_text

SHARE_KIND = "share"

_TEMPLATES = Environment(
    loader=PackageLoader("fonoteka.sharing"),
    autoescape=select_autoescape(("html",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def announced(share: Share) -> Message:
    """What the outbox shows of it; `letter_of` writes the rest when it is sent."""
    words = WORDS[share.language]
    subject = words.subject % calls_text(share.language, len(share.call_ids))
    return Message(Transport.EMAIL, share.recipient, subject, "")


def letter_of(room: SharingRoom, delivery: Delivery) -> Letter:
    """Text and attachments of a share's e-mail for one attempt to send it; a link gets a secret of its own.

    Raises `LinkOver` where it must not be sent any more, `RecordingNotFound` where nothing is left to send,
    and as `open_audio`.
    """
    at = room.now()
    with room.store.transaction() as tx:
        share = tx.shares.get(delivery.tenant_id, delivery.channel_id)
        if share is None:
            raise LinkRevoked
        visitor = visitor_of(tx, share, at, "", is_inside=True)
        tenant = tx.tenants.get(share.tenant_id) or Tenant(share.tenant_id, share.tenant_id)
        secret = make_secret() if share.kind is ShareKind.LINK else ""
        if secret:
            tx.shares.add_secret(share, sha256_of(secret))
    calls = shared_calls(room, visitor, share)
    if not calls:
        raise RecordingNotFound
    attachments = () if secret else _attachments(room, visitor, calls)
    link = room.link(secret) if secret else ""
    return Letter(*_texts(share, tenant, calls, link), attachments)


def shared_calls(room: SharingRoom, visitor: Actor, share: Share) -> tuple[Call, ...]:
    """The calls of a share that its author still reaches, as the visitor sees them."""
    found = []
    for call_id in share.call_ids:
        try:
            found.append(get_call(room.archive, visitor, call_id))
        except CallNotFound:
            continue
    return tuple(found)


def _attachments(room: SharingRoom, visitor: Actor, calls: tuple[Call, ...]) -> tuple[Attachment, ...]:
    found = []
    for call in calls:
        for one in call.recordings:
            if one.state is RecordingState.READY:
                audio = open_audio(
                    room.archive, visitor, one.id, AudioFormat.MP3, AudioPurpose.DOWNLOAD, mixed=True
                )
                found.append(Attachment(audio.file_name, audio.media_type, b"".join(audio.read(0, None))))
    if not found:
        raise RecordingNotFound
    return tuple(found)


def _texts(share: Share, tenant: Tenant, calls: tuple[Call, ...], link: str) -> tuple[str, str]:
    words = WORDS[share.language]
    zone = ZoneInfo(tenant.time_zone)
    values = {
        "language": share.language,
        "words": words,
        "intro": words.intro % {"who": share.author_name, "calls": calls_text(share.language, len(calls))},
        "note": share.note,
        "calls": [_line(words, share.language, one, zone) for one in calls],
        "link": link,
        "until": words.until % day_text(share.language, share.expires_at.astimezone(zone)) if link else "",
        "password": words.password if link and share.password_hash else "",
        "why": words.why % tenant.name if tenant.name != tenant.id else words.why_alone,
    }
    return (
        _TEMPLATES.get_template("share.txt").render(values),
        _TEMPLATES.get_template("share.html").render(values),
    )


def _line(words: Words, language: str, call: Call, zone: ZoneInfo) -> str:
    at: datetime = call.started_at.astimezone(zone)
    length = max((one.duration_ms for one in call.recordings), default=call.duration_ms) // 1000
    offset = f"{at:%z}"
    told = f"{day_text(language, at)}, {at:%H:%M}"
    if at.utcoffset() != datetime.now(UTC).astimezone(zone).utcoffset():
        told += f" (UTC{offset[:3]}:{offset[3:]})"
    return f"{told}, {words.length % (length // 60, length % 60)}"
