"""A real SIPREC call, spoken in tones, through recorder, worker and model; and the back archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.e2e.placing import place
from tests.service import Service, wait_for
from tests.sounds import write_wav
from tests.tone_model import tone_talk, write_tone_model


def test_what_is_said_in_a_siprec_call_can_be_read(service: Service, tmp_path: Path) -> None:
    service.settings["FONOTEKA_SPEECH_VOICE_DETECTOR"] = "energy"
    write_tone_model(service.data / "models" / "tone")
    used = service.run("speech", "models", "use", "tone", "--kind", "t-one-ctc", "--language", "ru")
    assert "tone is used for ru" in used
    service.up()
    given = {"name": "Возврат", "phrases": "верните [1] денег @first:30", "alerts": True}
    topic = service.send("POST", "/topics", given)
    talk = tone_talk((0, "хочу вернуть деньги"), (1, "мы вернём"), gap_s=0.6)
    files = [write_wav(tmp_path / f"{n}.wav", np.atleast_2d(channel), 8000) for n, channel in enumerate(talk)]
    call = place(service, "Тон", *files)
    address = f"/recordings/{call['recordings'][0]['id']}"

    def transcript() -> dict[str, Any] | None:
        told: dict[str, Any] = service.get(f"{address}/transcript")
        return told if told["state"] == "ready" else None

    told = wait_for(transcript)
    assert [(one["channel"], one["text"]) for one in told["utterances"]] == [
        (0, "хочу вернуть деньги"),
        (1, "мы вернём"),
    ]
    assert told["language"] == "ru"
    assert told["engine"].startswith("onnx_asr tone ")
    assert told["confidence"] > 0.5
    word = told["utterances"][0]["words"][1]
    assert word["text"] == "вернуть"
    assert 600 + 5 * 90 - 250 <= word["since_ms"] <= 600 + 5 * 90 + 400
    assert word["until_ms"] - word["since_ms"] > 400
    figures = service.get(f"{address}/talk")["figures"]
    assert [one["spoken_ms"] > 600 for one in figures["parties"]] == [True, True]

    _a_topic_is_heard(service, call, topic)

    assert "0 recordings are to be analysed" in service.run("speech", "rerun")
    assert "1 recordings are to be analysed" in service.run("speech", "rerun", "--all")
    again = wait_for(transcript)
    assert again["made_at"] > told["made_at"]
    assert again["utterances"] == told["utterances"]
    assert service.run("speech", "status").strip() == "new: 0; back-log: 0; not yet searchable: 0"


def _a_topic_is_heard(service: Service, call: dict[str, Any], topic: dict[str, Any]) -> None:
    """The call is found by it, people are told, a scorecard is filled; the archive follows a change."""

    def places() -> list[tuple[str, int, str]]:
        found = service.get(f"/calls/{call['id']}/topics")["items"]
        return [(one["topic"], one["channel"], one["words"]) for one in found]

    assert places() == [("Возврат", 0, "вернуть деньги")]
    assert [one["id"] for one in service.get(f"/calls?topic={topic['id']}")["items"]] == [call["id"]]

    def told() -> list[dict[str, Any]]:
        alerts = service.get("/alerts")["items"]
        return [one for one in alerts if one["condition"] == "topic.heard"]

    [alert] = wait_for(told)
    assert alert["facts"]["call_id"] == call["id"]
    assert alert["cleared_at"] is not None

    service.send("POST", "/extensions", {"number": "109"})
    rule = {"topic_id": topic["id"], "within_s": 30}
    content = {
        "name": "F",
        "sections": [{"title": "", "questions": [{"id": "q", "text": "Q", "rule": rule}]}],
    }
    form = service.send("POST", "/scorecards", content)
    service.send("POST", f"/scorecards/{form['form_id']}/activate", {"version": 1, "edits": 1})
    begun = service.send("POST", f"/calls/{call['id']}/evaluations", {"form_id": form["form_id"]})
    [answer] = begun["answers"]
    assert (answer["value"], answer["machine"]["value"]) == (1, 1)
    assert 0.5 < answer["machine"]["figure"] < 5

    changed = {**{key: topic[key] for key in ("name", "alerts", "edits")}, "phrases": "вернём"}
    service.send("PUT", f"/topics/{topic['id']}", changed)
    assert wait_for(lambda: [one for one in places() if one[2] == "вернём"]) == [("Возврат", 1, "вернём")]
    assert service.run("topics", "status") == "to read: 0\n"
    assert len(told()) == 1  # an old call is no news
