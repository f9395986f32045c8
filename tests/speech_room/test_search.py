"""What was said is found by any form of its words, on both databases, by those who may hear it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fonoteka.archive import Archive, bin_recording, count_calls, empty_bin, find_calls, neighbours
from fonoteka.domain.access import Role
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call
from fonoteka.domain.errors import AccessDenied
from fonoteka.domain.query import CallQuery
from fonoteka.domain.transcript import Transcript, Utterance, Word
from fonoteka.objects import ObjectStore
from fonoteka.speech import Indexer, SpeechRoom, note_words, snippets_of, unsearchable
from fonoteka.speech.words import indexed, lemmas_of, phrases_of
from fonoteka.store import Store
from tests.examples import NOON, actor
from tests.speech_room.recordings import shelved


@pytest.fixture
def archive(store: Store, tmp_path: Path) -> Archive:
    return Archive(store, ObjectStore.open(tmp_path / "objects"), tmp_path / "cache", 5)


def saying(archive: Archive, folder: Path, *texts: str, tenant_id: str = "default", minutes: int = 0) -> Call:
    """A call whose parties say these in turn, a word a second."""
    call, recording = shelved(
        archive, folder, tenant_id=tenant_id, started_at=NOON + timedelta(minutes=minutes)
    )
    said, at = [], 0
    for place, text in enumerate(texts):
        words = []
        for word in text.split():
            words.append(Word(word, at, at + 500))
            at += 1_000
        said.append(Utterance(place % 2, tuple(words)))
    told = Transcript(recording.id, call.id, tenant_id, "ru", "by hand", NOON, tuple(said))
    with archive.store.transaction() as tx:
        tx.transcripts.save(told)
        tx.transcript_search.write(told, indexed(texts))
    return replace(call, recordings=(recording,))


def test_words_of_an_earlier_version_are_found_soon(archive: Archive, tmp_path: Path) -> None:
    room = SpeechRoom(archive.store, archive.objects)
    some = [saying(archive, tmp_path, "хочу вернуть деньги", minutes=n) for n in range(48)]
    saying(archive, tmp_path, minutes=61)
    with archive.store.transaction() as tx:
        for one in some[5:]:  # an earlier version knew no index
            known = tx.transcripts.get("default", one.recordings[0].id)
            assert known is not None
            tx.transcript_search.write(known, "")
    assert len(found(archive, "деньгами")) == 5
    assert unsearchable(room) == 43
    indexer = Indexer(room)
    assert not indexer.work(with_backlog=False), "not while recordings wait"
    while indexer.work(with_backlog=True):
        pass
    assert unsearchable(room) == 0
    assert sorted(found(archive, "деньгами")) == sorted(one.id for one in some)


def found(archive: Archive, text: str, tenant_id: str = "default") -> list[str]:
    query = CallQuery(said=phrases_of(text))
    ids = [one.id for one in find_calls(archive, actor(tenant_id), query).items]
    assert count_calls(archive, actor(tenant_id), query).calls == len(ids)
    return ids


def test_a_text_of_any_length_is_found_by_its_beginning(archive: Archive, tmp_path: Path) -> None:
    one = saying(archive, tmp_path, "начало", minutes=1)
    known = Transcript(one.recordings[0].id, one.id, "default", "ru", "by hand", NOON)
    two = "деньги вернуть"
    for text in (
        f"{two} " + "да " * 200_000,
        f"{two} " + " ".join(f"{'щ' * 59}{n}" for n in range(50_000)),
        f"{two} " + " ".join(str(n) for n in range(100_000)),
    ):
        with archive.store.transaction() as tx:
            tx.transcript_search.write(known, indexed([text]))
        assert found(archive, '"деньги вернуть"') == [one.id]


def test_any_form_finds_any_other(archive: Archive, tmp_path: Path) -> None:
    refund = saying(archive, tmp_path, "Хочу вернуть деньги за заказ.", "Ждите, пожалуйста: мы не забыли!")
    english = saying(archive, tmp_path, "I called about the parcels", "It was shipped", minutes=1)
    for text in (
        *("вернуть деньги", "верните денег", "ДЕНЬГАМИ", "заказы", "жду", '"вернуть деньги"', "не"),
        *('"вернула денег за заказы"', "«хотела вернуть» заказ", "забыла", "хочу пожалуйста"),
    ):
        assert found(archive, text) == [refund.id], text
    for text in ("parcel", "calls", "shipping", '"calling about"'):
        assert found(archive, text) == [english.id], text
    for text in ('"деньги вернуть"', '"заказ ждите"', "договор", "деньги parcel", '"вернуть заказ"'):
        assert found(archive, text) == [], text
    assert found(archive, "!!!") == [english.id, refund.id]  # no word: nothing is asked


def test_one_form_of_e_and_hyphens(archive: Archive, tmp_path: Path) -> None:
    one = saying(archive, tmp_path, "ещё какой-то счёт 15-го числа")
    for text in ("еще", "счет", "счета", "какому-то", "15-го", "числом"):
        assert found(archive, text) == [one.id], text


def test_quotes_and_signs_of_databases_are_words_like_others(archive: Archive, tmp_path: Path) -> None:
    saying(archive, tmp_path, "да")
    for text in (
        '"',
        "'",
        "a'b",
        "да OR нет",
        "NEAR(да)",
        "да* -нет",
        "a & b | !c",
        '""',
        "(",
        "lemmas:да",
        "\\",
    ):
        found(archive, text)


def test_the_newest_first_and_neighbours(archive: Archive, tmp_path: Path) -> None:
    calls = [saying(archive, tmp_path, "деньги", minutes=n) for n in (3, 1, 2)]
    by_time = [calls[0].id, calls[2].id, calls[1].id]
    assert found(archive, "деньги") == by_time
    query = CallQuery(said=phrases_of("деньги"))
    page = find_calls(archive, actor(), query, limit=2)
    rest = find_calls(archive, actor(), query, page.next, limit=2)
    assert [one.id for one in (*page.items, *rest.items)] == by_time
    assert neighbours(archive, actor(), calls[2].id, query) == (calls[0].id, calls[1].id)
    late = replace(query, since=NOON + timedelta(minutes=2))
    assert [one.id for one in find_calls(archive, actor(), late).items] == by_time[:2]


def test_what_is_not_ours_or_gone_is_not_found(archive: Archive, tmp_path: Path) -> None:
    ours, theirs = (
        saying(archive, tmp_path, "деньги"),
        saying(archive, tmp_path, "деньги", tenant_id="theirs"),
    )
    assert found(archive, "деньги") == [ours.id]
    assert found(archive, "деньги", "theirs") == [theirs.id]
    query = CallQuery(said=phrases_of("деньги"))
    away = replace(actor(), role=Role.AGENT, extensions=frozenset({"999"}))
    assert find_calls(archive, away, query).items == ()
    with pytest.raises(AccessDenied):
        find_calls(archive, replace(actor(), role=Role.AUDITOR), query)
    with pytest.raises(AccessDenied):
        count_calls(archive, replace(actor(), role=Role.AUDITOR), query)
    bin_recording(archive, actor(), ours.recordings[0].id)
    assert found(archive, "деньги") == []
    empty_bin(archive, actor(), [ours.recordings[0].id])
    with archive.store.reading() as tx:
        assert tx.transcript_search.find("default", [["деньга"]]).call_ids == ()


def test_said_anew_is_found_anew(archive: Archive, tmp_path: Path) -> None:
    one = saying(archive, tmp_path, "деньги")
    told = Transcript(one.recordings[0].id, one.id, "default", "ru", "by hand", NOON)
    with archive.store.transaction() as tx:
        tx.transcript_search.write(told, indexed(["договор"]))
    assert found(archive, "деньги") == []
    assert found(archive, "договоры") == [one.id]


def test_a_snippet_plays_from_the_words(archive: Archive, tmp_path: Path) -> None:
    one = saying(
        archive, tmp_path, "да", "а б в г д е ж хочу вернуть свои деньги и ещё два раза по сто рублей"
    )
    room = SpeechRoom(archive.store, archive.objects)
    said = phrases_of("«вернули свои» деньгами")
    for _ in range(2):
        note_words(room, actor(), said)
    snippet = snippets_of(room, actor(), [one], said)[one.id]
    assert (snippet.before, snippet.hit, snippet.channel) == ("… б в г д е ж хочу", "вернуть свои", 1)
    assert snippet.after == "деньги и ещё два раза по сто …"
    assert snippet.since_ms == 9_000
    with archive.store.reading() as tx:
        assert [e.action for e in tx.audit.newest("default", 9)] == [AuditAction.TRANSCRIPTS_SEARCHED]
    with pytest.raises(AccessDenied):
        note_words(room, replace(actor(), role=Role.AUDITOR), phrases_of("да"))


@pytest.mark.parametrize(
    ("forms", "key"),
    [
        ("деньги денег деньгами", "деньга"),
        ("жду ждать ждали", "ждать"),
        ("идти шёл идёт", "идти"),
        ("человек люди людям", "человек"),
        ("calls called calling", "call"),
        ("companies company", "company"),
    ],
)
def test_forms_share_a_key(forms: str, key: str) -> None:
    assert set(lemmas_of(forms)) == {key}
