"""Calls of the last weeks for a demo: the same few dialogues, had by many people at likely times.

Same count, same calls: only the days move with the day on which they are asked for.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from fonoteka.caller.dialogues import DIALOGUES, Dialogue, dialogue_audio
from fonoteka.caller.source import CallAudio
from fonoteka.domain.direction import Direction

WEEKS = 8
_BY_HOUR = {8: 2, 9: 7, 10: 10, 11: 11, 12: 7, 13: 5, 14: 8, 15: 10, 16: 9, 17: 7, 18: 4, 19: 2, 20: 1}
"""How busy the hours of a working day are."""
_WEEKEND_SHARE = 0.08
_MISSED_SHARE = 0.1
_REGULARS = 60
_AGAIN_SHARE = 0.6
"""So many outside callers are one of the regulars."""


class Agent(NamedTuple):
    """One of ours."""

    number: str
    name: str


TEAMS: dict[str, tuple[Agent, ...]] = {
    "Продажи": (
        Agent("101", "Борис Ильин"),
        Agent("106", "Анна Громова"),
        Agent("109", "Олег Савин"),
        Agent("110", "Мария Белова"),
    ),
    "Поддержка": (
        Agent("107", "Михаил Орешин"),
        Agent("102", "Елена Котова"),
        Agent("111", "Тимур Азизов"),
    ),
    "Склад": (Agent("105", "Анна Лукина"), Agent("112", "Виктор Юдин")),
    "Офис": (Agent("103", "Денис Панов"), Agent("104", "Вера Сомова"), Agent("108", "Борис Райт")),
}
"""Groups of the company that has these calls."""
_TEAM_OF_DIALOGUE = {
    "order": ("Продажи", 9),
    "sales": ("Продажи", 6),
    "wrong-number": ("Продажи", 1),
    "complaint": ("Поддержка", 4),
    "support": ("Поддержка", 7),
    "delivery": ("Склад", 4),
    "internal": ("Офис", 2),
    "english": ("Офис", 2),
}
_SURNAMES = (
    *("Абрамов", "Быков", "Волков", "Гусев", "Дроздов", "Ершов", "Жуков", "Зайцев", "Исаев", "Калинин"),
    *("Лапин", "Макаров", "Носов", "Осипов", "Панин", "Рябов", "Седов", "Титов", "Уваров", "Фомин"),
)
_FIRST_NAMES = ("Алексей", "Виктор", "Глеб", "Игорь", "Кирилл", "Леонид", "Никита", "Пётр", "Роман", "Сергей")
_CODES = ("495", "812", "343", "383", "903", "916", "921", "926", "981", "999")


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call that is over. `seed` makes its pauses, `slowness` stretches them."""

    id: str
    started_at: datetime
    direction: Direction
    calling: Agent
    called: Agent
    is_missed: bool
    dialogue: Dialogue
    seed: int
    slowness: float

    def audio(self) -> CallAudio:
        """What is said. Raises `SpeechUnavailable`."""
        return dialogue_audio(self.dialogue, seed=self.seed, slowness=self.slowness)


def past_calls(count: int, until: datetime) -> Iterator[PastCall]:
    """So many calls of the weeks before `until` (aware, in the company's time zone), the oldest first."""
    chance = random.Random(count)  # noqa: S311 - a demo, not a secret
    regulars = [_outsider(chance) for _ in range(_REGULARS)]
    midnight = until.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight - timedelta(days=n) for n in range(1, 7 * WEEKS)]
    busy = [_WEEKEND_SHARE if day.weekday() >= 5 else 1.0 for day in days]
    chosen = chance.choices(days, busy, k=count)
    hours = chance.choices(list(_BY_HOUR), list(_BY_HOUR.values()), k=count)
    times = sorted(
        day + timedelta(hours=hour, seconds=chance.randrange(3600))
        for day, hour in zip(chosen, hours, strict=True)
    )
    for number, started_at in enumerate(times):
        yield _call(chance, number, started_at, regulars)


def _call(chance: random.Random, number: int, started_at: datetime, regulars: list[Agent]) -> PastCall:
    dialogue = chance.choices(DIALOGUES, [_TEAM_OF_DIALOGUE[one.name][1] for one in DIALOGUES])[0]
    team = TEAMS[_TEAM_OF_DIALOGUE[dialogue.name][0]]
    ours = chance.choice(team)
    if dialogue.name == "internal":
        other = chance.choice([one for one in team if one != ours])
        direction, calling, called = Direction.INTERNAL, other, ours
    else:
        again = chance.random() < _AGAIN_SHARE
        # Some call far more often than others.
        other = regulars[int(len(regulars) * chance.random() ** 2)] if again else _outsider(chance)
        is_out = len(dialogue.calling) <= len(ours.number)
        direction = Direction.OUTGOING if is_out else Direction.INCOMING
        calling, called = (ours, other) if is_out else (other, ours)
    return PastCall(
        id=f"demo-{number}",
        started_at=started_at,
        direction=direction,
        calling=calling,
        called=called,
        is_missed=chance.random() < _MISSED_SHARE,
        dialogue=dialogue,
        seed=chance.randrange(2**32),
        slowness=chance.choice((0.6, 1.0, 1.0, 1.6, 2.5, 5.0)),
    )


def _outsider(chance: random.Random) -> Agent:
    number = f"+7{chance.choice(_CODES)}{chance.randrange(10**7):07}"
    is_known = chance.random() < 0.7
    return Agent(number, f"{chance.choice(_FIRST_NAMES)} {chance.choice(_SURNAMES)}" if is_known else "")
