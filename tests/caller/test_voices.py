"""Sound files, spoken texts and the built-in dialogues."""

from __future__ import annotations

import threading
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fonoteka.caller import (
    DIALOGUES,
    Dialogue,
    Voice,
    codec_named,
    dialogue_audio,
    encode_call,
    read_audio,
    speak,
)
from fonoteka.caller.codecs_out import resample
from fonoteka.caller.source import read_call_audio
from fonoteka.domain.call import direction_of
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import RequestInvalid, SpeechUnavailable
from tests.speech import _engine


def rms(samples: NDArray[np.int16]) -> float:
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))


def write_wav(path: Path, samples: NDArray[np.int16], rate_hz: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.tobytes())
    return path


def test_speech_has_energy_and_no_silence_at_its_ends() -> None:
    samples, rate_hz = speak("Добрый день, номер заказа двадцать один.", "ru")
    assert rate_hz == 22050
    assert 1.5 * rate_hz < len(samples) < 6 * rate_hz
    assert 2000 < rms(samples) < 4000
    for end in (samples[:1100], samples[-1100:]):
        assert np.max(np.abs(end.astype(np.int32))) > 200


def test_russian_and_english_read_the_same_number_differently() -> None:
    russian, _ = speak("2147", "ru")
    english, _ = speak("2147", "en")
    assert rms(english) > 1000
    assert len(russian) != len(english)


def test_voices_differ_and_speed_changes_the_length() -> None:
    low, _ = speak("Здравствуйте, это склад.", "ru", Voice("m3", pitch=30))
    high, _ = speak("Здравствуйте, это склад.", "ru", Voice("f2", pitch=70))
    slow, _ = speak("Здравствуйте, это склад.", "ru", Voice("m3", pitch=30, words_per_minute=90))
    size = min(len(low), len(high))
    assert abs(np.corrcoef(low[:size], high[:size])[0, 1]) < 0.8
    assert len(slow) > 1.3 * len(low)


def test_threads_that_speak_at_once_do_not_mix_their_words() -> None:
    texts = ["Добрый день, компания", "Ваш заказ приедет завтра до полудня, ждите звонка курьера"]
    alone = {text: len(speak(text, "ru")[0]) for text in texts}
    wrong: list[str] = []

    def work() -> None:
        for text in texts * 3:
            if abs(len(speak(text, "ru")[0]) - alone[text]) > 0.05 * alone[text]:
                wrong.append(text)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize(("language", "text"), [("xx-none", "hello"), ("ru", "а" * 20_000)])
def test_what_cannot_be_spoken_is_refused(language: str, text: str) -> None:
    with pytest.raises(SpeechUnavailable):
        speak(text, language)


def test_another_user_of_the_library_does_not_take_the_voice_away() -> None:
    alone = len(speak("Добрый день, склад.", "ru")[0])
    assert len(_engine().speak("Good afternoon.", "en"))
    assert abs(len(speak("Добрый день, склад.", "ru")[0]) - alone) < 0.05 * alone
    assert len(_engine().speak("Good afternoon.", "en"))


def test_nothing_to_say_is_silence() -> None:
    assert len(speak("", "ru")[0]) == 0


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda dialogue: dialogue.name)
def test_a_dialogue_is_two_voices_in_turn(dialogue: Dialogue) -> None:
    audio = dialogue_audio(dialogue)
    calling, called = audio.calling.samples, audio.called.samples
    assert len(calling) == len(called)
    assert audio.calling.sample_rate_hz == audio.called.sample_rate_hz
    assert 15 <= audio.duration_s <= 35.5
    frame = audio.calling.sample_rate_hz // 50
    loud = [
        np.abs(lane[: len(lane) // frame * frame].reshape(-1, frame).astype(np.int32)).max(axis=1) > 500
        for lane in (calling, called)
    ]
    assert min(lane.mean() for lane in loud) > 0.15  # both speak
    assert (loud[0] & loud[1]).mean() < 0.05  # mostly one at a time
    assert abs(dialogue_audio(dialogue).duration_s - audio.duration_s) < 0.5


def test_the_dialogues_are_of_every_kind() -> None:
    assert len(DIALOGUES) == 8
    kinds = {direction_of(one.calling, one.called, 5) for one in DIALOGUES}
    assert kinds == {Direction.INCOMING, Direction.OUTGOING, Direction.INTERNAL}
    assert {one.language for one in DIALOGUES} == {"ru", "en"}
    assert len({one.name for one in DIALOGUES}) == 8
    assert all(one.calling_voice != one.called_voice for one in DIALOGUES)
    assert any((turn.gap_ms or 0) < 0 for one in DIALOGUES for turn in one.turns)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_wav_files_of_any_rate_are_read_whole(tmp_path: Path, rate_hz: int, channels: int) -> None:
    sound = (8000 * np.sin(2 * np.pi * 400 * np.arange(rate_hz) / rate_hz)).astype(np.int16)
    shaped = sound if channels == 1 else np.stack([sound, sound], axis=1)
    read = read_audio(write_wav(tmp_path / "a.wav", shaped, rate_hz), "audio-calling")
    assert read.sample_rate_hz == rate_hz
    assert np.array_equal(read.samples, sound)
    for target_hz in (8000, 16000, 48000):
        converted = resample(read, target_hz)
        assert abs(len(converted) - target_hz) < target_hz // 100
        spectrum = np.abs(np.fft.rfft(converted.astype(np.float64)))
        assert abs(int(np.argmax(spectrum)) * target_hz / len(converted) - 400) < 5


def test_two_channels_become_their_mean(tmp_path: Path) -> None:
    left, right = np.full(800, 1000, np.int16), np.full(800, 3000, np.int16)
    path = write_wav(tmp_path / "a.wav", np.stack([left, right], axis=1), 8000)
    assert np.array_equal(read_audio(path, "audio-calling").samples, np.full(800, 2000, np.int16))


def test_a_party_without_a_file_is_silent(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", np.full(1600, 1000, np.int16), 8000)
    encoded = encode_call(read_call_audio(path, None), codec_named("pcma"))
    assert encoded.called == (b"\xd5" * 160,) * 10
    assert encoded.calling != encoded.called


def test_files_without_sound_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_bytes(b"this is no sound" * 100)
    (tmp_path / "empty.wav").write_bytes(b"")
    write_wav(tmp_path / "none.wav", np.zeros(0, np.int16), 8000)
    for name in ("text.wav", "empty.wav", "none.wav", "missing.wav", "."):
        with pytest.raises(RequestInvalid) as raised:
            read_audio(tmp_path / name, "audio-called")
        assert raised.value.field == "audio-called"
