"""The page of a call."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fonoteka.archive import register_call, shelve_recording
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import CallOutcome, Direction, Participant, Party, Segment
from fonoteka.domain.ids import new_id
from fonoteka.domain.mark import Mark, MarkKind
from fonoteka.domain.recording import EndReason, RecordingState
from fonoteka.domain.rules import Decision, RuleOutcome
from tests import examples
from tests.web.site import Site

AT = datetime(2026, 4, 24, 11, 32, tzinfo=UTC)


def lanes(page: str) -> list[tuple[str, str]]:
    """Voice and channel of the player's lanes, from above."""
    channels = re.findall(r'data-lane data-channel="(\d)"', page)
    voices = re.findall(r'class="ink (\w+)" data-ink', page)
    return list(zip(voices, channels, strict=True))


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        (Direction.INCOMING, [("them", "0"), ("us", "1")]),
        (Direction.OUTGOING, [("them", "1"), ("us", "0")]),
        (Direction.INTERNAL, [("colleague", "0"), ("us", "1")]),
        (Direction.UNKNOWN, [("them", "0"), ("us", "1")]),
    ],
)
def test_the_other_side_is_above_ours(
    site: Site, direction: Direction, expected: list[tuple[str, str]]
) -> None:
    client = ("Павел Зимин", "101") if direction is Direction.INTERNAL else ("", "+442079460123")
    agent = ("", "+442079460124") if direction is Direction.UNKNOWN else ("Анна Лебедева", "104")
    call = site.add(AT, direction=direction, client=client, agent=agent)
    assert lanes(site.signed_in().get(f"/calls/{call.id}").text) == expected


def test_the_player_knows_where_its_audio_is(site: Site) -> None:
    call = site.add(AT)
    page = site.signed_in().get(f"/calls/{call.id}").text
    recording = call.recordings[0].id
    assert f'data-audio="/api/v1/recordings/{recording}/audio"' in page
    assert f'data-peaks="/api/v1/recordings/{recording}/peaks"' in page
    assert 'data-duration-ms="204000"' in page
    assert '<audio preload="none"></audio>' in page  # looking at a page is not listening
    for audio_format in ("opus", "mp3", "wav"):
        assert f"audio?format={audio_format}&amp;download=1" in page


def test_it_says_who_when_and_what_is_stored(site: Site) -> None:
    call = site.add(AT)
    page = site.signed_in().get(f"/calls/{call.id}").text
    assert "<h1>Ирина Кольцова → Анна Лебедева</h1>" in page
    assert "Входящий, пятница, 24 апреля 2026, 14:32." in page
    assert "Разговор 3\N{NO-BREAK SPACE}мин\N{NO-BREAK SPACE}24\N{NO-BREAK SPACE}с" in page
    assert "+7\N{NO-BREAK SPACE}900\N{NO-BREAK SPACE}000-00-14" in page
    assert "4\N{NO-BREAK SPACE}КБ, Opus, голоса отдельно" in page
    assert "потеряно 0,3\N{NO-BREAK SPACE}%" in page
    assert re.search(r'data-copy="[0-9a-f]{64}"', page)

    english = site.signed_in("en").get(f"/calls/{call.id}").text
    assert "Incoming, Friday, 24 April 2026, 14:32." in english
    assert "lost 0.3%" in english


def test_neighbours_keep_to_the_filters(site: Site) -> None:
    first = site.add(AT)
    other = site.add(AT + timedelta(minutes=1), direction=Direction.OUTGOING)
    last = site.add(AT + timedelta(minutes=2))
    browser = site.signed_in()
    every = browser.get(f"/calls/{last.id}").text
    assert f'href="/calls/{other.id}" data-neighbour="J"' in every
    assert "1 из 3" in every
    filtered = browser.get(f"/calls/{last.id}?direction=incoming").text
    assert f'href="/calls/{first.id}?direction=incoming" data-neighbour="J"' in filtered
    assert 'data-neighbour="K"' not in filtered
    assert "1 из 2" in filtered
    assert 'href="/calls?direction=incoming" aria-label="К списку"' in filtered


def test_other_calls_of_the_number_are_a_click_away(site: Site) -> None:
    call = site.add(AT)
    same = site.add(AT - timedelta(days=3), agent=("Глеб Орлов", "107"))
    stranger = site.add(AT, client=("", "+442079460123"))
    page = site.signed_in().get(f"/calls/{call.id}").text
    assert "С этим номером" in page
    assert f'href="/calls/{same.id}"' in page
    assert f'class="who" href="/calls/{stranger.id}"' not in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RecordingState.PROCESSING, "Запись обрабатывается"),
        (RecordingState.SILENT, "Слушать нечего"),
        (RecordingState.FAILED, "Сообщите администратору код: codec.unknown."),
    ],
)
def test_without_audio_it_says_why_and_what_to_do(site: Site, state: RecordingState, words: str) -> None:
    call = site.add(AT, state=state)
    page = site.signed_in().get(f"/calls/{call.id}").text
    assert words in page
    assert "<call-player" not in page
    assert ('hx-trigger="every 2s"' in page) is (state is RecordingState.PROCESSING)


def test_what_a_stop_of_the_recorder_cut_off_is_told(site: Site) -> None:
    call = site.add(AT, end_reason=EndReason.INTERRUPTED)
    page = site.signed_in().get(f"/calls/{call.id}").text
    assert "Запись остановилась посреди разговора." in page
    assert "<call-player" in page


def test_what_is_deleted_can_be_restored_and_is_written_down(site: Site) -> None:
    call = site.add(AT)
    browser = site.signed_in()
    address = f"/recordings/{call.recordings[0].id}/delete"
    page = browser.get(f"/calls/{call.id}").text
    assert f'<form method="post" action="{address}">' in page
    assert browser.get(address).status_code == 405

    answer = browser.post(address)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/calls/{call.id}")
    assert "Запись в корзине" in browser.get(f"/calls/{call.id}").text
    assert "в корзине" in browser.get("/calls").text
    assert browser.post(address.replace("delete", "restore")).status_code == 303
    assert "<call-player" in browser.get(f"/calls/{call.id}").text
    with site.archive.store.reading() as tx:
        actions = [event.action for event in tx.audit.newest("default", 10)]
    assert actions[:2] == [AuditAction.RECORDING_RESTORED, AuditAction.RECORDING_BINNED]


@pytest.mark.parametrize("call_id", ["nope", "rows2", new_id(), "%00", "a" * 3000])
def test_an_unknown_call_is_a_page(site: Site, call_id: str) -> None:
    answer = site.signed_in().get(f"/calls/{call_id}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "Здесь ничего нет" in answer.text
    assert 'href="/calls"' in answer.text


def test_a_withheld_number_is_called_so(site: Site) -> None:
    call = site.add(AT, client=("", "anonymous"))
    page = site.signed_in().get(f"/calls/{call.id}").text
    assert "номер скрыт → Анна Лебедева" in page


def test_the_sidebar_tells_how_the_recorder_is(site: Site) -> None:
    site.add(AT)
    browser = site.signed_in()
    assert "Ждём звонков" in browser.get("/recorder").text
    site.status = replace(site.status, recording_calls=3)
    assert "Запись идёт, 3 разговора" in browser.get("/calls").text
    site.status = replace(site.status, recorder_alive=False)
    assert "Запись не работает" in browser.get("/recorder").text
    site.status = replace(site.status, recorder_alive=True, worker_alive=False, failed=2)
    told = browser.get("/recorder").text
    assert "Записи не обрабатываются" in told
    assert "Не обработаны 2 записи" in told


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (CallOutcome.MISSING, "Записи нет"),
        (CallOutcome.MISSED, "Никто не ответил"),
        (CallOutcome.SKIPPED, "Решение: правило 2 «Личные»."),
        (CallOutcome.NOT_KEPT, "Решение: правило 2 «Личные»."),
        (CallOutcome.REFUSED, "Причина: disk full."),
        (CallOutcome.EXPECTED, "Запись ожидается"),
    ],
)
def test_it_says_why_there_is_nothing_to_hear(site: Site, outcome: CallOutcome, said: str) -> None:
    rule = Decision(RuleOutcome.SKIP, "r1", "Личные", 2, 7, "standard", None)
    call = examples.call(recordings=(), outcome=outcome, decision=rule, reason="disk full", started_at=AT)
    register_call(site.archive, call)
    page = site.signed_in().get(f"/calls/{call.id}").text
    assert said in page
    assert ("every 2s" in page) is (outcome is CallOutcome.EXPECTED)
    assert 'href="/rules"' in page
    assert 'href="/rules/history">7</a>' in page


def test_stretches_and_marks_are_shown_where_they_are(site: Site) -> None:
    """A call from the queue, passed on after a question, with a pause whose reason somebody gave."""
    call = site.add(AT, state=RecordingState.PROCESSING)
    people = (*call.participants, Participant("2", Party.CONNECTED, "105", "Глеб <Орлов>", ""))
    segments = (
        Segment(4_000, 100_000, ("0", "1"), "queue"),
        Segment(80_000, 100_000, ("1", "2"), "consultation"),
        Segment(102_000, None, ("0", "2"), "transfer_attended"),
    )
    register_call(site.archive, replace(call, participants=people, segments=segments))
    marks = (
        Mark(20_400, 40_800, MarkKind.PAUSE, "данные <карты>"),
        Mark(51_000, 61_200, MarkKind.HOLD),
        Mark(71_400, 73_000, MarkKind.KEYS, count=4),
    )
    audio = site.folder / "audio.opus"
    audio.write_bytes(b"OggS" * 1000)
    shelved = replace(call.recordings[0], state=RecordingState.READY, marks=marks)
    shelve_recording(site.archive, shelved, audio, b"{}")
    page = site.signed_in("en").get(f"/calls/{call.id}").text
    assert '<rect class="quiet" x="10.000%" width="10.000%"' in page
    assert '<line x1="50.000%"' in page
    assert re.findall(r'<line x1="35.000%"[^>]*/><text[^>]*>keys: 4</text>', page)
    assert re.findall(r'Keys pressed: <a href="#t=71.4">1:11</a> \(4\)', page)
    assert "данные &lt;карты&gt;" in page
    assert re.findall(r"Recording paused, 20.s: ", page)
    assert page.index("from the queue") < page.index("asked a colleague") < page.index("transferred after")
    assert "Глеб &lt;Орлов&gt;" in page
    known = site.signed_in("en").get(f"/calls/{call.id}").text
    assert known.count("hatch-") >= 3
