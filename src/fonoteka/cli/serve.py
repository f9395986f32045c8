"""`fonoteka serve`: recorder, worker and pages in one command."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console

from fonoteka import watcher_wiring, wiring
from fonoteka.accounts import ensure_first_administrator
from fonoteka.cli.addresses import check_free
from fonoteka.cli.options import DataOption, HttpOption, SipOption, host_and_port, settings_of
from fonoteka.cli.supervisor import Supervisor
from fonoteka.domain.running import only_one
from fonoteka.recorder_wiring import connectors_of
from fonoteka.settings import Settings


def serve(
    data: DataOption = None,
    http: HttpOption = None,
    sip: SipOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Record, process and show calls until Ctrl-C. Calls in progress are kept then."""
    settings = settings_of(data=data, http=http, sip=sip)
    with only_one(settings.folder.run / "serve.lock"):
        http_host, http_port = host_and_port(settings.http, "--http")
        sip_host, sip_port = host_and_port(settings.sip, "--sip")
        check_free(http_host, http_port, "--http", kinds=("tcp",))
        check_free(sip_host, sip_port, "--sip", kinds=("udp", "tcp"))
        connectors_of(settings)  # what is wrong with them is said here, not by a part that cannot start
        console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        _first_start(settings, console)
        supervisor = Supervisor(settings)
        supervisor.start()
        console.print(f"Fonoteka is up: [bold]{page_address(settings)}[/]")
        console.print(f"SIPREC is taken at [bold]sip:{settings.sip}[/], UDP and TCP.")
        console.print("Ctrl-C ends it; calls in progress are kept.")
        supervisor.watch()
    sys.exit(0)


def page_address(settings: Settings) -> str:
    """The address of the pages for a person at this machine."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host, port = host_and_port(settings.http, "--http")
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{host}:{port}"


def _first_start(settings: Settings, console: Console) -> None:
    rooms = wiring.open_rooms(settings)
    watcher_wiring.build_watchers(settings, rooms)  # a connector that cannot work is told here, not in a log
    made = ensure_first_administrator(rooms.accounts, settings.admin_password)
    rooms.close()
    if made:
        console.print("First start: the administrator's login is [bold]admin[/],")
        console.print(f"the password [bold]{made}[/] — it is shown this once.")
