"""The wheel carries everything: in an empty environment, without Node or a checkout, the demo plays."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from tests.service import free_port

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_pages_and_no_more(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in ("vendor/htmx.min.js", "vendor/wavesurfer.esm.js", "vendor/golos-text.css"):
        assert f"fonoteka/web/static/{wanted}" in names
    assert "fonoteka/store/migrations/env.py" in names
    strangers = [name for name in names if not name.startswith(("fonoteka/", "fonoteka-"))]
    assert strangers == []


def test_the_wheel_runs_alone(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "environment"
    venv.create(home)
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install"]
    # What is never imported need not be compiled.
    quick = ("--no-compile", "--quiet", "--disable-pip-version-check")
    subprocess.run([*pip, *quick, str(wheel)], check=True, capture_output=True)
    # No Node, no checkout: a bare path, a folder elsewhere, nothing of ours in the environment.
    environment = {"PATH": f"{home / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    environment |= {key: value for key, value in os.environ.items() if key in {"TMPDIR"}}
    http, sip = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM, socket.SOCK_STREAM)
    demo = subprocess.Popen(
        [
            home / "bin" / "fonoteka",
            "demo",
            "--json",
            "--calls",
            "1",
            "--data",
            str(tmp_path / "data"),
            "--http-port",
            str(http),
            "--sip-port",
            str(sip),
        ],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert demo.stdout
        line = demo.stdout.readline()
        document = json.loads(line)
        assert len(document["calls"]) == 1
        with urllib.request.urlopen(f"{document['url']}/sign-in", timeout=10) as answer:
            assets = re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css|svg))', answer.read().decode())
        assert any("vendor" in path for path in assets)
        for path in assets:
            with urllib.request.urlopen(document["url"] + path, timeout=10) as answer:
                assert answer.status == 200
        request = urllib.request.Request(
            f"{document['url']}/api/v1/calls/{document['calls'][0]}",
            headers={"Authorization": f"Bearer {document['token']}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert json.load(answer)["recordings"][0]["state"] == "ready"
    finally:
        demo.terminate()
        assert demo.wait(60) == 0
