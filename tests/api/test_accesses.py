"""Real audio in each format, and what is written down about who heard it."""

from __future__ import annotations

import io
import wave

import httpx
import numpy as np
import pytest

from fonoteka.audio.encode import encode_opus
from fonoteka.domain.audit import AuditEvent
from fonoteka.domain.call import DEFAULT_TENANT_ID
from tests.api.calls import make_call, shelve
from tests.api.conftest import Site

RATE_HZ = 8000


@pytest.fixture
def tone(site: Site) -> str:
    """The id of a recording of one second: 440 Hz from the calling party, 880 Hz from the called one."""
    times = np.arange(RATE_HZ) / RATE_HZ
    parties = [np.sin(2 * np.pi * pitch_hz * times) * 9000 for pitch_hz in (440, 880)]
    return shelve(site.archive, make_call(), encode_opus(np.array(parties).astype(np.int16), RATE_HZ)).id


def events(site: Site, recording_id: str) -> list[tuple[str, str, str, str]]:
    """What the audit log holds about the recording, oldest first."""
    with site.archive.store.reading() as tx:
        found: tuple[AuditEvent, ...] = tx.audit.of_subject(DEFAULT_TENANT_ID, recording_id, 100)
    return [
        (event.action.value, event.actor_name, event.detail, event.remote_address)
        for event in reversed(found)
    ]


def test_wav_keeps_the_parties_apart(client: httpx.Client, tone: str) -> None:
    answer = client.get(f"/recordings/{tone}/audio", params={"format": "wav"})
    assert answer.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(answer.content)) as file:
        assert file.getnchannels() == 2
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
        pitches = np.abs(np.fft.rfft(samples, axis=0)).argmax(axis=0) * file.getframerate() / len(samples)
    assert pitches == pytest.approx([440, 880], abs=2)
    part = client.get(
        f"/recordings/{tone}/audio", params={"format": "wav"}, headers={"Range": "bytes=100-199"}
    )
    assert (part.status_code, part.content) == (206, answer.content[100:200])


def test_mp3(client: httpx.Client, tone: str) -> None:
    answer = client.get(f"/recordings/{tone}/audio", params={"format": "mp3", "download": "true"})
    assert answer.headers["content-type"] == "audio/mpeg"
    assert ".mp3" in answer.headers["content-disposition"]
    assert answer.content[:3] == b"ID3" or answer.content[0] == 0xFF


def test_formats_have_tags_of_their_own(client: httpx.Client, tone: str) -> None:
    tags = {
        client.head(f"/recordings/{tone}/audio?format={name}").headers["etag"]
        for name in ("opus", "mp3", "wav")
    }
    assert len(tags) == 3


def test_a_playback_in_parts_is_one_access(site: Site, client: httpx.Client, tone: str) -> None:
    for header in ("bytes=0-", "bytes=100-299", "bytes=-50"):
        assert client.get(f"/recordings/{tone}/audio", headers={"Range": header}).status_code == 206
    assert events(site, tone) == [("recording.listened", "tests", "format=opus", "127.0.0.1")]


def test_a_part_from_the_middle_is_an_access_too(site: Site, client: httpx.Client, tone: str) -> None:
    client.get(f"/recordings/{tone}/audio", headers={"Range": "bytes=-50"})
    assert [event[0] for event in events(site, tone)] == ["recording.listened"]


def test_a_download_and_a_deletion_are_written_down(site: Site, client: httpx.Client, tone: str) -> None:
    client.get(f"/recordings/{tone}/audio", params={"download": 1, "format": "mp3"})
    client.delete(f"/recordings/{tone}")
    client.delete(f"/recordings/{tone}")
    assert [event[:3] for event in events(site, tone)] == [
        ("recording.downloaded", "tests", "format=mp3"),
        ("recording.binned", "tests", ""),
    ]


def test_looking_is_no_access(site: Site, client: httpx.Client, tone: str) -> None:
    for path in ("", "/peaks"):
        assert client.get(f"/recordings/{tone}{path}").status_code == 200
    assert client.get(f"/recordings/{tone}/audio", headers={"Range": "bytes=999999999-"}).status_code == 416
    assert events(site, tone) == []
