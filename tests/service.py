"""A real Fonoteka for tests: `fonoteka serve` in processes of its own, on free ports, in its own folder."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fonoteka import wiring
from fonoteka.accounts import create_token
from fonoteka.cli.token import COMMAND_LINE
from fonoteka.domain.access import Role
from fonoteka.settings import load_settings

HOST = "127.0.0.1"
PASSWORD = "a pass phrase for tests"


def free_port(*kinds: socket.SocketKind) -> int:
    """A port that is free for every kind of socket now.

    Below those that the system gives out by itself, and from a stretch of this test process's own: nobody
    else is likely to take it before it is used.
    """
    for _ in range(_PORTS_EACH):
        port = next(_ports)
        with contextlib.suppress(OSError), contextlib.ExitStack() as open_sockets:
            for kind in kinds:
                open_sockets.enter_context(socket.socket(socket.AF_INET, kind)).bind((HOST, port))
            return port
    raise RuntimeError("no free port")


def _own_ports() -> Iterator[int]:
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 10_000 + number % 8 * _PORTS_EACH
    last_given = random.randrange(_PORTS_EACH)
    while True:
        last_given = (last_given + 1) % _PORTS_EACH
        yield first + last_given


_PORTS_EACH = 1_250
_ports = _own_ports()


def wait_for(what: Callable[[], Any], patience_s: float = 60.0, poll_s: float = 0.05) -> Any:
    """Ask until the answer is true and return it; fail naming the question otherwise."""
    give_up_at = time.monotonic() + patience_s
    while time.monotonic() < give_up_at:
        answer = what()
        if answer:
            return answer
        time.sleep(poll_s)
    raise AssertionError(f"not within {patience_s} s: {what}")


@dataclass
class Service:
    """Where the service is and how to ask it; `settings` are further ones, as environment variables."""

    data: Path
    http: str = field(default_factory=lambda: f"{HOST}:{free_port(socket.SOCK_STREAM)}")
    sip: str = field(default_factory=lambda: f"{HOST}:{free_port(socket.SOCK_DGRAM, socket.SOCK_STREAM)}")
    token: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.http}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "FONOTEKA_DATA": str(self.data),
            "FONOTEKA_HTTP": self.http,
            "FONOTEKA_SIP": self.sip,
            "FONOTEKA_ADMIN_PASSWORD": PASSWORD,
            **self.settings,
        }

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start `python -m COMMAND` with this service's settings."""
        log = (self.data.parent / f"{command[0]}-{len(self.processes)}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            env=self.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.processes.append(process)
        return process

    def up(self) -> None:
        """Start the whole service and wait until it answers."""
        self.start("fonoteka", "serve")
        try:
            wait_for(self.is_up, 90.0)
        except AssertionError:
            self.down()  # a fixture that fails here never comes to its end
            raise
        self.token = self.new_token()

    def new_token(self) -> str:
        """What `fonoteka token create` prints, without a process that has to start first."""
        with patch.dict(os.environ, self.environment):
            rooms = wiring.open_rooms(load_settings())
        try:
            return create_token(rooms.accounts, "tests", COMMAND_LINE, role=Role.ADMINISTRATOR)
        finally:
            rooms.close()

    def is_up(self) -> bool:
        try:
            return bool(self.get("/health")["status"] == "ok")
        except (OSError, ValueError):
            return False

    def run(self, *arguments: str, ok: bool | None = True) -> str:
        """Run a `fonoteka` command to its end, well or not (None: either), and return what it printed."""
        done = self._ran(arguments)
        told = f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert ok is None or (done.returncode == 0) is ok, told
        return done.stdout

    def refused(self, *arguments: str) -> str:
        """Run a `fonoteka` command that fails and return what it said about that."""
        done = self._ran(arguments)
        assert done.returncode != 0, f"{arguments}\n{done.stdout}"
        return done.stderr

    def _ran(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "fonoteka", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    def fetch(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """GET under /api/v1: status, headers in lower case, body."""
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        request = urllib.request.Request(f"{self.url}/api/v1{path}", headers={**bearer, **headers})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, {k.lower(): v for k, v in answer.headers.items()}, answer.read()

    def get(self, path: str) -> Any:
        """GET a JSON document; any status but 200 is an error."""
        status, _, body = self.fetch(path)
        if status != 200:
            raise ValueError(f"{path}: {status} {body[:300]!r}")
        return json.loads(body)

    def send(self, method: str, path: str, body: Any) -> Any:
        """Send a JSON document under /api/v1 and return the answer's; any status but 2xx is an error."""
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def calls(self, count: int, patience_s: float = 40.0) -> list[dict[str, Any]]:
        """The calls, as soon as `count` of them have been processed; never more than that."""

        def processed() -> list[dict[str, Any]]:
            items: list[dict[str, Any]] = self.get("/calls?limit=200")["items"]
            states = [recording["state"] for one in items for recording in one["recordings"]]
            return items if len(items) >= count and "processing" not in states else []

        found: list[dict[str, Any]] = wait_for(processed, patience_s)
        assert len(found) == count
        return found

    def down(self) -> None:
        """End what was started, cleanly where it lets itself be ended."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(45)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def children(self, needle: str) -> list[int]:
        """Process ids below this service's processes whose command line holds `needle`."""
        return [
            pid for pid in _descendants([one.pid for one in self.processes]) if needle in _command_line(pid)
        ]


def _descendants(roots: list[int]) -> Iterator[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            if entry.name.isdecimal():
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(entry.name))
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting.extend(parents.get(pid, []))


def _command_line(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""
