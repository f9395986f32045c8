"""Searches answer what looking at each call would, and never look at each call."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields, replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from bench.bulk import Bulk
from bench.call_maker import CallMaker, Company
from fonoteka.domain.annotations import CallMark, CallTag, Note, Tag
from fonoteka.domain.call import Call, CallOutcome
from fonoteka.domain.direction import Direction
from fonoteka.domain.ids import new_id
from fonoteka.domain.legal_hold import LegalHold
from fonoteka.domain.people import Extension, Group, Tenant
from fonoteka.domain.query import LISTED_OUTCOMES, NOBODY, CallQuery, CallSort, CallTotals
from fonoteka.domain.recording import RecordingState, RemovalCause
from fonoteka.domain.rules import Decision, RuleOutcome
from fonoteka.domain.transcript import Transcript
from fonoteka.store import NoteKind, Order, Position, Store, Transaction
from fonoteka.store.matching import apart, name_key, number_key, tags_of, terms_of, wanted
from fonoteka.store.note_words import words_of
from fonoteka.store.speakers import SPEAKERS_MAX
from fonoteka.store.tables import metadata
from tests.examples import NOON, call, people, recording
from tests.store.test_calls import statements

NUMBERS = ("+74951234567", "84951234599", "101", "102", "+441632960000", "Reception.Desk")
NAMES = ("", "", "Алёна Щукина", "Отдел 7", "a" * 60 + "b")
TEXTS = (
    *("", "", "", "495", "4951234567", "101", "щукина", "7", "desk", "a" * 40 + "b", "a" * 40 + "c", "никто"),
    *("+7 (495) 123-45-67", "101 102", "Алёна 101", 'щукина "отдел 7"', "алена desk 495 12", "101 никто"),
    *('"', "%", "_", "- 7", "😀", "tel:+7 495 1234567", "102 101 102"),
    *("жалоба", "жалобы 101", '"просил вернуть"', "#Опт", '#опт #"два слова" 101', "#gone", "верн щукина"),
)
NOTES = ("", "", "", "Жалоба: просил вернуть деньги", "вернём 101", "жалобу снял")
SPOKEN = (
    *("", "деньга вернуть", "вернуть деньга заказ", "заказ", "деньга заказ вернуть"),
    "деньга заказ деньга 0brk0 вернуть заказ вернуть деньга",
)
PHRASES = (
    (("деньга",),),
    (("вернуть", "деньга"),),
    (("деньга",), ("заказ",)),
    (("никто",),),
    (("вернуть",), ("деньга", "заказ")),
    (("деньга", "заказ", "вернуть"),),
    (("вернуть", "деньга", "заказ"),),
)
TAGS = {"опт": "t1", "два слова": "t2"}
RULES, SOURCES = (None, "", "r1", "r2"), ("siprec", "upload")


STATES = (RecordingState.BINNED, RecordingState.SILENT, RecordingState.FAILED, RecordingState.READY)


def some_call(chance: random.Random, **given_fields: object) -> Call:
    """A call of a few days around noon."""
    numbers = [chance.choice(NUMBERS) for _ in range(2)]
    given = {
        "started_at": NOON + timedelta(hours=some_hours(chance), microseconds=chance.randrange(9)),
        "direction": chance.choice(list(Direction)),
        "outcome": chance.choice(list(CallOutcome)),
        "duration_ms": chance.randrange(100_000),
        "source": chance.choice(SOURCES),
        "decision": decision_of(chance.choice(RULES)),
        "participants": people(*numbers, calling_name=chance.choice(NAMES), called_name=chance.choice(NAMES)),
    }
    return call(**{**given, **given_fields})


def some_hours(chance: random.Random) -> int:
    """Mostly within some days, now and then months away."""
    width = chance.choice((100, 100, 100, 1_500, 9_000))
    return chance.randrange(-width, width)


def decision_of(rule_id: str | None) -> Decision | None:
    """What that rule decided: None none was asked, an empty text the default decided."""
    if rule_id is None:
        return None
    return Decision(RuleOutcome.RECORD, rule_id or None, rule_id, 1 if rule_id else None, 1, "standard", None)


def some_query(chance: random.Random) -> CallQuery:
    """A few conditions at once; of all at once hardly anything would be found."""
    whole = whole_query(chance)
    names = [one.name for one in fields(CallQuery)]
    kept = chance.sample(names, chance.choice((4, 8, 12, len(names))))
    return CallQuery(**{name: getattr(whole, name) for name in kept})


def whole_query(chance: random.Random) -> CallQuery:
    since, until = sorted(
        NOON + timedelta(hours=some_hours(chance), minutes=chance.choice((0, 17))) for _ in range(2)
    )
    return CallQuery(
        since=chance.choice((None, since)),
        until=chance.choice((None, until)),
        number=chance.choice(TEXTS),
        duration_min_ms=chance.choice((None, None, 20_000)),
        duration_max_ms=chance.choice((None, None, 60_000)),
        source=chance.choice(("", "", "", *SOURCES)),
        rule_id=chance.choice(("", "", "", NOBODY, "r1", "gone")),
        states=frozenset(chance.sample(STATES, chance.choice((0, 0, 0, 1, 2)))),
        is_held=chance.random() < 0.1,
        tag_ids=frozenset(chance.sample(("t1", "t2", "gone"), chance.choice((0, 0, 0, 0, 1, 2)))),
        mark_min=chance.choice((None, None, None, None, 2)),
        mark_max=chance.choice((None, None, None, None, 4)),
        is_unmarked=chance.random() < 0.1,
        group_ids=frozenset(chance.sample(("g1", "g2", "g3", NOBODY), chance.choice((0, 0, 0, 1, 2)))),
        direction=chance.choice((None, *Direction)),
        outcomes=frozenset(chance.sample(list(CallOutcome), chance.choice((0, 0, 1, 3, 8)))),
        include_unheard=chance.random() < 0.5,
        reach=chance.choice(
            (None, None, frozenset(), frozenset({"101", "Reception.Desk"}), frozenset({"102"}))
        ),
        whole_numbers=chance.random() < 0.2,
        said=chance.choice(((), (), *PHRASES)),
    )


@dataclass(frozen=True)
class Said:
    """What is said of a call."""

    note: str = ""
    tags: frozenset[str] = frozenset()
    mark: float | None = None
    spoken: str = ""
    """In dictionary forms."""


def is_found(query: CallQuery, one: Call, is_unheard: bool, keys: set[str], said: Said) -> bool:
    """The query as its description says, of one call; `keys` are the numbers that anybody has."""
    text, names = tags_of(query.number)
    query = replace(
        query, number=text, tag_ids=query.tag_ids | {TAGS.get(name.casefold(), "none") for name in names}
    )
    terms = [part for term in terms_of(query.number) for part in parts_of(term, query, keys)]
    spoken = [(number_key(each.number), name_key(each.name, each.number)) for each in one.participants]
    return (
        (query.since is None or one.started_at >= query.since)
        and (query.until is None or one.started_at < query.until)
        and (query.direction is None or one.direction is query.direction)
        and one.outcome in (query.outcomes or LISTED_OUTCOMES)
        and (is_unheard if query.only_unheard else query.include_unheard or not is_unheard)
        and is_of(query.extension, {each.number for each in one.participants}, {"101": "101", "102": "102"})
        and is_of_any(query.group_ids, {each.number for each in one.participants}, {"101": "g1", "102": "g3"})
        and not (query.is_unmarked and said.mark is not None)
        and (query.reach is None or any(each.number in query.reach for each in one.participants))
        and all(is_said(term, query, spoken) or is_written(term, query, said.note) for term in terms)
        and query.tag_ids <= said.tags
        and all(f" {' '.join(phrase)} " in f" {said.spoken} " for phrase in query.said)
        and not (query.said and any(each.state is RecordingState.BINNED for each in one.recordings))
        and (query.mark_min is None or (said.mark is not None and said.mark >= query.mark_min))
        and (query.mark_max is None or (said.mark is not None and said.mark <= query.mark_max))
        and (query.duration_min_ms is None or one.duration_ms >= query.duration_min_ms)
        and (query.duration_max_ms is None or one.duration_ms <= query.duration_max_ms)
        and query.source in ("", one.source)
        and (not query.rule_id or one.decision is not None)
        and (not query.rule_id or query.rule_id.strip(NOBODY) == (one.decision.rule_id or ""))
        and (not query.states or any(each.state in query.states for each in one.recordings))
        and (not query.is_held or any(each.keeping.is_held for each in one.recordings))
    )


def parts_of(term: str, query: CallQuery, keys: set[str]) -> tuple[str, ...]:
    """Numbers that are nobody's together are several."""
    digits = number_key(term)
    known = digits in keys if query.whole_numbers else any(digits in key for key in keys)
    return (term,) if known or not apart(term) else apart(term)


def is_said(term: str, query: CallQuery, spoken: list[tuple[str, str]]) -> bool:
    """Whether somebody has that in the number or the name."""
    if query.whole_numbers:
        return says_whole(term, spoken) and (bool(wanted(term)[1]) or is_name(term, spoken))
    _, digits, whole = wanted(term)
    return is_name(term, spoken) or any(
        (digits and digits in number) or (whole and number == whole) for number, _ in spoken
    )


def is_written(term: str, query: CallQuery, note: str) -> bool:
    """Whether the note has all words of the term, from their beginnings."""
    words, known = words_of(term), words_of(note)
    if not words or (len(words) > 1 and wanted(term)[1]):
        return False
    if query.whole_numbers and any(sign.isdigit() for sign in term):
        return False
    return all(any(one.startswith(word) if len(word) > 2 else one == word for one in known) for word in words)


def is_name(term: str, spoken: list[tuple[str, str]]) -> bool:
    return any(wanted(term)[0] in key for _, key in spoken)


def is_of_any(asked: frozenset[str], numbers: set[str], ours: dict[str, str]) -> bool:
    """Whether that is so of any that is asked for, if any is."""
    return not asked or any(is_of(one, numbers, ours) for one in asked)


def is_of(asked: str, numbers: set[str], ours: dict[str, str]) -> bool:
    """Whether one of our numbers with that name is among them; of nobody: none of ours is."""
    there = {ours[one] for one in numbers & ours.keys()}
    return not asked or (not there if asked == NOBODY else asked in there)


def says_whole(text: str, spoken: list[tuple[str, str]]) -> bool:
    """Whether some number is the text whole, or the text is one of letters alone."""
    _, digits, whole = wanted(text)
    if not digits:
        return not any(sign.isdigit() for sign in text)
    return any(number in (number_key(digits), whole or digits) for number, _ in spoken)


def say_something(
    store: Store, chance: random.Random, known: dict[str, tuple[Call, bool]]
) -> dict[str, Said]:
    """Write notes, tags and marks of calls, and what was said in them."""
    said = {
        id_: Said(
            chance.choice(NOTES),
            frozenset(chance.sample(("t1", "t2"), chance.choice((0, 0, 1, 2)))),
            chance.choice((None, None, 1, 3, 4, 5)),
            chance.choice(SPOKEN) if one.recordings else "",
        )
        for id_, (one, _) in known.items()
    }
    with store.transaction() as tx:
        for name, id_ in TAGS.items():
            tx.tags.add(Tag(id_, "default", name))
        for id_, one in said.items():
            stored = tx.calls.get("default", id_)
            assert stored is not None
            tx.annotations.notes.add("default", NoteKind.CALL, id_, Note(1, one.note, "u", "u", NOON))
            tx.annotations.index_words(stored)
            for tag in sorted(one.tags):
                tx.tags.put(stored, CallTag(Tag(tag, "default", ""), NOON, "u", "u"))
            if one.mark is not None:
                tx.annotations.marks.put(stored, CallMark("u", "u", int(one.mark), "", NOON))
            for each in stored.recordings:
                told = Transcript(each.id, id_, "default", "ru", "by hand", NOON)
                tx.transcript_search.write(told, one.spoken)
    return said


def move_some(store: Store, chance: random.Random, known: dict[str, tuple[Call, bool]]) -> None:
    """Some calls began at another instant than was thought; some within the same millisecond."""
    for id_ in chance.sample(sorted(known), 60):
        one, unheard = known[id_]
        hours = chance.choice((0, 1, some_hours(chance)))
        began = NOON + timedelta(hours=hours, microseconds=chance.randrange(3))
        known[id_] = replace(one, started_at=began), unheard
        with store.transaction() as tx:
            stored = tx.calls.get("default", id_)
            assert stored is not None
            tx.calls.replace(replace(stored, started_at=began))


def change_some(
    store: Store, chance: random.Random, hold: LegalHold, known: dict[str, tuple[Call, bool]]
) -> None:
    """Some calls become others, with recordings in many a state."""
    for id_ in chance.sample(sorted(known), 40):
        one = replace(some_call(chance), id=id_, recordings=())
        silent = recording(id_, state=RecordingState.SILENT)
        with store.transaction() as tx:
            tx.calls.replace(one)
            if chance.random() < 0.7:
                tx.recordings.add(replace(silent, state=chance.choice(STATES[1:])))
                if chance.random() < 0.3:
                    tx.holds.cover(hold, (), [silent.id], NOON)
                if chance.random() < 0.3:
                    tx.keeping.bin([silent.id], NOON, RemovalCause.HAND, "")
            tx.calls.relist(id_)
            stored = tx.calls.get("default", id_)
            assert stored is not None
            one = replace(one, recordings=stored.recordings)
            heard = [each for each in stored.recordings if each.state in (STATES[1], STATES[3])]
            unheard = bool(heard) and all(each.is_unheard for each in heard)
            if chance.random() < 0.3:
                one = replace(one, outcome=CallOutcome.FAILED)
                tx.calls.set_outcome(id_, one.outcome, "")
        known[id_] = (one, unheard)


def test_any_query_finds_what_looking_at_each_call_would(store: Store) -> None:
    chance = random.Random(8)
    with store.transaction() as tx:
        tx.tenants.add(Tenant("default", "d"), NOON)
        tx.extensions.add([Extension(new_id(), "default", one, "", "") for one in ("101", "102")])
        tx.groups.add(Group("g1", "default", "Sales", frozenset({"101"})))
        tx.groups.add(Group("g2", "default", "Empty", frozenset()))
        tx.groups.add(Group("g3", "default", "Support", frozenset({"102"})))
        hold = LegalHold(new_id(), "default", "case", "why", "", "", NOON)
        tx.holds.add(hold)
    known: dict[str, tuple[Call, bool]] = {}
    keys = {number_key(one) for one in NUMBERS}
    for _ in range(150):
        one = replace(some_call(chance), recordings=())
        with store.transaction() as tx:
            tx.calls.add(one)
        known[one.id] = (one, False)
    change_some(store, chance, hold, known)
    said = say_something(store, chance, known)
    move_some(store, chance, known)
    for turn in range(200):
        query = some_query(chance)
        with store.transaction() as tx:
            if turn % 50 == 25:
                tx.call_tallies.fold()
        expected = sorted(
            (one for one, unheard in known.values() if is_found(query, one, unheard, keys, said[one.id])),
            key=lambda one: (one.started_at, one.id),
            reverse=True,
        )
        with store.reading() as tx:
            page = tx.calls.page("default", query, None, 7)
            assert [one.id for one in page] == [one.id for one in expected[:7]], query
            totals = CallTotals(len(expected), sum(one.duration_ms for one in expected))
            assert tx.calls.totals("default", query) == totals, query
            middle = chance.choice(list(known.values()))[0]
            place = Position(middle.started_at, middle.id)
            newer = [one.id for one in expected if (one.started_at, one.id) > (place.started_at, place.id)]
            older = [one.id for one in expected if (one.started_at, one.id) < (place.started_at, place.id)]
            assert tx.calls.newer("default", query, place) == (newer[-1] if newer else None)
            assert tx.calls.older("default", query, place) == (older[0] if older else None)
            assert [one.id for one in tx.calls.page("default", query, place, 300)] == older
            for sort, in_order in (
                (CallSort.OLDEST, expected[::-1]),
                (CallSort.LONGEST, sorted(expected, key=lambda one: one.duration_ms, reverse=True)),
            ):
                assert looked(tx, query, sort) == [one.id for one in in_order], (query, sort)


def looked(tx: Transaction, query: CallQuery, sort: CallSort) -> list[str]:
    """All that is found, some at a time."""
    order, seen = Order(sort=sort), []
    while some := tx.calls.look("default", query, order, 19)[0]:
        seen += [one.id for one in some]
        order = order.after(order.place_of(some[-1]))
    return seen


def test_days_before_1970_are_whole_days_too(store: Store) -> None:
    epoch = NOON.replace(year=1970, month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    for hours in (-36, -24, -1, 0, 1):
        with store.transaction() as tx:
            tx.calls.add(replace(call(started_at=epoch + timedelta(hours=hours)), recordings=()))
    with store.reading() as tx:
        for first, last, count in ((-2, -1, 1), (-1, 0, 2), (0, 1, 2), (-2, 2, 5), (1, 2, 0)):
            query = CallQuery(epoch + timedelta(days=first), epoch + timedelta(days=last))
            assert tx.calls.totals("default", query).calls == count, (first, last)


def test_folding_changes_no_sum_and_leaves_one_row_of_a_kind(store: Store, database_url: str) -> None:
    some = [replace(call(), recordings=()) for _ in range(30)]
    for one in some:
        with store.transaction() as tx:
            tx.calls.add(one)
    with store.transaction() as tx:
        before = tx.calls.totals("default", CallQuery())
        assert tx.call_tallies.fold() == 29
        assert tx.call_tallies.fold() == 0
        assert tx.calls.totals("default", CallQuery()) == before == CallTotals(30, 30 * some[0].duration_ms)


def test_speakers_of_other_tenants_are_not_found(store: Store) -> None:
    with store.transaction() as tx:
        tx.calls.add(
            replace(call(tenant_id="other", participants=people("101", "+74951234567")), recordings=())
        )
    with store.reading() as tx:
        assert tx.calls.page("default", CallQuery(number="4951234567"), None, 9) == ()
        assert len(tx.calls.page("other", CallQuery(number="4951234567"), None, 9)) == 1


def test_a_caller_with_endless_names_is_kept_and_found(store: Store) -> None:
    name = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 256
    one = replace(call(participants=people("1" * 128, "😀" * 128, calling_name=name)), recordings=())
    with store.transaction() as tx:
        assert tx.calls.add(one)
        tx.calls.replace(one)
    with store.reading() as tx:
        for asked in ("1" * 128, "😀" * 64, "\U0010ffff", name[:8]):
            assert bool(tx.calls.page("default", CallQuery(number=asked), None, 9)) is (
                asked[0] != "\U0010ffff"
            )


@pytest.fixture
def filled(store: Store, database_url: str) -> Store:
    """Some thousand calls of a company."""
    maker = CallMaker(Company("default", "Фонотека", 1, 40, ()), 0, 4_000, NOON, 200)
    with Bulk(database_url) as bulk:
        maker.write_speakers(bulk)
        for day in range(200):
            maker.write_day(bulk, day)
        bulk.flush()
        bulk.finish()
    with store.transaction() as tx:
        while tx.call_tallies.fold():
            pass
    return store


LONG_AGO = Position(NOON - timedelta(days=100), new_id())
QUERIES = [
    CallQuery(),
    CallQuery(direction=Direction.INTERNAL),
    CallQuery(since=NOON - timedelta(days=50), until=NOON - timedelta(days=40, hours=3)),
    CallQuery(include_unheard=True),
    CallQuery(include_unheard=True, direction=Direction.UNKNOWN),
    CallQuery(outcomes=frozenset(CallOutcome), include_unheard=True),
    CallQuery(outcomes=frozenset({CallOutcome.EXPECTED}), include_unheard=True),
    CallQuery(outcomes=frozenset({CallOutcome.MISSING, CallOutcome.REFUSED}), include_unheard=True),
    CallQuery(number="+79031112233"),
    CallQuery(number="207"),
    CallQuery(number="белов", direction=Direction.INCOMING),
    CallQuery(number="4951002030", since=NOON - timedelta(days=50)),
    CallQuery(number="белов 207"),
    CallQuery(number="7 8 9 1 2 3 4", include_unheard=True),
    CallQuery(duration_min_ms=3_600_000),
    CallQuery(duration_min_ms=1, duration_max_ms=2),
    CallQuery(source="upload"),
    CallQuery(source="siprec", direction=Direction.INCOMING),
    CallQuery(rule_id=NOBODY),
    CallQuery(rule_id="r1", include_unheard=True),
    CallQuery(is_held=True),
    CallQuery(states=frozenset({RecordingState.BINNED})),
    CallQuery(states=frozenset({RecordingState.FAILED, RecordingState.PROCESSING})),
    CallQuery(tag_ids=frozenset({"t1"})),
    CallQuery(number="жалоба белов"),
    CallQuery(known_by=NOON - timedelta(days=20)),
]


def test_no_query_looks_at_every_row(filled: Store, database_url: str) -> None:
    for query in QUERIES:
        with statements() as sent, filled.reading() as tx:
            for after in (None, LONG_AGO):
                tx.calls.page("default", query, after, 50)
            tx.calls.totals("default", query)
            tx.calls.newer("default", query, LONG_AGO)
            for sort in CallSort:
                tx.calls.look("default", query, Order(sort=sort), 50)
            tx.calls.sources("default")
        assert full_scans(database_url, [one for one in sent if one[0].startswith("SELECT")]) == [], query


def test_a_text_that_most_have_is_counted_no_further_than_it_says(filled: Store) -> None:
    with filled.reading() as tx:
        assert len(tx.calls.page("default", CallQuery(number="7"), None, 50)) == 50
        totals = tx.calls.totals("default", CallQuery(number="7", include_unheard=True))
        whole = tx.calls.totals("default", CallQuery(include_unheard=True))
    assert SPEAKERS_MAX < 1_200
    assert 0 < totals.calls <= whole.calls


def full_scans(url: str, sent: list[tuple[str, object]]) -> list[str]:
    """Steps of the plans that read a whole table or a whole index."""
    engine = create_engine(url)
    found = []
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # What so small tables make cheaper than what large ones need.
            for cheap in ("seqscan", "mergejoin", "hashjoin"):
                connection.execute(text(f"SET LOCAL enable_{cheap} = off"))
        for statement, parameters in sent:
            if engine.dialect.name == "sqlite":
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                steps = [row[3].split() for row in rows]
                found += [" ".join(one) for one in steps if one[0] == "SCAN" and one[1] in metadata.tables]
                continue
            plan = [
                row[0] for row in connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {statement}", parameters)
            ]
            for place, line in enumerate(plan):
                conditions = plan[place + 1] if place + 1 < len(plan) else ""
                if "Seq Scan" in line or (
                    "Index" in line and " on " in line and "Index Cond" not in conditions
                ):
                    found.append(line)
    engine.dispose()
    return found


def test_what_is_known_by_its_id_is_read_by_that(filled: Store, database_url: str) -> None:
    if not database_url.startswith("sqlite"):
        return  # PostgreSQL counts its rows
    with filled.reading() as tx:
        ids = [one.id for one in tx.calls.page("default", CallQuery(), None, 50)]
        with statements() as sent:
            assert len(tx.calls.some("default", ids)) == 50
            tx.keeping.of_calls("default", ids)
            tx.talk_reports.of_recordings("default", ids)
            tx.calls.totals("default", CallQuery(said=(("деньга",),)))
    engine = create_engine(database_url)
    with engine.connect() as connection:
        for statement, parameters in sent:
            if statement.startswith("SELECT") and "_fts" not in statement:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
                beginnings = [one.detail for one in plan if "SEARCH" in one.detail]
                assert [one for one in beginnings if "(tenant_id=?" in one and "LIMIT" not in statement] == []
    engine.dispose()
