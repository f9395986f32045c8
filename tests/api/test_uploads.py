"""POST /calls: uploads through a real server, down to the sealed folder."""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import DEFAULT_TENANT_ID, Party
from fonoteka.domain.ids import is_id
from fonoteka.domain.sealed import MANIFEST_NAME, SealedRecording
from fonoteka.settings import DataFolder
from tests.api.conftest import Site, make_app, make_site, serve
from tests.sound_files import write_wav

CALL = {
    "started_at": "2026-03-02T09:00:00Z",
    "calling": {"number": "101", "name": "Анна Котова"},
    "called": {"number": "+74951234567"},
}
LIMIT = 40_000_000


@pytest.fixture(scope="module")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, DataFolder]]:
    """A site that takes uploads into a spool of its own; no worker takes them away."""
    root = tmp_path_factory.mktemp("uploads")
    site, data = make_site(root), DataFolder(root / "data")
    data.make()
    for url in serve(make_app(site, data=data.root, upload_bytes_max=LIMIT, disk_free_min_bytes=0)):
        site.url = url
        yield site, data
    site.archive.store.close()


@pytest.fixture
def wav(tmp_path: Path) -> bytes:
    """A WAV file that no other test uploads."""
    write_wav(tmp_path / "x.wav", float(300 + int.from_bytes(os.urandom(2))), 900.0)
    return (tmp_path / "x.wav").read_bytes()


@pytest.fixture
def mono(tmp_path: Path) -> bytes:
    write_wav(tmp_path / "m.wav", float(300 + int.from_bytes(os.urandom(2))))
    return (tmp_path / "m.wav").read_bytes()


def upload(
    site: Site, call: Any = CALL, key: str | None = None, **sounds: bytes | tuple[str, bytes]
) -> httpx.Response:
    files: dict[str, Any] = {"call": (None, json.dumps(call), "application/json")}
    files |= {name: one if isinstance(one, tuple) else ("звонок.wav", one) for name, one in sounds.items()}
    with site.client() as client:
        return client.post("/calls", files=files, headers={} if key is None else {"Idempotency-Key": key})


def sealed_of(data: DataFolder, recording_id: str) -> SealedRecording:
    text = (data.spool_sealed / recording_id / MANIFEST_NAME).read_text("utf-8")
    return SealedRecording.from_json(text)


def test_a_call_of_two_channels(uploads: tuple[Site, DataFolder], wav: bytes) -> None:
    site, data = uploads
    answer = upload(site, audio=wav)
    assert answer.status_code == 202, answer.text
    accepted = answer.json()
    assert is_id(accepted["call_id"])
    assert answer.headers["location"] == f"/api/v1/calls/{accepted['call_id']}"
    sealed = sealed_of(data, accepted["recording_id"])
    assert (sealed.source, sealed.tenant_id, sealed.call_id) == (
        "upload",
        DEFAULT_TENANT_ID,
        accepted["call_id"],
    )
    assert [one.name for one in sealed.participants] == ["Анна Котова", ""]
    assert [(one.party, one.channel, one.kind) for one in sealed.streams] == [
        (Party.CALLING, 0, "audio"),
        (Party.CALLED, 1, "audio"),
    ]
    assert sealed.streams[0].label == "звонок.wav"
    stored = data.spool_sealed / accepted["recording_id"] / sealed.streams[0].file
    assert stored.read_bytes() == wav
    with site.archive.store.reading() as tx:
        (event,) = tx.audit.of_subject(DEFAULT_TENANT_ID, accepted["call_id"], 10)
    assert event.action is AuditAction.CALL_UPLOADED
    assert event.actor_name == "tests"


def test_a_file_for_each_party(uploads: tuple[Site, DataFolder], mono: bytes) -> None:
    site, data = uploads
    answer = upload(site, audio_called=mono, audio_calling=("a.WAV", mono + b"\0\0"))
    sealed = sealed_of(data, answer.json()["recording_id"])
    assert [(one.party, one.file) for one in sealed.streams] == [
        (Party.CALLING, "audio_calling.wav"),
        (Party.CALLED, "audio_called.wav"),
    ]


def test_the_same_again_is_the_same_call(uploads: tuple[Site, DataFolder], wav: bytes) -> None:
    site, data = uploads
    first = upload(site, key="pbx7-1", audio=wav)
    before = len(list(data.spool_sealed.iterdir()))
    again = upload(site, key="pbx7-1", audio=wav)
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert len(list(data.spool_sealed.iterdir())) == before
    with site.archive.store.reading() as tx:
        assert len(tx.audit.of_subject(DEFAULT_TENANT_ID, first.json()["call_id"], 10)) == 1


@pytest.mark.parametrize("changed", ["audio", "call"])
def test_a_key_is_not_for_two_calls(
    uploads: tuple[Site, DataFolder], wav: bytes, mono: bytes, changed: str
) -> None:
    site, data = uploads
    upload(site, key=f"once-{changed}", audio=wav)
    before = len(list(data.spool_sealed.iterdir()))
    call = {**CALL, "started_at": "2026-03-02T10:00:00Z"} if changed == "call" else CALL
    answer = upload(site, call, key=f"once-{changed}", audio=mono if changed == "audio" else wav)
    assert (answer.status_code, answer.json()["code"]) == (409, "upload.conflict")
    assert len(list(data.spool_sealed.iterdir())) == before
    assert not list(data.spool_incoming.iterdir())


def test_many_at_once_with_one_key_are_one(uploads: tuple[Site, DataFolder], wav: bytes) -> None:
    site, _ = uploads
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: upload(site, key="at once", audio=wav), range(8)))
    assert {one.status_code for one in answers} == {202}
    assert len({one.content for one in answers}) == 1


def test_without_a_key_each_is_a_call_of_its_own(uploads: tuple[Site, DataFolder], wav: bytes) -> None:
    site, _ = uploads
    assert upload(site, audio=wav).json() != upload(site, audio=wav).json()


@pytest.mark.parametrize(
    ("call", "field"),
    [
        ({}, "call.started_at"),
        ({**CALL, "started_at": "2026-03-02T09:00:00"}, "call.started_at"),
        ({**CALL, "started_at": "1970-01-01T00:00:00Z"}, "call.started_at"),
        ({**CALL, "started_at": "2999-01-01T00:00:00Z"}, "call.started_at"),
        ({**CALL, "extra": 1}, "call.extra"),
        ({**CALL, "calling": {"number": "1" * 200}}, "call.calling.number"),
        ({**CALL, "calling": {"number": "1\n2"}}, "call.calling.number"),
        ({**CALL, "channels": ["calling"]}, "call.channels"),
        ({**CALL, "direction": "sideways"}, "call.direction"),
        ([], "call"),
        ("x" * 70_000, "call"),
    ],
)
def test_bad_descriptions_are_named(
    uploads: tuple[Site, DataFolder], mono: bytes, call: Any, field: str
) -> None:
    site, data = uploads
    answer = upload(site, call, audio=mono)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["field"] == field
    assert problem["errors"][0]["in"] == "body"
    assert not list(data.spool_incoming.iterdir())


def test_bad_sounds_are_named(
    uploads: tuple[Site, DataFolder], tmp_path: Path, wav: bytes, mono: bytes
) -> None:
    site, data = uploads
    write_wav(tmp_path / "3.wav", 1.0, 2.0, 3.0)
    for sounds, field in (
        ({}, "audio"),
        ({"audio": b""}, "audio"),
        ({"audio": b"RIFF" + bytes(100)}, "audio"),
        ({"audio": (tmp_path / "3.wav").read_bytes()}, "audio"),
        ({"audio_calling": wav}, "audio_calling"),
        ({"audio": mono, "audio_called": mono}, "audio"),
        ({"audio": mono, "picture": mono}, "picture"),
    ):
        answer = upload(site, **sounds)
        assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    assert not list(data.spool_incoming.iterdir())


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--y\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="call"\r\n\r\n{}'),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n{}\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 5000 + b"\r\n\r\n--x--\r\n"),
        (f"multipart/form-data; boundary={'x' * 300}", b"--x\r\n"),
    ],
)
def test_bodies_that_are_no_form(uploads: tuple[Site, DataFolder], content_type: str, body: bytes) -> None:
    site, data = uploads
    with site.client() as client:
        answer = client.post("/calls", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "request.invalid"
    assert not list(data.spool_incoming.iterdir())


def test_nobody_uploads_unknown(uploads: tuple[Site, DataFolder], mono: bytes) -> None:
    site, _ = uploads
    with site.bare_client() as client:
        assert client.post("/calls", files={"audio": mono}).status_code == 401


def test_too_large_is_refused_at_once_and_while_it_comes(uploads: tuple[Site, DataFolder]) -> None:
    site, data = uploads

    def endless() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="audio"; filename="x.wav"\r\n\r\n'
        for _ in range(LIMIT // 1_000_000 + 3):
            yield bytes(1_000_000)

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    line = http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=30)
    line.putrequest("POST", "/api/v1/calls")
    told = {**headers, "Authorization": f"Bearer {site.token}", "Content-Length": "999999999999"}
    for name, value in told.items():
        line.putheader(name, value)
    line.endheaders()
    answer = line.getresponse()
    assert (answer.status, json.load(answer)["code"]) == (413, "upload.too_large")
    line.close()
    with site.client() as client:
        came = client.post("/calls", content=endless(), headers=headers)
        assert (came.status_code, came.json()["code"]) == (413, "upload.too_large")
    assert not list(data.spool_incoming.iterdir())


def test_a_client_that_leaves_leaves_nothing(uploads: tuple[Site, DataFolder]) -> None:
    site, data = uploads
    host, _, port = site.url.removeprefix("http://").partition(":")
    before = len(list(data.spool_sealed.iterdir()))
    with socket.create_connection((host, int(port))) as line:
        line.sendall(
            f"POST /api/v1/calls HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {site.token}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9000000\r\n\r\n"
            '--x\r\nContent-Disposition: form-data; name="audio"\r\n\r\n'.encode()
            + bytes(2_000_000)
        )
        _wait_until(lambda: list(data.spool_incoming.iterdir()))
    _wait_until(lambda: not list(data.spool_incoming.iterdir()))
    assert len(list(data.spool_sealed.iterdir())) == before


def _wait_until(what: Any) -> None:
    waiting = threading.Event()
    for _ in range(600):
        if what():
            return
        waiting.wait(0.05)
    raise AssertionError("not within 30 s")
