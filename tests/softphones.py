"""Real phones (baresip) that a test tells what to do, each with a tone of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import wave
from pathlib import Path

import numpy as np

from tests.pbx import OUTSIDE, Pbx
from tests.service import HOST, free_port, wait_for

RATE_HZ = 8000


class Phone:
    """A softphone (baresip) that says a tone of its own, answers by itself, and does what it is told."""

    def __init__(
        self,
        folder: Path,
        number: str,
        tone_hz: int,
        pbx: Pbx,
        *,
        outside: bool = False,
        answers: bool = True,
    ) -> None:
        self.number, self.tone_hz = number, tone_hz
        self._pbx = pbx
        self._host = OUTSIDE if outside else HOST
        self._folder = folder / f"phone-{number}"
        self._folder.mkdir(parents=True)
        write_tone(self._folder / "tone.wav", tone_hz, 60)
        registers = "regint=0" if outside else f"regint=600;auth_user={number};auth_pass=secret{number}"
        address = f"{number}@{pbx.sip_address}"
        mode = "auto" if answers else "manual"
        options = f"{registers};answermode={mode};audio_codecs=pcma;ptime=20"
        (self._folder / "accounts").write_text(f"<sip:{address};transport=udp>;{options}\n")
        (self._folder / "contacts").write_text("")
        self._connection = self._start(outside) or self._start(outside) or self._start(outside)
        assert self._connection, f"the phone does not start: {self.log[-2000:]}"

    def _start(self, outside: bool) -> socket.socket | None:
        """Start it on free ports; None when another program was quicker to take one of them."""
        self._control_port = free_port(socket.SOCK_STREAM)
        both = (socket.SOCK_DGRAM, socket.SOCK_STREAM)
        (self._folder / "config").write_text(
            self._config(self._pbx.provider_port if outside else free_port(*both))
        )
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                ["baresip", "-f", str(self._folder)], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        try:
            connection: socket.socket = wait_for(self._connect, 10)
            if not outside:
                wait_for(lambda: "200 OK" in self.log, 10)
        except AssertionError:
            self._process.kill()
            self._process.wait()
            return None
        return connection

    @property
    def log(self) -> str:
        """What it has said so far."""
        return (self._folder / "log").read_text("utf-8", "replace")

    def dial(self, number: str) -> None:
        """Call a number at the PBX."""
        self.say("dial", f"sip:{number}@{self._pbx.sip_address}")

    def hang_up(self) -> None:
        """End the current call."""
        self.say("hangup")

    def transfer(self, target: str) -> None:
        """Refer the other party of the current call to a number or an address."""
        self.say("transfer", target if ":" in target else f"sip:{target}@{self._pbx.sip_address}")

    def say(self, command: str, argument: str = "") -> None:
        """A command of baresip's menu."""
        text = json.dumps({"command": command, "params": argument, "token": command}).encode()
        self._connection.sendall(b"%d:%s," % (len(text), text))

    def close(self) -> None:
        """End it, by its process id."""
        self._connection.close()
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _connect(self) -> socket.socket | None:
        try:
            return socket.create_connection((HOST, self._control_port), 2)
        except OSError:
            return None

    def _config(self, sip_port: int) -> str:
        tone = self._folder / "tone.wav"
        modules = ["account", "contact", "menu", "ctrl_tcp", "g711", "aufile", "aubridge"]
        lines = [
            f"sip_listen {self._host}:{sip_port}",
            f"ctrl_tcp_listen {HOST}:{self._control_port}",
            f"audio_source aufile,{tone}",
            "audio_player aubridge,nobody",
            f"ausrc_srate {RATE_HZ}",
            f"auplay_srate {RATE_HZ}",
            "ausrc_channels 1",
            "auplay_channels 1",
            "audio_alert aubridge,nobody",
            "call_max_calls 4",
            "module_path " + next(str(one) for one in Path("/usr/lib").glob("**/baresip/modules")),
            *(
                f"module{'_app' if one in ('account', 'contact', 'menu', 'ctrl_tcp') else ''} {one}.so"
                for one in modules
            ),
        ]
        return "\n".join(lines) + "\n"


def write_tone(path: Path, tone_hz: int, seconds: float) -> None:
    """A sine at a quarter of full scale, 8 kHz, one channel."""
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((8000 * np.sin(2 * np.pi * tone_hz * at)).astype("<i2").tobytes())


def loudest_hz(samples: np.ndarray) -> int:
    """The frequency that stands out, rounded to 10 Hz; 0 for (near) silence."""
    if len(samples) < RATE_HZ // 4 or np.abs(samples.astype(int)).max() < 1000:
        return 0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return round(float(np.argmax(spectrum)) * RATE_HZ / len(samples) / 10) * 10


def pause(seconds: float) -> None:
    """Let the parties talk."""
    time.sleep(seconds)
