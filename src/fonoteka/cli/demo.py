"""`fonoteka demo`: the whole service with real calls in it, in one command."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from fonoteka import wiring
from fonoteka.accounts import create_sign_in_link, create_token, ensure_first_administrator
from fonoteka.caller import DIALOGUES, WEEKS, CallOptions, CallReport, place_calls
from fonoteka.cli.addresses import free_port
from fonoteka.cli.demo_past import bring_past, make_people
from fonoteka.cli.options import DataOption, settings_of
from fonoteka.cli.serve import page_address
from fonoteka.cli.token import COMMAND_LINE
from fonoteka.domain.errors import DemoFailed
from fonoteka.policy import directory
from fonoteka.settings import Settings

HOST = "127.0.0.1"
START_PATIENCE_S, PLAYABLE_PATIENCE_S, POLL_S = 60.0, 60.0, 0.2
PLACED_MAX = 8
"""So many calls are placed now, at once, with real SIP and RTP."""


@dataclass(frozen=True, slots=True)
class Running:
    """A service that answers: where, and with what token."""

    settings: Settings
    token: str
    service: subprocess.Popen[bytes]

    def ask(self, path: str) -> Any:
        """GET a JSON document of the API."""
        request = urllib.request.Request(  # noqa: S310 - our own http address
            f"{page_address(self.settings)}/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.load(answer)


def demo(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON line on stdout when all is playable.")
    ] = False,
    data: DataOption = None,
    http_port: Annotated[int, typer.Option(help="Port of the pages; taken: the next free one.")] = 8080,
    sip_port: Annotated[int, typer.Option(help="Port for SIPREC; taken: the next free one.")] = 5060,
    calls: Annotated[
        int, typer.Option(min=1, max=1000, help="How many calls; more than 8 are some of the last weeks too.")
    ] = 8,
) -> None:
    """Start everything, place real calls with spoken dialogue, print a sign-in link, stay up until Ctrl-C."""
    console = Console(stderr=True, quiet=as_json, highlight=False, soft_wrap=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    with contextlib.ExitStack() as cleanup:
        folder = data or Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="fonoteka-demo-")))
        settings = _settings(folder, http_port, sip_port, console)
        running = cleanup.enter_context(_service(settings, console, has_past=calls > PLACED_MAX))
        since = datetime.now(UTC)
        placed = min(calls, PLACED_MAX)
        asyncio.run(_talk(settings, placed, console))
        playable = _wait_until_playable(running, since, placed, console)
        if calls > placed:
            _bring_past(running, calls - placed, console)
        link = _sign_in_link(settings)
        if as_json:
            document = {
                "url": page_address(settings),
                "sip": f"sip:{settings.sip}",
                "token": running.token,
                "calls": playable,
                "sign_in": link,
            }
            print(json.dumps(document), flush=True)
        console.print(f"\n[bold]{calls} calls are there to be heard:[/]  [bold cyan]{link}[/]")
        console.print(
            f"The link signs you in once. SIPREC is taken at sip:{settings.sip}; Ctrl-C ends the demo."
        )
        if running.service.wait() != 0:
            raise DemoFailed("The service ended by itself; its messages are above.")


def _leave(_number: int, _frame: object) -> None:
    # As an exception, so that every `with` on the way out does its work: the service ends cleanly.
    raise SystemExit(0)


def _settings(folder: Path, http_port: int, sip_port: int, console: Console) -> Settings:
    http = free_port(HOST, http_port, ("tcp",))
    sip = free_port(HOST, sip_port, ("udp", "tcp"))
    for name, wanted, got in (("HTTP", http_port, http), ("SIP", sip_port, sip)):
        if got != wanted:
            console.print(f"Port {wanted} for {name} is in use; taking {got}.")
    return settings_of(data=folder, http=f"{HOST}:{http}", sip=f"{HOST}:{sip}")


@contextlib.contextmanager
def _service(settings: Settings, console: Console, *, has_past: bool) -> Iterator[Running]:
    rooms = wiring.open_rooms(settings)
    if has_past and not directory(rooms.policy, COMMAND_LINE).extensions:
        make_people(rooms)
    ensure_first_administrator(rooms.accounts, settings.admin_password)
    token = create_token(rooms.accounts, "demo", COMMAND_LINE)
    rooms.close()
    service = subprocess.Popen(
        [sys.executable, "-m", "fonoteka", "serve", "--quiet"],
        env={
            # The progress is what one wants to see; whoever wants the log asks for it.
            "FONOTEKA_LOG_LEVEL": "WARNING",
            **os.environ,
            "FONOTEKA_DATA": str(settings.data.absolute()),
            "FONOTEKA_HTTP": settings.http,
            "FONOTEKA_SIP": settings.sip,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    running = Running(settings, token, service)
    try:
        with console.status("Starting recorder, worker and pages …"):
            _wait_until_up(running)
        yield running
    finally:
        # A second Ctrl-C must not cut the clean end short.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        if service.poll() is None:
            console.print("Ending …")
            service.terminate()
            service.wait(60)


def _wait_until_up(running: Running) -> None:
    give_up_at = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < give_up_at:
        if running.service.poll() is not None:
            raise DemoFailed("The service did not start; its messages are above.")
        with contextlib.suppress(OSError, urllib.error.URLError, ValueError):
            if running.ask("/health")["status"] == "ok":
                return
        time.sleep(POLL_S)
    raise DemoFailed(
        f"The service was not up within {START_PATIENCE_S:.0f} s; `fonoteka doctor` may tell why."
    )


def _bring_past(running: Running, calls: int, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"Calls of the last {WEEKS} weeks", total=calls)
        address = page_address(running.settings)
        bring_past(address, running.token, calls, lambda sent: progress.update(task, completed=sent))
        waiting = running.settings.folder.spool_sealed
        task = progress.add_task("Making them playable", total=calls)
        give_up_at = time.monotonic() + PLAYABLE_PATIENCE_S + calls
        while left := sum(1 for _ in waiting.iterdir()):
            progress.update(task, completed=max(0, calls - left))
            if time.monotonic() > give_up_at:
                raise DemoFailed(f"{left} of {calls} calls were not playable in time.")
            time.sleep(POLL_S)
        progress.update(task, completed=calls)


async def _talk(settings: Settings, calls: int, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(24), TextColumn("{task.fields[note]}"))
    placed = [
        CallOptions.of_dialogue(f"sip:{settings.sip}", DIALOGUES[number % len(DIALOGUES)])
        for number in range(calls)
    ]
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        tasks = [
            progress.add_task(f"{one.calling} → {one.called}", total=1.0, note="finding words")
            for one in placed
        ]

        def talking(number: int, share: float) -> None:
            progress.update(tasks[number], completed=share, note="talking")

        def landed(number: int, report: CallReport) -> None:
            progress.update(tasks[number], completed=1.0, note="recorded" if report.ok else report.answer)

        reports = await place_calls(placed, parallel=PLACED_MAX, on_landed=landed, on_progress=talking)
    refused = [report for report in reports if not report.ok]
    if refused:
        raise DemoFailed(f"A demo call was not taken: {refused[0].answer}. {refused[0].advice}")


def _wait_until_playable(running: Running, since: datetime, calls: int, console: Console) -> list[str]:
    give_up_at = time.monotonic() + PLAYABLE_PATIENCE_S
    path = f"/calls?limit=200&since={since.isoformat().replace('+00:00', 'Z')}"
    with console.status("Making them playable …"):
        while time.monotonic() < give_up_at:
            items = running.ask(path)["items"]
            ready = [one["id"] for one in items if one["recordings"] and _is_ready(one)]
            if len(ready) >= calls:
                return ready
            time.sleep(POLL_S)
    raise DemoFailed(f"{len(ready)} of {calls} calls were playable within {PLAYABLE_PATIENCE_S:.0f} s.")


def _is_ready(call: dict[str, Any]) -> bool:
    return all(recording["state"] == "ready" for recording in call["recordings"])


def _sign_in_link(settings: Settings) -> str:
    rooms = wiring.open_rooms(settings)
    secret = create_sign_in_link(rooms.accounts, "admin")
    rooms.close()
    return f"{page_address(settings)}/sign-in/link/{secret}"
