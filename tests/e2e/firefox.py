"""A Firefox as Debian has it, led over WebDriver BiDi (W3C), which it speaks by itself.

Playwright leads only a Firefox of its own making, which no package registry has. What one walk
needs is little: go to an address, ask the page, press and click as a person does.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

from tests.service import wait_for

PATIENCE_S = 30.0
_LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
_KEYS = {"ArrowRight": "\ue014", "ArrowLeft": "\ue012", "Space": " "}
_GIVEN_UP = f"status={0x804B0002}"  # NS_BINDING_ABORTED
_PREFERENCES = {
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
}


class Firefox:
    """One tab. What the page complains of is in `troubles`."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self.troubles: list[str] = []
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=["log.entryAdded"])
        self._tab = self.send("browsingContext.getTree")["contexts"][0]["context"]
        viewport = {"width": 1440, "height": 900}
        self.send("browsingContext.setViewport", context=self._tab, viewport=viewport)

    def send(self, method: str, **parameters: Any) -> Any:
        """Send a command and return its result; events that come meanwhile are noted."""
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            told = json.loads(self._connection.recv(timeout=PATIENCE_S))
            if told.get("method") == "log.entryAdded":
                self._note(told["params"])
            if told.get("id") == number:
                assert told["type"] == "success", told
                return told["result"]

    def _note(self, entry: dict[str, Any]) -> None:
        # It gives up some fonts that are preloaded and needed at the same time, and loads them once.
        if entry["level"] in ("error", "warn") and _GIVEN_UP not in entry["text"]:
            self.troubles.append(entry["text"])

    def take_cookies(self, cookies: list[dict[str, Any]], url: str) -> None:
        """The cookies of somebody who signed in with another browser."""
        for one in cookies:
            value = {"type": "string", "value": one["value"]}
            self.send(
                "storage.setCookie",
                cookie={"name": one["name"], "value": value, "domain": urlsplit(url).hostname, "path": "/"},
            )

    def before_each_page(self, script: str) -> None:
        """Run a script in every page before its own."""
        self.send("script.addPreloadScript", functionDeclaration=f"() => {{ {script} }}")

    def go(self, url: str) -> None:
        """Open an address and wait until the page has loaded."""
        self.send("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def ask(self, expression: str) -> Any:
        """What an expression of JavaScript is in the page, promises kept, as JSON can say it."""
        result = self.send(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self._tab},
            awaitPromise=True,
        )
        assert result["type"] == "success", result["exceptionDetails"]["text"]
        return json.loads(result["result"].get("value", "null"))

    def wait_until(self, expression: str) -> None:
        """Wait until the expression is true in the page."""
        wait_for(partial(self.ask, f"Boolean({expression})"), PATIENCE_S, 0.1)

    def click(self, selector: str, across: float = 0.5) -> None:
        """Click an element with the mouse, that share of its width from the left."""
        x, y = self.ask(
            f"""(() => {{
              const one = document.querySelector({json.dumps(selector)});
              one.scrollIntoView({{ block: "center" }});
              const box = one.getBoundingClientRect();
              return [Math.round(box.x + box.width * {across}), Math.round(box.y + box.height / 2)];
            }})()"""
        )
        steps: list[dict[str, Any]] = [
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._act({"type": "pointer", "id": "mouse", "actions": steps})

    def press(self, key: str) -> None:
        """Press a key, named as `event.code` or by its sign."""
        value = _KEYS.get(key, key)
        steps = [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self._act({"type": "key", "id": "keys", "actions": steps})

    def _act(self, source: dict[str, Any]) -> None:
        self.send("input.performActions", context=self._tab, actions=[source])


@contextmanager
def open_firefox(profile: Path) -> Iterator[Firefox]:
    """Start a Firefox with a new profile in that folder and a sound card that nobody hears, and end both.

    Without a sound card Firefox lets no time pass in an `AudioContext`.
    """
    profile.mkdir()
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _PREFERENCES.items())
    (profile / "user.js").write_text("".join(lines))
    # The path of a socket has little room: not in the test's own folder.
    with tempfile.TemporaryDirectory() as sounds:
        socket = Path(sounds, "s")
        native = f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1"
        options = ("-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disallow-exit")
        home = {**os.environ, "HOME": sounds, "XDG_RUNTIME_DIR": sounds}
        card = ("pulseaudio", *options, "--load=module-null-sink", native)
        with _running(card, Path(sounds, "log"), home) as sound_card:
            _wait(socket.exists, sound_card)
            command = ("firefox-esr", "--headless", "--no-remote", "--profile", str(profile))
            log = profile / "log"
            environment = {**os.environ, "PULSE_SERVER": f"unix:{socket}"}
            with _running((*command, "--remote-debugging-port=0"), log, environment) as process:
                address = _wait(lambda: _LISTENS.search(log.read_text(errors="replace")), process)[1]
                with connect(f"{address}/session", max_size=None, proxy=None) as connection:
                    yield Firefox(connection)


@contextmanager
def _running(
    command: Sequence[str], log: Path, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _wait(what: Callable[[], Any], process: subprocess.Popen[bytes]) -> Any:
    def told() -> Any:
        assert process.poll() is None, f"{process.args!r} ended"
        return what()

    return wait_for(told, PATIENCE_S, 0.1)
