"""`fonoteka call` as a person or a script runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from tests.caller.scripted_server import Script, ScriptedServer
from tests.caller.test_voices import write_wav

COMMAND = [sys.executable, "-m", "fonoteka", "call", "--srs"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)


def wav(folder: Path, name: str) -> str:
    wave = np.random.default_rng(len(name)).normal(0, 3000, 4800).astype(np.int16)
    return str(write_wav(folder / name, wave, 8000))


def test_a_call_with_files_says_what_the_server_answered(tmp_path: Path) -> None:
    files = ["--audio-calling", wav(tmp_path, "a.wav"), "--audio-called", wav(tmp_path, "bb.wav")]
    with ScriptedServer() as server:
        done = run(server.uri, "--calling", "101", "--called", "+74951234567", *files, "--codec", "pcmu")
    assert done.returncode == 0, done.stderr
    assert "200 OK from scripted/1 over UDP" in done.stdout
    for port in server.media_ports:
        assert f"127.0.0.1:{port}" in done.stdout
    assert "pcmu" in done.stdout
    assert "30 packets" in done.stdout


def test_without_files_it_speaks_a_dialogue() -> None:
    with ScriptedServer() as server:
        done = run(server.uri, "--duration", "0.5", "--json", "--loss", "10%", "--jitter", "30ms")
        invite = server.requests("INVITE")[0].request
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["ok"] is True
    (call,) = report["calls"]
    assert call["answer"] == "200 OK"
    assert [stream["party"] for stream in call["streams"]] == ["calling", "called"]
    assert sum(stream["packets"] + stream["lost"] for stream in call["streams"]) == 50
    assert "Ирина Соколова".encode() in invite.body


def test_many_calls_are_summed_up() -> None:
    with ScriptedServer() as server:
        done = run(server.uri, "--count", "5", "--parallel", "5", "--duration", "0.2", "--transport", "tcp")
        assert len(server.requests("BYE")) == 5
    assert done.returncode == 0, done.stderr
    assert "5 of 5 calls were taken" in done.stdout
    assert "100 packets" in done.stdout


def test_a_refusal_ends_with_status_1_and_advice() -> None:
    with ScriptedServer(Script(invite=503)) as server:
        done = run(server.uri, "--duration", "1")
        many = run(server.uri, "--duration", "1", "--count", "3")
    assert done.returncode == many.returncode == 1
    assert "503 Service Unavailable" in done.stdout
    assert "no capacity" in done.stdout
    assert "3 × 503 Service Unavailable" in many.stdout


def test_nobody_there_ends_with_status_1_and_advice() -> None:
    with ScriptedServer() as server:
        uri = server.uri
    done = run(uri, "--duration", "1")
    asked = run(uri, "--check")
    assert done.returncode == asked.returncode == 1
    assert "Nothing listens there" in done.stdout
    assert "Nothing listens there" in asked.stdout


def test_check_asks_without_a_call() -> None:
    with ScriptedServer() as server:
        done = run(server.uri, "--check")
        assert [got.request.method for got in server.got] == ["OPTIONS"]
    assert done.returncode == 0
    assert "scripted/1" in done.stdout


def test_what_cannot_be_understood_names_the_option() -> None:
    for option, value in (
        ("--loss", "much"),
        ("--loss", "101%"),
        ("--jitter", "30km"),
        ("--duration", "soon"),
        ("--codec", "mp3"),
        ("--dialogue", "poem"),
        ("--audio-calling", "/no/such.wav"),
    ):
        done = run("sip:127.0.0.1:9", option, value)
        assert done.returncode != 0
        assert option.removeprefix("--") in done.stderr.lower(), done.stderr
        assert "Traceback" not in done.stderr


def test_ctrl_c_hangs_up() -> None:
    with ScriptedServer() as server:
        talking = subprocess.Popen(
            [*COMMAND, server.uri, "--duration", "60"], stdout=subprocess.PIPE, text=True
        )
        try:
            server.wait_for("ACK", patience_s=30)
            time.sleep(0.2)
            os.kill(talking.pid, signal.SIGINT)
            said, _ = talking.communicate(timeout=60)
        finally:
            talking.kill()
            talking.wait()
        server.wait_for("BYE")
    assert talking.returncode == 130
    assert "hung up" in said
