"""`fonoteka speech models`, against a hub on loopback: pulled, cut off, spoilt, verified, used."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fonoteka.cli.main import build_app
from fonoteka.domain.errors import FonotekaError, ModelInvalid, ModelMissing
from fonoteka.speech.model_hub import pull_model
from fonoteka.speech.models import models_in_use, read_model, verify_model
from tests.tone_model import write_tone_model


class Hub(ThreadingHTTPServer):
    """T-one's repository with other files; `cut_after` breaks off the first fetch of a large one."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.named = dict(files)
        self.cut_after: int | None = None
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def listing(self) -> bytes:
        entries: list[dict[str, object]] = [{"type": "directory", "path": "docs"}]
        for path, data in self.named.items():
            git = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            one: dict[str, object] = {"type": "file", "path": path, "size": len(data), "oid": git}
            if path.endswith(".onnx"):
                one["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data)}
            entries.append(one)
        return json.dumps(entries).encode()


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        hub, span = self.server, self.headers.get("Range", "")
        hub.asked.append((self.path, span))
        if "/tree/main" in self.path:
            return self.answer(200, hub.listing())
        data = hub.files[self.path.partition("/resolve/main/")[2]]
        since = int(span.removeprefix("bytes=").rstrip("-") or 0)
        return self.answer(206 if span else 200, data[since:])

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut, self.server.cut_after = self.server.cut_after, self.server.cut_after and None
        if cut is not None and status == 200 and len(body) > cut and not body.startswith(b"["):
            self.wfile.write(body[:cut])
            self.close_connection = True
        else:
            self.server.cut_after = cut if body.startswith(b"[") else None
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    made = write_tone_model(tmp_path / "made")
    files = {path.name: path.read_bytes() for path in made.iterdir()}
    server = Hub({**files, "README.md": b"readme"})
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def run(data: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(build_app("speech"), ["speech", "models", *arguments, "--data", str(data)])
    if isinstance(done.exception, FonotekaError):
        return 1, str(done.exception)
    return done.exit_code, done.output


def test_a_model_is_pulled_verified_and_used(hub: Hub, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert "t-one: can be pulled, 144 MB, ru, Apache-2.0" in run(data, "list")[1]
    status, told = run(data, "pull", "t-one", "--hub", hub.url)
    assert status == 0, told
    assert not (data / "models" / "t-one" / "README.md").exists()
    fetched = len(hub.asked)
    assert run(data, "pull", "t-one", "--hub", hub.url)[0] == 0
    assert len(hub.asked) == fetched + 1  # the list alone
    assert run(data, "verify", "t-one") == (0, "t-one is whole\n")
    assert "t-one is used for ru" in run(data, "use", "t-one")[1]
    assert "t-one: here, t-one-ctc, used for ru" in run(data, "list")[1]
    weights = data / "models" / "t-one" / "model.onnx"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    (data / "models" / "t-one" / "config.json").unlink()
    status, told = run(data, "verify", "t-one")
    assert status == 1
    assert set(told.split("\n")) >= {"model.onnx: differs", "config.json: missing"}


def test_what_was_cut_off_goes_on(hub: Hub, tmp_path: Path) -> None:
    hub.files.pop("config.json")
    hub.named.pop("config.json")
    hub.cut_after = 20_000
    progress: list[tuple[int, int]] = []
    with pytest.raises(ModelInvalid, match="cut off"):
        pull_model(tmp_path, "t-one", hub.url)
    part = tmp_path / "t-one" / "model.onnx.part"
    have = part.stat().st_size
    assert 0 < have <= 20_000
    pull_model(tmp_path, "t-one", hub.url, lambda done, total: progress.append((done, total)))
    assert hub.asked[-1][1] == f"bytes={have}-"
    assert progress[-1] == (len(hub.files["model.onnx"]),) * 2
    assert verify_model(read_model(tmp_path, "t-one")) == ()


def test_a_file_that_is_another_is_not_taken(hub: Hub, tmp_path: Path) -> None:
    data = hub.files["model.onnx"]
    hub.files["model.onnx"] = data[:-1] + b"x"
    with pytest.raises(ModelInvalid, match="checksum"):
        pull_model(tmp_path, "t-one", hub.url)
    assert not (tmp_path / "t-one" / "model.onnx").exists()
    with pytest.raises(ModelInvalid, match="does not say what it is"):
        read_model(tmp_path, "t-one")
    hub.files["model.onnx"] = data
    pull_model(tmp_path, "t-one", hub.url)


def test_names_paths_and_hubs_that_are_none(hub: Hub, tmp_path: Path) -> None:
    for name in ("gone", "../escape", ""):
        with pytest.raises(ModelMissing):
            pull_model(tmp_path, name, hub.url)
        with pytest.raises(ModelMissing):
            read_model(tmp_path, name)
    hub.named["../model.onnx"] = b"x"
    with pytest.raises(ModelInvalid, match="list of files"):
        pull_model(tmp_path, "t-one", hub.url)
    hub.named.pop("../model.onnx")
    hub.named.pop("model.onnx")
    with pytest.raises(ModelInvalid, match="has no model"):
        pull_model(tmp_path, "t-one", hub.url)
    for address in ("file:///etc", "http://127.0.0.1:1"):
        with pytest.raises(ModelInvalid):
            pull_model(tmp_path, "t-one", address)


def test_a_folder_of_ones_own(tmp_path: Path) -> None:
    models = tmp_path / "models"
    write_tone_model(models / "tone")
    assert "name its --kind" in run(tmp_path, "use", "tone")[1]
    assert "is no kind of model" in run(tmp_path, "use", "tone", "--kind", "magic")[1]
    assert "cannot be loaded" in run(tmp_path, "use", "tone", "--kind", "gigaam-v3-ctc")[1]
    assert models_in_use(models) == {}
    assert run(tmp_path, "use", "tone", "--kind", "t-one-ctc")[0] == 0
    assert run(tmp_path, "use", "tone", "--language", "kk")[0] == 0
    assert models_in_use(models) == {"*": "tone", "kk": "tone"}
