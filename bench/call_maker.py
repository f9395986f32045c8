"""Calls of one company as years of work would have left them, as rows of the real tables."""

from __future__ import annotations

import hashlib
import json
import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.bulk import Bulk
from bench.words_maker import WordsMaker
from fonoteka.domain.ids import new_id
from fonoteka.domain.profiles import PROFILES
from fonoteka.domain.recording import STRIP_COLUMNS
from fonoteka.store import tables
from fonoteka.store.columns import to_microseconds
from fonoteka.store.matching import name_key, number_key
from fonoteka.store.speakers import suffix_rows

FIRST = ("Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор", "Ирина", "Лев", "Мария", "Ольга", "Пётр", "Роман")
LAST = ("Белов", "Волков", "Громов", "Дёмин", "Ершов", "Жуков", "Зимин", "Котов", "Лосев", "Миронов", "Орлов")
WEEKDAYS = (1.0, 1.05, 1.0, 0.95, 0.85, 0.25, 0.12)
HOURS = (1, 1, 0, 0, 0, 1, 3, 10, 40, 75, 95, 100, 90, 70, 85, 95, 90, 75, 50, 30, 18, 10, 5, 2)
OUTCOMES = {
    "recorded": 880,
    "skipped": 55,
    "missed": 50,
    "not_kept": 6,
    "failed": 3,
    "missing": 2,
    "refused": 1,
}
PROFILE_SHARES = {"standard": 70, "compact": 26, "lossless": 1, "wide": 3}
DIRECTIONS = {"incoming": 50, "outgoing": 35, "internal": 12, "unknown": 3}


@dataclass(frozen=True, slots=True)
class Company:
    """A tenant of the archive and its share of the calls."""

    id: str
    name: str
    calls_share: float
    extensions: int
    groups: tuple[str, ...]

    @property
    def people(self) -> list[tuple[str, str]]:
        """Number and name of each extension."""
        return [
            (str(200 + n), f"{LAST[n % len(LAST)]}{'а' if n % 2 else ''} {FIRST[n % len(FIRST)]}")
            for n in range(self.extensions)
        ]


@dataclass(frozen=True, slots=True)
class _Speaker:
    id: int
    number: str
    name: str
    key: tuple[str, str]


class CallMaker:
    """Makes a company's calls day by day; about a third as many outside numbers as calls, some frequent."""

    def __init__(
        self,
        company: Company,
        seed: int,
        calls: int,
        until: datetime,
        days: int,
        words: WordsMaker | None = None,
    ) -> None:
        self._company = company
        self._words = words
        self._chance = random.Random(seed)
        self._since = until.replace(hour=0, minute=0, second=0) - timedelta(days=days - 1)
        self._until = until
        weights = [self._weight(day, days) for day in range(days)]
        edges = [round(calls * sum(weights[:day]) / sum(weights)) for day in range(days + 1)]
        self._counts = [edges[day + 1] - edges[day] for day in range(days)]
        first_id = 1 + seed * 10_000_000
        self._agents = [self._speaker(first_id + n, *one) for n, one in enumerate(company.people)]
        first_id += len(self._agents)
        self._main = self._speaker(first_id, "+74951002030", company.name)
        self._outside = [self._stranger(first_id + 1 + n) for n in range(max(50, calls * 3 // 10))]
        self._strips = [self._strip() for _ in range(200)]

    def write_speakers(self, bulk: Bulk) -> None:
        """Who calls and is called, for searches."""
        whole = [*self._agents, self._main, *self._outside]
        for one in whole:
            digits, name = one.key
            bulk.add(
                tables.speakers,
                id=one.id,
                tenant_id=self._company.id,
                number_digits=digits,
                name_folded=name,
            )
        for row in suffix_rows(self._company.id, {one.key: one.id for one in whole}):
            bulk.add(tables.speaker_suffixes, **row)
        bulk.flush()
        if self._words is not None:
            self._words.write_vocabulary(bulk)

    def write_day(self, bulk: Bulk, day: int) -> None:
        """The calls of a day, in the order in which they began."""
        start = self._since + timedelta(days=day)
        hours = self._chance.choices(range(24), HOURS, k=self._counts[day])
        for second in sorted(3600 * hour + 3600 * self._chance.random() for hour in hours):
            at = start + timedelta(seconds=second)
            if at >= self._until:
                at = self._until - timedelta(seconds=self._chance.uniform(1, 3600))
            self._write_call(bulk, at)

    def _write_call(self, bulk: Bulk, at: datetime) -> None:
        chance, tenant_id = self._chance, self._company.id
        started_at, call_id = to_microseconds(at), new_id(int(at.timestamp() * 1000))
        outcome = chance.choices(list(OUTCOMES), OUTCOMES.values())[0]
        direction = chance.choices(list(DIRECTIONS), DIRECTIONS.values())[0]
        duration_ms = 0 if outcome == "missed" else int(1000 * min(7200, chance.lognormvariate(4.6, 1.0)))
        is_unheard = outcome == "recorded" and chance.random() < 0.02
        bulk.add(
            tables.calls,
            id=call_id,
            tenant_id=tenant_id,
            source="siprec",
            direction=direction,
            started_at=started_at,
            duration_ms=duration_ms,
            created_at=started_at + 1_000_000,
            outcome=outcome,
            decision=self._decision(outcome),
            forwarded_outside=chance.random() < 0.01,
            external_id=call_id if chance.random() < 0.3 else "",
            is_unheard=is_unheard,
            is_listed=outcome in ("recorded", "failed") and not is_unheard,
        )
        people = self._people(direction)
        self._write_people(bulk, call_id, started_at, people)
        if self._words is not None:
            self._words.write_call(bulk, call_id, started_at)
        if outcome in ("recorded", "failed"):
            self._write_recording(bulk, call_id, started_at, duration_ms, outcome == "failed", is_unheard)

    def _write_people(self, bulk: Bulk, call_id: str, started_at: int, people: list[_Speaker]) -> None:
        for position, one in enumerate(people):
            digits, name = one.key
            bulk.add(
                tables.participants,
                call_id=call_id,
                position=position,
                tenant_id=self._company.id,
                participant_id=f"p{position}",
                party=("calling", "called", "connected")[position],
                number=one.number,
                name=one.name,
                aor=f"sip:{one.number}@pbx.example",
                number_digits=digits,
                name_folded=name,
            )
        for speaker_id in {one.id for one in people}:
            bulk.add(
                tables.call_speakers,
                tenant_id=self._company.id,
                speaker_id=speaker_id,
                started_at=started_at,
                call_id=call_id,
            )

    def _write_recording(
        self, bulk: Bulk, call_id: str, started_at: int, duration_ms: int, failed: bool, silent: bool
    ) -> None:
        chance, tenant_id = self._chance, self._company.id
        recording_id = new_id(started_at // 1000)
        profile = PROFILES[chance.choices(list(PROFILE_SHARES), PROFILE_SHARES.values())[0]]
        size = int(profile.bytes_per_minute * duration_ms / 60_000 * chance.uniform(0.7, 1.25)) + 2_000
        digest = hashlib.sha256(recording_id.encode()).hexdigest()
        is_ready = not failed and not silent
        key = f"{tenant_id}/{recording_id}/{digest[:16]}" if is_ready else None
        is_kept = is_ready and chance.random() < 0.3
        kept_until = started_at + 5 * 365 * 86_400_000_000 if is_kept else None
        bulk.add(
            tables.recordings,
            id=recording_id,
            call_id=call_id,
            tenant_id=tenant_id,
            state="failed" if failed else "silent" if silent else "ready",
            end_reason="bye",
            started_at=started_at,
            duration_ms=duration_ms,
            codec=profile.codec,
            profile=profile.name,
            size_bytes=size if is_ready else 0,
            sha256=digest if is_ready else "",
            object_key=key and f"{key}-audio",
            peaks_key=key and f"{key}-peaks",
            strip=chance.choice(self._strips) if is_ready else "",
            error_code="audio.unreadable" if failed else None,
            stored_bytes=size + 1_200 if is_ready else 0,
            standing="" if not is_ready else "protected" if is_kept else "free",
            protected_until=kept_until,
            protected_by="tenant:1825:" if is_kept else "",
            due_at=kept_until,
        )
        if self._words is not None and is_ready:
            self._words.write_recording(bulk, recording_id, call_id, started_at)
        for position, party in enumerate(("calling", "called")):
            bulk.add(
                tables.tracks,
                recording_id=recording_id,
                position=position,
                tenant_id=tenant_id,
                party=party,
                participant_id=f"p{position}",
                label=str(position + 1),
                codec="G722" if profile.is_wideband else "PCMA",
                sample_rate_hz=16_000 if profile.is_wideband else 8_000,
                packets=duration_ms // 20,
                lost_packets=chance.randrange(3),
                gap_ms=0,
            )

    def _people(self, direction: str) -> list[_Speaker]:
        chance = self._chance
        agent = chance.choice(self._agents)
        # Some clients call every week and most call once.
        other = self._outside[int(len(self._outside) * chance.random() ** 3)]
        match direction:
            case "incoming":
                called = self._main if chance.random() < 0.4 else agent
                return [other, called, agent] if called is self._main else [other, called]
            case "internal":
                return [agent, chance.choice(self._agents)]
            case _:
                return [agent, other]

    def _decision(self, outcome: str) -> str | None:
        if outcome in ("missing", "missed"):
            return None
        position = self._chance.randrange(1, 6)
        return json.dumps(
            {
                "outcome": "skip" if outcome == "skipped" else "record",
                "rule_id": f"rule-{position}",
                "rule_name": f"Правило {position}",
                "rule_position": position,
                "rule_version": 3,
                "profile": "standard",
                "keep_days": None,
                "keep_within_s": 0,
            }
        )

    def _weight(self, day: int, days: int) -> float:
        """Growing from half to whole, fewer calls at weekends, a calm week in January, some noise."""
        date = self._since + timedelta(days=day)
        calm = 0.3 if date.month == 1 and date.day < 9 else 1.0
        noise = math.exp(self._chance.gauss(0, 0.12))
        return (0.5 + 0.5 * day / days) * WEEKDAYS[date.weekday()] * calm * noise

    def _strip(self) -> str:
        return ".".join(
            "".join(self._chance.choice("0004789ab") for _ in range(STRIP_COLUMNS)) for _ in range(2)
        )

    def _stranger(self, id_: int) -> _Speaker:
        chance = self._chance
        code = chance.choice(("495", "499", "903", "916", "926", "985", "812", "343"))
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}" if chance.random() < 0.15 else ""
        # Numbers that end the same for each company, none of them twice.
        return self._speaker(id_, f"+7{code}{(id_ * 7919) % 9_000_000 + 1_000_000}", name)

    @staticmethod
    def _speaker(id_: int, number: str, name: str) -> _Speaker:
        return _Speaker(id_, number, name, (number_key(number), name_key(name, number)))
