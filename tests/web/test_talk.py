"""The talk panel of a call page."""

from __future__ import annotations

from dataclasses import replace

from fonoteka.archive import register_call, shelve_recording
from fonoteka.audio.encode import encode_opus
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.transcript import Transcript, Utterance, Word
from fonoteka.speech import Analyst, order_speech
from fonoteka.speech.words import indexed
from tests.speech_room.recordings import talk
from tests.web.site import Site


def with_sound(site: Site) -> Call:
    one = site.add(state=RecordingState.PROCESSING)
    path = site.folder / "talk.opus"
    path.write_bytes(encode_opus(talk(), 8000))
    recording = replace(one.recordings[0], state=RecordingState.READY, duration_ms=6_000)
    shelve_recording(site.archive, recording, path, b"{}")
    order_speech(site.speech, recording.id, recording.tenant_id)
    return one


def test_figures_with_their_definitions_and_moments(site: Site) -> None:
    one = with_sound(site)
    waiting = site.signed_in().get(f"/calls/{one.id}").text
    assert "Разговор изучается" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    while Analyst(site.speech).work(with_backlog=True):
        pass
    russian = site.signed_in().get(f"/calls/{one.id}").text
    for text in ("Долгая тишина", "Перебивания", "Монолог", "Посчитано: talk 1, silero 5", 'href="#t='):
        assert text in russian
    assert "изучается" not in russian
    english = site.signed_in("en").get(f"/calls/{one.id}").text
    assert "All figures, and how they are counted" in english
    # The other side first, as everywhere.
    assert english.index('<rect class="them"') < english.index('<rect class="us"')


def test_a_call_without_an_analysis_says_nothing_of_it(site: Site) -> None:
    one = site.add()
    assert 'id="talk-' not in site.signed_in().get(f"/calls/{one.id}").text


def test_a_failed_analysis_names_its_code(site: Site) -> None:
    one = site.add()
    recording = one.recordings[0]
    order_speech(site.speech, recording.id, recording.tenant_id)
    while Analyst(site.speech).work(with_backlog=True):
        pass
    assert "audio.malformed" in site.signed_in("en").get(f"/calls/{one.id}").text


def test_the_lone_channel_of_a_recording(site: Site) -> None:
    one = site.add(state=RecordingState.PROCESSING)
    register_call(site.archive, one)
    path = site.folder / "talk.opus"
    path.write_bytes(encode_opus(talk()[:1], 8000))
    recording = one.recordings[0]
    told = replace(
        recording,
        state=RecordingState.READY,
        duration_ms=6_000,
        tracks=(replace(recording.tracks[0], party=None),),
    )
    shelve_recording(site.archive, told, path, b"{}")
    order_speech(site.speech, recording.id, recording.tenant_id)
    while Analyst(site.speech).work(with_backlog=True):
        pass
    page = site.signed_in("en").get(f"/calls/{one.id}").text
    assert "One channel: who speaks cannot be told" in page
    assert "Interruptions" not in page


def with_words(site: Site, error_code: str = "") -> Call:
    one = site.add()
    recording = one.recordings[0]
    said = (Utterance(0, (Word("<b>", 1_000, 1_400, 0.3),)), Utterance(1, (Word("да", 2_000, 2_300, 0.9),)))
    told = Transcript(
        *(recording.id, one.id, recording.tenant_id, "ru", "onnx_asr tone", one.started_at),
        utterances=() if error_code else said,
        error_code=error_code,
    )
    with site.archive.store.transaction() as tx:
        tx.transcripts.save(told)
    return one


def test_words_stand_on_the_side_of_their_voice(site: Site) -> None:
    one = with_words(site)
    page = site.signed_in().get(f"/calls/{one.id}").text
    assert 'class="ut them" data-since="1000" data-until="1400"' in page
    assert 'class="ut us" data-since="2000"' in page
    assert '<span class="w unsure" data-t="1000">&lt;b&gt;</span>' in page
    assert "распознано: onnx_asr tone, уверенность 60" in page
    with site.archive.store.reading() as tx:
        assert tx.audit.newest("default", 1)[0].action is AuditAction.TRANSCRIPT_READ


def test_why_there_are_no_words(site: Site) -> None:
    one = with_words(site, "speech.model_invalid")
    assert "Текста нет: модель не загружается" in site.signed_in().get(f"/calls/{one.id}").text


def test_the_language_of_calls_is_chosen_on_a_page(site: Site) -> None:
    visitor = site.signed_in()
    assert "Разговоры не распознаются" in visitor.get("/speech").text
    assert visitor.post("/speech", data={"language-": "en"}).status_code == 303
    assert '<option value="en" selected>' in visitor.get("/speech").text
    refused = visitor.post("/speech", data={"language-": "1"})
    assert refused.status_code == 422
    assert "не код языка" in refused.text


def test_words_are_looked_for_from_the_list(site: Site) -> None:
    one = with_words(site)
    with site.archive.store.transaction() as tx:
        told = tx.transcripts.get("default", one.recordings[0].id)
        assert told is not None
        tx.transcript_search.write(told, indexed(said.text for said in told.utterances))
    visitor = site.signed_in()
    assert 'href="/calls?said=%D0%B4%D0%B0"' in visitor.get("/calls", params={"q": "да"}).text
    page = visitor.get("/calls", params={"said": "да"}).text
    assert "Сказано: да" in page
    assert "<mark>да</mark>" in page
    assert f"/calls/{one.id}?said=%D0%B4%D0%B0#t=1.5" in page
    assert one.id not in visitor.get("/calls", params={"said": "нет"}).text
