"""Topics are found in new calls with their words, in all others once they change, by who may hear them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from fonoteka.archive import (
    Archive,
    bin_recording,
    count_calls,
    empty_bin,
    find_calls,
    get_call,
    get_recording,
    mark_call,
    register_call,
    scores,
)
from fonoteka.archive.upkeep import count_hours
from fonoteka.domain.access import Actor, Permission, Role
from fonoteka.domain.analysis import SpeechTask
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import (
    AccessDenied,
    RequestInvalid,
    TopicNotFound,
    TopicPhraseInvalid,
    VersionConflict,
)
from fonoteka.domain.people import Extension
from fonoteka.domain.query import CallQuery
from fonoteka.domain.score_forms import FormContent, Question, Section
from fonoteka.domain.score_queue import DrawPlan
from fonoteka.domain.score_topics import TopicRule
from fonoteka.domain.topics import WORDED, Speaker
from fonoteka.objects import ObjectStore
from fonoteka.policy import PolicyRoom, save_extension
from fonoteka.speech import (
    Analyst,
    EngineConfig,
    EngineKind,
    SpeechRoom,
    Transcriber,
    VoiceDetector,
    order_speech,
)
from fonoteka.speech.models import describe_model, read_model, use_model
from fonoteka.speech.topics import (
    TopicContent,
    TopicReader,
    calls_to_reread,
    create_topic,
    delete_topic,
    list_topics,
    reread_calls,
    restore_topic,
    save_topic,
    topic_places,
    try_phrases,
)
from fonoteka.store import Audience, Store
from tests.examples import NOON, actor
from tests.speech_room.recordings import shelved
from tests.tone_model import tone_talk, write_tone_model

NO_EARS = frozenset(Permission) - {Permission.RECORDING_LISTEN}
REFUND = TopicContent("Возврат", phrases="вернуть [1] деньги @клиент")


@pytest.fixture
def archive(store: Store, tmp_path: Path) -> Archive:
    return Archive(store, ObjectStore.open(tmp_path / "objects"), tmp_path / "cache", 5)


@pytest.fixture
def room(archive: Archive, tmp_path: Path) -> SpeechRoom:
    """With the tone model in use for Russian."""
    models = tmp_path / "models"
    describe_model(write_tone_model(models / "tone"), "t-one-ctc")
    use_model(models, read_model(models, "tone"), "ru")
    engine = EngineConfig(EngineKind.ONNX_ASR, models)
    return SpeechRoom(archive.store, archive.objects, VoiceDetector.ENERGY, engine)


def talked(
    archive: Archive, room: SpeechRoom, folder: Path, *turns: tuple[int, str], minutes: int = 0
) -> Call:
    """A call in tones, understood by the worker."""
    at = NOON + timedelta(minutes=minutes)
    sound = tone_talk(*turns)
    call, recording = shelved(archive, folder, sound, started_at=at, direction=Direction.INCOMING)
    order_speech(room, recording.id, recording.tenant_id)
    for worker in (Analyst(room), Transcriber(room)):
        while worker.work(with_backlog=True):
            pass
    return get_call(archive, actor(), call.id)


def reread(room: SpeechRoom) -> None:
    reader = TopicReader(room)
    while reader.work(with_backlog=True):
        pass


def places(room: SpeechRoom, call: Call) -> list[tuple[str, Speaker, int, str]]:
    return [
        (one.topic.name, one.hit.party, round(one.hit.since_ms / 1000), one.hit.words)
        for one in topic_places(room, actor(), call)
    ]


def days(archive: Archive) -> dict[str, int]:
    """Calls by topic, counted."""
    count_hours(archive)
    with archive.store.reading() as tx:
        assert tx.call_counting.is_summed("default")
        return {
            topic_id: sum(by_day.values())
            for topic_id, by_day in tx.topic_trends.by_day(
                Audience("default"), date(2020, 1, 1).toordinal(), date(2040, 1, 1).toordinal()
            ).items()
        }


def test_a_new_call_is_read_with_its_words_and_the_archive_when_topics_change(
    archive: Archive, room: SpeechRoom, tmp_path: Path
) -> None:
    topic = create_topic(room, actor(), REFUND)
    one = talked(archive, room, tmp_path, (0, "хочу вернуть мои деньги"), (1, "вернуть деньги"))
    assert places(room, one) == [("Возврат", Speaker.CUSTOMER, 1, "вернуть мои деньги")]
    assert days(archive) == {WORDED: 1, topic.id: 1}
    other = create_topic(room, actor(), TopicContent("Деньги", phrases="деньги"))
    assert calls_to_reread(room, actor()) == 1
    two = talked(archive, room, tmp_path, (0, "деньги"), minutes=1)
    assert calls_to_reread(room, actor()) == 1  # the new one knows it
    assert TopicReader(room).work(with_backlog=False) is False
    reread(room)
    assert calls_to_reread(room, actor()) == 0
    assert [name for name, *_ in places(room, one)] == ["Возврат", "Деньги", "Деньги"]
    assert [name for name, *_ in places(room, two)] == ["Деньги"]
    assert days(archive) == {WORDED: 2, topic.id: 1, other.id: 2}
    other = save_topic(room, actor(), other.id, TopicContent("Деньги", phrases="деньги @agent"), other.edits)
    assert (other.version, other.edits) == (2, 2)
    reread(room)
    assert days(archive) == {WORDED: 2, topic.id: 1, other.id: 1}
    # A name is another, or people are told: nothing is read anew.
    save_topic(room, actor(), other.id, TopicContent("Сумма", "что", "деньги @agent", alerts=True), 2)
    assert calls_to_reread(room, actor()) == 0
    save_topic(room, actor(), other.id, TopicContent("Сумма", "что", "деньги @agent", is_active=False), 3)
    assert [name for name, *_ in places(room, one)] == ["Возврат"]
    reread(room)
    assert days(archive) == {WORDED: 2, topic.id: 1}
    assert reread_calls(room, actor()) == 2
    reread(room)
    assert days(archive) == {WORDED: 2, topic.id: 1}


def test_what_is_deleted_can_be_brought_back(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    topic = create_topic(room, actor(), REFUND)
    one = talked(archive, room, tmp_path, (0, "вернуть деньги"))
    delete_topic(room, actor(), topic.id)
    delete_topic(room, actor(), topic.id)
    assert (list_topics(room, actor()), places(room, one)) == ((), [])
    with pytest.raises(TopicNotFound):
        save_topic(room, actor(), topic.id, REFUND, 2)
    restore_topic(room, actor(), topic.id)
    reread(room)
    assert [words for *_, words in places(room, one)] == ["вернуть деньги"]
    delete_topic(room, actor(), topic.id)
    later = room.now() + timedelta(days=31)
    create_topic(replace(room, now=lambda: later), actor(), TopicContent("Прочее", phrases="что"))
    with pytest.raises(TopicNotFound):
        restore_topic(room, actor(), topic.id)
    with archive.store.reading() as tx:
        assert tx.topic_hits.of_recordings("default", [one.recordings[0].id]) == {}
        told = [
            event.detail.split()[0]
            for event in tx.audit.newest("default", 9)
            if event.action is AuditAction.TOPICS_CHANGED
        ]
    assert told == ["created", "deleted", "restored", "deleted", "created"][::-1]


def test_nothing_is_left_of_a_deleted_recording(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    topic = create_topic(room, actor(), REFUND)
    one = talked(archive, room, tmp_path, (0, "вернуть деньги"))
    assert days(archive) == {WORDED: 1, topic.id: 1}
    bin_recording(archive, actor(), one.recordings[0].id)
    assert places(room, get_call(archive, actor(), one.id)) == []
    empty_bin(archive, actor(), [one.recordings[0].id])
    assert days(archive) == {}
    assert calls_to_reread(room, actor()) == 0


def test_a_call_that_began_earlier_than_thought_counts_for_that_day(
    archive: Archive, room: SpeechRoom, tmp_path: Path
) -> None:
    topic = create_topic(room, actor(), REFUND)
    one = talked(archive, room, tmp_path, (0, "вернуть деньги"))
    days(archive)
    register_call(archive, replace(one, started_at=one.started_at - timedelta(days=2)))
    assert days(archive) == {WORDED: 1, topic.id: 1}
    with archive.store.reading() as tx:
        moved = tx.topic_trends.by_day(Audience("default"), 0, one.started_at.date().toordinal())
    assert set(moved) == {WORDED, topic.id}


def test_what_cannot_be_a_topic_is_refused(room: SpeechRoom) -> None:
    create_topic(room, actor(), REFUND)
    other = replace(REFUND, name="Другой")
    wrong: list[tuple[TopicContent, type[Exception]]] = [
        (replace(REFUND, name=""), RequestInvalid),
        (replace(REFUND, name="я" * 61), RequestInvalid),
        (replace(REFUND, name="ВОЗВРАТ"), RequestInvalid),
        (replace(other, description="я" * 501), RequestInvalid),
        (replace(other, phrases=""), TopicPhraseInvalid),
        (replace(other, phrases="# nothing\n\n"), TopicPhraseInvalid),
        (replace(other, phrases="я" * 5_000), TopicPhraseInvalid),
        (replace(other, phrases="слово\n漢字"), TopicPhraseInvalid),
    ]
    for content, error in wrong:
        with pytest.raises(error):
            create_topic(room, actor(), content)
    assert len(list_topics(room, actor())) == 1


def test_there_are_limits(room: SpeechRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fonoteka.speech.topics.editing.ACTIVE_PHRASES_MAX", 3)
    monkeypatch.setattr("fonoteka.speech.topics.editing.TOPICS_MAX", 2)
    one = create_topic(room, actor(), TopicContent("Один", phrases="а\nб"))
    with pytest.raises(RequestInvalid, match="at most 3 phrases"):
        create_topic(room, actor(), TopicContent("Два", phrases="а\nб"))
    create_topic(room, actor(), TopicContent("Два", phrases="а\nб", is_active=False))
    with pytest.raises(RequestInvalid, match="no more can be made"):
        create_topic(room, actor(), TopicContent("Три", phrases="а"))
    delete_topic(room, actor(), one.id)
    create_topic(room, actor(), TopicContent("Три", phrases="а"))
    with pytest.raises(RequestInvalid):
        restore_topic(room, actor(), one.id)


def test_two_people_do_not_save_over_each_other(room: SpeechRoom) -> None:
    topic = create_topic(room, actor(), REFUND)
    save_topic(room, actor(), topic.id, replace(REFUND, phrases="деньги"), 1)
    with pytest.raises(VersionConflict):
        save_topic(room, actor(), topic.id, replace(REFUND, phrases="другое"), 1)


def test_phrases_are_tried_on_real_calls(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    one = talked(archive, room, tmp_path, (0, "хочу вернуть деньги"), (1, "деньги"))
    two = talked(archive, room, tmp_path, (0, "спасибо"), minutes=1)
    silent, _ = shelved(archive, tmp_path)
    silent = get_call(archive, actor(), silent.id)
    trial = try_phrases(room, actor(), [two, one, silent], "# note\nвернуть деньги\nденьги @agent\nнет")
    assert (trial.calls, trial.with_words, trial.found, trial.by_line) == (3, 2, 1, {2: 1, 3: 1})
    assert [(p.call.id, p.line, p.speaker, p.snippet.hit) for p in trial.places] == [
        (one.id, 2, Speaker.CUSTOMER, "вернуть деньги"),
        (one.id, 3, Speaker.AGENT, "деньги"),
    ]
    assert trial.places[0].snippet.before == "хочу"
    with archive.store.reading() as tx:
        assert tx.audit.newest("default", 1)[0].action is AuditAction.TRANSCRIPTS_SEARCHED
    with pytest.raises(TopicPhraseInvalid):
        try_phrases(room, actor(), [one], "(")


def test_who_may_not_listen_learns_nothing(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    call, _ = shelved(archive, tmp_path)
    asked: list[Callable[[Actor], object]] = [
        lambda who: try_phrases(room, who, [call], "да"),
        lambda who: topic_places(room, who, call),
        lambda who: list_topics(room, who),
    ]
    for ask in asked:
        ask(replace(actor(), role=Role.SUPERVISOR))
        with pytest.raises(AccessDenied):
            ask(replace(actor(), role=Role.AUDITOR))


def test_only_who_may_change_speech_changes_topics(room: SpeechRoom) -> None:
    topic = create_topic(room, actor(), REFUND)
    who, theirs = replace(actor(), role=Role.SUPERVISOR), actor("theirs")
    for act in (
        lambda who: create_topic(room, who, REFUND),
        lambda who: save_topic(room, who, topic.id, REFUND, 1),
        lambda who: delete_topic(room, who, topic.id),
        lambda who: restore_topic(room, who, topic.id),
        lambda who: reread_calls(room, who),
    ):
        with pytest.raises(AccessDenied):
            act(who)
    for act in (
        lambda who: save_topic(room, who, topic.id, REFUND, 1),
        lambda who: delete_topic(room, who, topic.id),
        lambda who: restore_topic(room, who, topic.id),
    ):
        with pytest.raises(TopicNotFound):
            act(theirs)
    assert list_topics(room, theirs) == ()


def test_calls_are_found_by_topic(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    topic = create_topic(room, actor(), REFUND)
    one = talked(archive, room, tmp_path, (0, "вернуть деньги"))
    two = talked(archive, room, tmp_path, (0, "спасибо"), minutes=1)
    shelved(archive, tmp_path)

    def found(who: Actor, topic_id: str) -> list[str]:
        query = CallQuery(topic_ids=frozenset({topic_id}))
        page = find_calls(archive, who, query)
        assert count_calls(archive, who, query).calls == len(page.items)
        return [call.id for call in page.items]

    away = replace(actor(), role=Role.AGENT, extensions=frozenset({"999"}))
    agent = replace(actor(), role=Role.AGENT, extensions=frozenset({"101"}))
    assert found(actor(), topic.id) == found(agent, topic.id) == [one.id]
    assert found(actor(), WORDED) == [two.id, one.id]
    assert found(away, topic.id) == found(away, WORDED) == []
    assert found(actor("theirs"), topic.id) == found(actor(), "nothing") == []
    with pytest.raises(AccessDenied):
        found(replace(actor(), role=Role.AUDITOR), topic.id)
    days(archive)
    with archive.store.reading() as tx:
        counted = [
            tx.topic_trends.by_day(Audience("default", reach), 0, 10**6)
            for reach in (None, frozenset({"101"}), frozenset({"999"}))
        ]
    assert [sum(one.get(topic.id, {}).values()) for one in counted] == [1, 1, 0]
    both = CallQuery(topic_ids=frozenset({topic.id}), until=NOON, duration_min_ms=1)
    assert find_calls(archive, actor(), both).items == ()
    delete_topic(room, actor(), topic.id)
    assert found(actor(), topic.id) == []


def test_topics_fill_a_scorecard_and_draw_calls(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    policy = PolicyRoom(archive.store, tmp_path / "policy.json")
    save_extension(policy, actor(), Extension("", "default", "101"))
    money = create_topic(room, actor(), TopicContent("Деньги", phrases="деньги"))
    hello = create_topic(room, actor(), TopicContent("Приветствие", phrases="здравствуйте"))
    one = talked(archive, room, tmp_path, (1, "здравствуйте"), (0, "верните деньги"))
    two = talked(archive, room, tmp_path, (0, "спасибо"), minutes=1)
    asked = {
        "hello": TopicRule(hello.id, speaker=Speaker.AGENT, within_s=10),
        "order": TopicRule(hello.id, before_id=money.id),
        "money": TopicRule(money.id, said=False),
    }
    questions = tuple(Question(key, key, rule=rule) for key, rule in asked.items())
    form = scores.create_score_form(archive, actor(), FormContent("F", (Section("", questions),)))
    scores.activate_score_form(archive, actor(), form.form_id, 1, 1)

    def answers(call: Call) -> dict[str, int | None]:
        sheet = scores.begin_evaluation(archive, actor(), call.id, form.form_id, "101")
        return {key: answer.value for key, answer in sheet.answers.items()}

    ours = next(n for n, track in enumerate(one.recordings[0].tracks) if track.participant_id == "p1")
    hears = ours == 1  # whose channel 101 is, the example says
    assert answers(one) == {"hello": int(hears), "order": 1, "money": 0}
    assert answers(two) == {"hello": 0, "order": 0, "money": 1}
    plan = DrawPlan(NOON.date(), NOON.date(), 9, "s", topic_id=money.id)
    queue = scores.create_score_queue(archive, actor(), "Q", form.form_id, plan)
    assert [task.call_id for task in scores.score_queue_tasks(archive, actor(), queue.id)] == [one.id]
    marked = scores.create_score_queue(
        archive, actor(), "M", form.form_id, replace(plan, topic_id="", mark_max=2, mark_min=1)
    )
    assert scores.score_queue_tasks(archive, actor(), marked.id) == ()
    mark_call(archive, actor(), two.id, 2, "")
    again = scores.create_score_queue(archive, actor(), "N", form.form_id, marked.plan)
    assert [task.call_id for task in scores.score_queue_tasks(archive, actor(), again.id)] == [two.id]
    # A topic that changed is not answered for until the call was read anew.
    save_topic(room, actor(), money.id, TopicContent("Деньги", phrases="деньга"), 1)
    assert answers(two) == dict.fromkeys(asked)
    with pytest.raises(AccessDenied):
        scores.create_score_queue(archive, replace(actor(), permissions=NO_EARS), "X", form.form_id, plan)
    delete_topic(room, actor(), money.id)
    late = scores.create_score_form(archive, actor(), FormContent("G", (Section("", questions),)))
    with pytest.raises(RequestInvalid, match="no such topic"):
        scores.activate_score_form(archive, actor(), late.form_id, 1, 1)


def test_a_topic_that_changes_while_a_call_is_understood_finds_it(
    archive: Archive, room: SpeechRoom, tmp_path: Path
) -> None:
    topic = create_topic(room, actor(), TopicContent("Деньги", phrases="нигде"))
    _, recording = shelved(archive, tmp_path, tone_talk((0, "деньги")))
    order_speech(room, recording.id, recording.tenant_id)
    Analyst(room).work(with_backlog=True)
    transcriber = Transcriber(room)
    understood = transcriber.find(get_recording(archive, actor(), recording.id))
    save_topic(room, actor(), topic.id, TopicContent("Деньги", phrases="деньги"), 1)
    with archive.store.transaction() as tx:
        order = tx.speech_orders.take(SpeechTask.TRANSCRIPT, room.now(), with_backlog=True)
        assert order is not None
        transcriber.save(tx, understood, order)
        tx.speech_orders.finish(order)
    call = get_call(archive, actor(), recording.call_id)
    assert places(room, call) == []
    assert calls_to_reread(room, actor()) == 1
    reread(room)
    assert [words for *_, words in places(room, call)] == ["деньги"]
