"""Words of the e-mails that strangers get."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Words:
    """One language."""

    product: str
    subject: str
    intro: str
    attached: str
    open: str
    until: str
    password: str
    length: str
    why: str
    why_alone: str
    months: tuple[str, ...]


WORDS = {
    "ru": Words(
        product="Фонотека",
        subject="Вам прислали %s",
        intro="Вам отправили %(calls)s. Отправитель: %(who)s.",
        attached="Записи во вложении.",
        open="Послушать",
        until="Ссылка работает до %s.",
        password="Понадобится пароль: спросите его у отправителя.",  # noqa: S106 - words, not a password
        length="%d мин %02d с",
        why="Письмо отправлено из фонотеки компании «%s». В записи могут быть персональные данные: не"
        " пересылайте её без надобности.",
        why_alone="В записи могут быть персональные данные: не пересылайте её без надобности.",
        months=(
            *("января", "февраля", "марта", "апреля", "мая", "июня"),
            *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
        ),
    ),
    "en": Words(
        product="Fonoteka",
        subject="You were sent %s",
        intro="%(who)s sent you %(calls)s.",
        attached="The recordings are attached.",
        open="Listen",
        until="The link works until %s.",
        password="You need a password: ask the sender for it.",  # noqa: S106 - words, not a password
        length="%d min %02d s",
        why="Sent from the call library of “%s”. A recording may hold personal data: do not pass it on"
        " without need.",
        why_alone="A recording may hold personal data: do not pass it on without need.",
        months=(
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ),
    ),
}


def calls_text(language: str, count: int) -> str:
    """How many recordings, as the object of a sentence."""
    if language == "en":
        return "a call recording" if count == 1 else f"{count} call recordings"
    if count == 1:
        return "запись звонка"
    few = count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14)
    one = count % 10 == 1 and count % 100 != 11
    return f"{count} {'запись' if one else 'записи' if few else 'записей'} звонков"


def day_text(language: str, at: datetime) -> str:
    """A day such as “24 апреля 2026”."""
    return f"{at.day} {WORDS[language].months[at.month - 1]} {at.year}"
