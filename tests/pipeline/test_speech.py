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

    assert "0 recordings are to be analysed" in service.run("speech", "rerun")
    assert "1 recordings are to be analysed" in service.run("speech", "rerun", "--all")
    again = wait_for(transcript)
    assert again["made_at"] > told["made_at"]
    assert again["utterances"] == told["utterances"]
    assert service.run("speech", "status").strip() == "new: 0; back-log: 0; not yet searchable: 0"
