"""What the API tells of a recording's talk."""

from __future__ import annotations

from pathlib import Path

import httpx

from fonoteka.audio.encode import encode_opus
from fonoteka.speech import Analyst, order_speech
from tests.api.calls import make_call, shelve
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
