"""What the API tells of a recording's talk."""

from __future__ import annotations

from pathlib import Path

import httpx

from fonoteka.audio.encode import encode_opus
from fonoteka.domain.transcript import Transcript, Utterance, Word
from fonoteka.speech import Analyst, order_speech
from fonoteka.speech.words import indexed
from tests.api.calls import NOON, make_call, shelve
from tests.api.conftest import Site
from tests.speech_room.recordings import talk


def test_the_talk_of_a_recording(site: Site, client: httpx.Client, tmp_path: Path) -> None:
    recording = shelve(site.archive, make_call(), encode_opus(talk(), 8000))
    address = f"/recordings/{recording.id}/talk"
    assert client.get(address).json() == {
        "state": "none",
        "analyser": "",
        "analysed_at": None,
        "error_code": "",
        "figures": None,
    }
    order_speech(site.speech, recording.id, recording.tenant_id)
    assert client.get(address).json()["state"] == "waiting"
    while Analyst(site.speech).work(with_backlog=True):
        pass
    told = client.get(address).json()
    assert (told["state"], told["analyser"]) == ("ready", "talk 1, silero 5")
    figures = told["figures"]
    assert figures["recorded_ms"] == 61_000
    assert len(figures["parties"]) == 2
    for party in figures["parties"]:
        assert party["spoken_ms"] == sum(one["until_ms"] - one["since_ms"] for one in party["speech"])
        assert 0 < party["talk_share"] < party["talk_ratio"] < 1
    assert figures["silence_share"] > 0.8
    assert figures["holds"] == []


def test_what_cannot_be_analysed_says_why(site: Site, client: httpx.Client) -> None:
    recording = shelve(site.archive, make_call(), b"no sound")
    order_speech(site.speech, recording.id, recording.tenant_id)
    while Analyst(site.speech).work(with_backlog=True):
        pass
    told = client.get(f"/recordings/{recording.id}/talk").json()
    assert (told["state"], told["error_code"], told["figures"]) == ("failed", "audio.malformed", None)


def test_the_words_of_a_recording(site: Site, client: httpx.Client) -> None:
    recording = shelve(site.archive, make_call(), b"no sound")
    address = f"/recordings/{recording.id}/transcript"
    assert client.get(address).json()["state"] == "none"
    words = (Word("вернуть", 1_000, 1_400, 0.5), Word("деньги", 1_500, 1_900, 1.0))
    with site.archive.store.transaction() as tx:
        tx.transcripts.save(
            Transcript(
                recording.id,
                recording.call_id,
                recording.tenant_id,
                "ru",
                "engine 1",
                NOON,
                (Utterance(1, words),),
            )
        )
    told = client.get(address).json()
    assert (told["state"], told["language"], told["engine"]) == ("ready", "ru", "engine 1")
    assert told["confidence"] == 0.75
    (utterance,) = told["utterances"]
    assert (utterance["channel"], utterance["text"], utterance["until_ms"]) == (1, "вернуть деньги", 1_900)
    assert utterance["words"][0] == {
        "text": "вернуть",
        "since_ms": 1_000,
        "until_ms": 1_400,
        "confidence": 0.5,
    }


def test_languages_are_said_and_checked(client: httpx.Client) -> None:
    assert client.get("/speech").json() == {"engine": "none", "models": {}, "languages": {}}
    saved = client.put("/speech", json={"languages": {"": "ru", "no group": "en"}}).json()
    assert saved["languages"] == {"": "ru"}
    wrong = client.put("/speech", json={"languages": {"": "Russian!"}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "speech.language_invalid")
    assert client.put("/speech", json={"languages": {}}).json()["languages"] == {}


def test_calls_are_found_by_what_was_said(site: Site, client: httpx.Client) -> None:
    recording = shelve(site.archive, make_call(), b"no sound")
    words = (Word("вертолёты", 1_000, 1_400, None),)
    told = Transcript(
        *(recording.id, recording.call_id, recording.tenant_id, "ru", "engine 1", NOON),
        utterances=(Utterance(0, words),),
    )
    with site.archive.store.transaction() as tx:
        tx.transcripts.save(told)
        tx.transcript_search.write(told, indexed(["вертолёты"]))
    found = client.get("/calls", params={"said": "вертолета"}).json()["items"]
    assert [one["id"] for one in found] == [recording.call_id]
    assert client.get("/calls/count", params={"said": "вертолет"}).json()["calls"] == 1
    assert client.get("/calls", params={"said": "самолёт"}).json()["items"] == []
    for text, count in (("вертолётом", 1), ("самолёт", 0)):
        look = client.post("/calls/selection/look", json={"selection": {"query": {"said": text}}}).json()
        assert look["calls"] == count, text
