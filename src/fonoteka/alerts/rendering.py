"""News as messages: a mail in text and HTML, the JSON body of a webhook."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from fonoteka.alerts.words import Said, language_of, say, wording
from fonoteka.domain.alerts import Alert, Channel, News, NewsKind, Severity
from fonoteka.domain.delivery import Message, Transport

TEST_EVENT = "test"
_SUBJECT_MAX = 150


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("fonoteka.alerts"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


_TEMPLATES = _environment()


@dataclass(frozen=True, slots=True)
class MailContext:
    """What a mail is written for: to whom, of which company (may be empty), in which zone, pointing where."""

    channel: Channel
    company: str
    zone: tzinfo
    public_url: str


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    said: Said
    period: str
    is_over: bool
    is_critical: bool


def mail_of(news: Sequence[News], context: MailContext) -> Message:
    """A mail about these news; several make a digest."""
    language = language_of(context.channel.language)
    words = wording(language)
    parts = [_part(one, language, context.zone) for one in news]
    if len(parts) == 1:
        subject = parts[0].said.title
        if news[0].kind is not NewsKind.RAISED:
            subject = f"{parts[0].kind}: {subject}"
        return _mail(subject, "", parts, context)
    return _mail(words.phrases["digest"] % len(parts), words.phrases["digest_text"], parts, context)


def test_mail(context: MailContext) -> Message:
    """The mail of the test button."""
    phrases = wording(context.channel.language).phrases
    return _mail(phrases["test_subject"], phrases["test_text"], [], context)


def _part(news: News, language: str, zone: tzinfo) -> _Part:
    said = say(news.alert, language, zone)
    words = wording(language)
    over = news.kind is NewsKind.CLEARED
    period = words.phrases["since"] % said.since
    if over and said.until:
        period = words.phrases["was"] % (said.since, said.until)
    return _Part(words.kinds[news.kind], said, period, over, news.alert.severity is Severity.CRITICAL)


def _mail(subject: str, intro: str, parts: Sequence[_Part], context: MailContext) -> Message:
    language = language_of(context.channel.language)
    phrases = wording(language).phrases
    company = one_line(context.company, 100)
    values = {
        "language": language,
        "subject": subject,
        "intro": intro,
        "parts": parts,
        "product": phrases["product"],
        "link": f"{context.public_url.rstrip('/')}/alerts" if context.public_url else "",
        "link_text": phrases["open"],
        "why": phrases["why"] % company if company else phrases["why_alone"],
    }
    return Message(
        Transport.EMAIL,
        context.channel.address,
        one_line(f"{phrases['product']}: {subject}", _SUBJECT_MAX),
        _TEMPLATES.get_template("mail.txt").render(values),
        _TEMPLATES.get_template("mail.html").render(values),
    )


def webhook_of(news: News, delivery_id: str, target: str) -> Message:
    """What a webhook is sent about one of the news."""
    event = f"alert.{news.kind}"
    body = {"id": delivery_id, "event": event, "at": _instant(news.at), "alert": alert_json(news.alert)}
    return Message(Transport.WEBHOOK, target, event, _json(body))


def test_webhook(delivery_id: str, tenant_id: str, at: datetime, target: str) -> Message:
    """What the test button sends to a webhook."""
    body = {"id": delivery_id, "event": TEST_EVENT, "at": _instant(at), "tenant_id": tenant_id}
    return Message(Transport.WEBHOOK, target, TEST_EVENT, _json(body))


def alert_json(alert: Alert) -> dict[str, object]:
    """An alert as programs read it."""
    said = say(alert, "en", UTC)
    return {
        "id": alert.id,
        "tenant_id": alert.tenant_id,
        "condition": alert.condition.value,
        "key": alert.key,
        "severity": alert.severity.value,
        "level": alert.level,
        "facts": dict(alert.facts),
        "title": said.title,
        "text": said.text,
        "raised_at": _instant(alert.raised_at),
        "cleared_at": None if alert.cleared_at is None else _instant(alert.cleared_at),
    }


def one_line(text: str, characters_max: int) -> str:
    """The text without line breaks and control characters, and no longer than that."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= characters_max else f"{line[: characters_max - 1]}…"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _json(body: Mapping[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
