"""Listening: from click to sound in a browser, what a page weighs, a hundred listeners on one web process.

A call of an hour is uploaded to a whole service. The browser is Chromium; beside its click stands a bare
request for the same first bytes. Listeners open the call's page, take the waveform and then the sound as it
is heard, as players do; the web process has no more than one core to use, being one process of Python.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
import tempfile
import time
import urllib.request
import wave
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from bench.report import report
from bench.voices import conversation
from tests.service import PASSWORD, Service, wait_for

HOUR_S = 3600
CLICKS = 10
LISTENERS = 100
LISTEN_S = 30.0
PIECE_S = 5.0
RATE_HZ = 8000
_SOUNDS = """() => new Promise((done) => {
  const player = document.querySelector("call-player");
  const began = performance.now();
  const look = () =>
    player.audio.currentTime > 0 ? done(performance.now() - began) : requestAnimationFrame(look);
  player.querySelector("[data-play]").click();
  look();
})"""


def hour_of_voices() -> bytes:
    """A WAV file of two voices who take turns for an hour."""
    channels = np.tile(conversation(HOUR_S // 6, RATE_HZ), (1, 6))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(channels.T.astype("<i2").tobytes())
    return file.getvalue()


def upload(service: Service, sound: bytes) -> tuple[str, str]:
    """Upload it as a call and wait until it can be heard; ids of call and recording."""
    told = json.dumps({"started_at": "2026-03-02T09:00:00Z", "calling": {"number": "+79161234567"}})
    head = "--b\r\nContent-Disposition: form-data; name="
    body = f'{head}"call"\r\n\r\n{told}\r\n{head}"audio"; filename="hour.wav"\r\n\r\n'.encode()
    request = urllib.request.Request(
        f"{service.url}/api/v1/calls",
        body + sound + b"\r\n--b--\r\n",
        {"Authorization": f"Bearer {service.token}", "Content-Type": "multipart/form-data; boundary=b"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        ids = json.load(answer)
    service.calls(1, patience_s=300)
    return ids["call_id"], ids["recording_id"]


def clicks(page: Page, address: str) -> list[float]:
    """Milliseconds from a click to sound, each time on a page that was loaded anew."""
    found = []
    for _ in range(CLICKS):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        found.append(float(page.evaluate(_SOUNDS)))
    return found


def weight(browser: Browser, state: str, address: str) -> float:
    """Kilobytes that a browser with nothing stored fetches for a page, sound and waveform left out."""
    context = browser.new_context(storage_state=state)
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    addresses: dict[str, str] = {}
    sizes: dict[str, float] = {}
    wire.on("Network.requestWillBeSent", lambda e: addresses.update({e["requestId"]: e["request"]["url"]}))
    wire.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    context.close()
    # What belongs to a recording is sound or its picture.
    return sum(size for id_, size in sizes.items() if "/recordings/" not in addresses.get(id_, "")) / 1000


@dataclass
class Listener:
    """One who opens the page and hears the call as it goes on, over one kept connection."""

    service: Service
    call_id: str
    recording_id: str
    place: int
    waits_ms: list[float] = field(default_factory=list)
    failures: int = 0

    async def listen(self, bytes_per_s: float, until: float) -> None:
        host, _, port = self.service.http.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        base = f"/api/v1/recordings/{self.recording_id}"
        await self._get(reader, writer, f"/api/v1/calls/{self.call_id}")
        await self._get(reader, writer, f"{base}/peaks")
        piece, at = int(bytes_per_s * PIECE_S), self.place
        while time.monotonic() < until:
            began = time.monotonic()
            await self._get(reader, writer, f"{base}/audio", f"bytes={at}-{at + piece - 1}")
            self.waits_ms.append((time.monotonic() - began) * 1000)
            at += piece
            await asyncio.sleep(max(0.0, PIECE_S - (time.monotonic() - began)))
        writer.close()

    async def _get(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, byte_range: str = ""
    ) -> None:
        lines = [f"GET {path} HTTP/1.1", f"Host: {self.service.http}"]
        lines += [f"Authorization: Bearer {self.service.token}"]
        lines += [f"Range: {byte_range}"] if byte_range else []
        writer.write("\r\n".join([*lines, "", ""]).encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].split("\r\n")[0])
        await reader.readexactly(length)
        self.failures += int(head.split(" ")[1]) not in (200, 206)


def web_process(service: Service) -> int:
    """The id of the process that serves the pages."""
    leader = service.processes[0].pid
    for one in Path("/proc").glob("[0-9]*"):
        try:
            words = (one / "cmdline").read_bytes().split(b"\0")
            parent = int((one / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        if parent == leader and b"web" in words:
            return int(one.name)
    raise SystemExit("The web process was not found.")


def cpu_s(process: int) -> float:
    """CPU seconds that a process has used."""
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def crowd(service: Service, call_id: str, recording_id: str, size: int) -> list[Listener]:
    """All listeners at once, each somewhere else in the call."""
    listeners = [Listener(service, call_id, recording_id, size * n // LISTENERS) for n in range(LISTENERS)]
    until = time.monotonic() + LISTEN_S
    await asyncio.gather(*(one.listen(size / HOUR_S, until) for one in listeners))
    return listeners


def first_bytes_ms(service: Service, recording_id: str) -> float:
    """A bare request for the first bytes of the sound."""
    began = time.perf_counter()
    status, _, body = service.fetch(f"/recordings/{recording_id}/audio", Range="bytes=0-65535")
    if (status, len(body)) != (206, 65_536):
        raise SystemExit(f"The sound was not served by ranges: {status}, {len(body)} bytes.")
    return (time.perf_counter() - began) * 1000


def measure(service: Service) -> bool:
    """Upload, click, weigh, listen."""
    call_id, recording_id = upload(service, hour_of_voices())
    size = int(service.get(f"/calls/{call_id}")["recordings"][0]["size_bytes"])
    bare_ms = float(np.median([first_bytes_ms(service, recording_id) for _ in range(CLICKS)]))
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{service.url}/sign-in")
        page.fill("[name=login]", "admin")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/calls*")
        state = f"{folder}/state.json"
        page.context.storage_state(path=state)
        clicked = clicks(page, f"{service.url}/calls/{call_id}")
        weights = {
            name: weight(browser, state, f"{service.url}{path}")
            for name, path in (("list", "/calls"), ("call", f"/calls/{call_id}"))
        }
        browser.close()
    process = web_process(service)
    before, began = cpu_s(process), time.monotonic()
    listeners = asyncio.run(crowd(service, call_id, recording_id, size))
    cores = (cpu_s(process) - before) / (time.monotonic() - began)
    waits = [wait for one in listeners for wait in one.waits_ms]
    return report(
        "listening",
        {
            "click_to_sound_ms": float(np.median(clicked)),
            "click_to_sound_p95_ms": float(np.percentile(clicked, 95)),
            "bare_first_bytes_ms": bare_ms,
            "list_page_kb": weights["list"],
            "call_page_kb": weights["call"],
            "listeners": LISTENERS,
            "web_cores": cores,
            "piece_p95_ms": float(np.percentile(waits, 95)),
            "piece_slowest_ms": max(waits),
            "failures": sum(one.failures for one in listeners),
        },
        {
            "click_to_sound_ms": ("<=", 300),
            "list_page_kb": ("<=", 200),
            "call_page_kb": ("<=", 200),
            "web_cores": ("<=", 1),
            "piece_slowest_ms": ("<=", PIECE_S * 1000),
            "failures": ("==", 0),
        },
        {
            "click_to_sound_ms": f"a call of an hour, {CLICKS} clicks in Chromium",
            "bare_first_bytes_ms": "64 kB by range, without a browser",
            "call_page_kb": "all that an empty browser fetches but sound and waveform",
            "web_cores": f"used by the web process while all listen for {LISTEN_S:.0f} s",
            "piece_p95_ms": f"{PIECE_S:.0f} s of sound; later than that would be a gap",
        },
    )


def main() -> int:
    """Start a service, measure, print."""
    with tempfile.TemporaryDirectory(prefix="fonoteka-bench-") as folder:
        service = Service(Path(folder) / "data")
        try:
            service.up()
            wait_for(service.is_up)
            return 0 if measure(service) else 1
        finally:
            service.down()


if __name__ == "__main__":
    sys.exit(main())
