"""What `fonoteka doctor` looks at: each check gives findings, each bad finding an advice."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module, resources
from pathlib import Path

from fonoteka.cli.addresses import is_free
from fonoteka.cli.finding import Finding, Verdict
from fonoteka.cli.options import host_and_port
from fonoteka.cli.outside_checks import check_database, check_objects
from fonoteka.domain.errors import FonotekaError
from fonoteka.domain.running import last_beat
from fonoteka.settings import Settings

ROOMY_BYTES = 5_000_000_000
DEPENDENCIES = ("av", "numpy", "obstore", "sqlalchemy", "alembic", "dbos", "fastapi", "sipmessage", "argon2")
PORTS_SAMPLED = 40


def check_python(_: Settings) -> Iterator[Finding]:
    """Interpreter and its SQLite."""
    version = ".".join(map(str, sys.version_info[:3]))
    fine = sys.version_info >= (3, 11)
    yield Finding(
        "Python",
        Verdict.GOOD if fine else Verdict.BAD,
        version,
        "" if fine else "Install Python 3.11 or newer.",
    )
    fine = sqlite3.sqlite_version_info >= (3, 38)
    yield Finding(
        "SQLite",
        Verdict.GOOD if fine else Verdict.BAD,
        sqlite3.sqlite_version,
        ""
        if fine
        else "Fonoteka needs SQLite 3.38 or newer, or a PostgreSQL named by FONOTEKA_DATABASE_URL.",
    )


def check_dependencies(_: Settings) -> Iterator[Finding]:
    """Libraries that can be imported, encoders that are there, assets of the pages."""
    missing = []
    for name in DEPENDENCIES:
        try:
            import_module(name)
        except ImportError as error:
            missing.append(f"{name} ({error})")
    if missing:
        yield Finding(
            "Libraries",
            Verdict.BAD,
            "missing: " + ", ".join(missing),
            "Install Fonoteka again: pip install fonoteka",
        )
        return
    yield Finding("Libraries", Verdict.GOOD, f"{len(DEPENDENCIES)} of {len(DEPENDENCIES)} load")
    codecs = import_module("av").codecs_available
    lost = [name for name in ("libopus", "libmp3lame", "g722") if name not in codecs]
    yield Finding(
        "Encoders",
        Verdict.BAD if lost else Verdict.GOOD,
        "missing: " + ", ".join(lost) if lost else "Opus, MP3 and G.722 are there",
        "Install PyAV from its wheel: pip install --force-reinstall av" if lost else "",
    )
    assets = resources.files("fonoteka.web") / "static" / "vendor" / "htmx.min.js"
    yield Finding(
        "Page assets",
        Verdict.GOOD if assets.is_file() else Verdict.BAD,
        "there" if assets.is_file() else "missing",
        "" if assets.is_file() else "In a checkout run `make setup`; it fetches them with npm.",
    )


def check_folder(settings: Settings) -> Iterator[Finding]:
    """The data folder: there, ours, writable, roomy, on a file system that keeps its word."""
    folder = settings.data.absolute()
    place = folder if folder.exists() else next(parent for parent in folder.parents if parent.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        yield Finding(
            "Data folder",
            Verdict.BAD,
            f"{folder} cannot be written by {_user()}",
            f"Give it to this user (chown {_user()} {place}) or name another with --data.",
        )
        return
    if place != folder:
        yield Finding("Data folder", Verdict.GOOD, f"{folder} will be made at the first start")
    else:
        yield _rights(folder)
        yield _durable(folder)
    free = shutil.disk_usage(place).free
    verdict = Verdict.GOOD
    advice = ""
    if free < settings.disk_free_min_bytes:
        verdict, advice = (
            Verdict.BAD,
            "New recordings are refused at this level: free some room or move --data.",
        )
    elif free < ROOMY_BYTES:
        verdict, advice = Verdict.WARN, "5 GB hold about 50,000 minutes; think of a larger disk soon."
    yield Finding("Disk space", verdict, f"{free / 1e9:.1f} GB free", advice)


def check_ports(settings: Settings) -> Iterator[Finding]:
    """Addresses to listen on: free, or held by this very Fonoteka."""
    ours = last_beat(settings.folder.run / "recorder.json") is not None
    wanted: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("HTTP", settings.http, ("tcp",)),
        ("SIP", settings.sip, ("udp", "tcp")),
    )
    for name, address, kinds in wanted:
        try:
            host, port = host_and_port(address, f"--{name.lower()}")
        except FonotekaError as error:
            yield Finding(f"{name} address", Verdict.BAD, str(error))
            continue
        if is_free(host, port, kinds):
            yield Finding(f"{name} address", Verdict.GOOD, f"{address} is free")
        elif ours:
            yield Finding(f"{name} address", Verdict.GOOD, f"{address} is held by the running Fonoteka")
        else:
            yield Finding(
                f"{name} address",
                Verdict.BAD,
                f"{address} is in use or not an address of this machine",
                f"See who holds it (ss -lnp | grep {port}) or name another with --{name.lower()}.",
            )
    yield _media_ports(settings)


def check_limits(settings: Settings) -> Iterator[Finding]:
    """Open files and receive buffers, for the number of calls that settings allow."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # A stream needs two sockets and a file; a call has two streams.
    need = 6 * settings.recordings_max + 200
    enough = hard >= need
    yield Finding(
        "Open files",
        Verdict.GOOD if enough else Verdict.WARN,
        f"{hard} allowed, {need} needed for {settings.recordings_max} calls at once",
        ""
        if enough
        else f"Raise LimitNOFILE in the service unit, or set FONOTEKA_RECORDINGS_MAX to {hard // 6 - 40}.",
    )
    with contextlib.suppress(OSError, ValueError):
        most = int(Path("/proc/sys/net/core/rmem_max").read_text())
        fine = most >= 1_000_000 or os.geteuid() == 0
        yield Finding(
            "UDP buffer",
            Verdict.GOOD if fine else Verdict.WARN,
            f"up to {most} bytes a socket",
            "" if fine else "For many calls at once: sysctl -w net.core.rmem_max=1048576",
        )


def check_clock(_: Settings) -> Iterator[Finding]:
    """The clock: sane, and kept by somebody; calls are found by time, law asks for it."""
    now = datetime.now(UTC)
    if now.year < 2025:
        yield Finding(
            "Clock",
            Verdict.BAD,
            f"it says {now:%Y-%m-%d %H:%M} UTC",
            "Set the clock: timedatectl set-ntp true",
        )
        return
    kept = _kept_clock()
    yield Finding(
        "Clock",
        Verdict.WARN if kept is False else Verdict.GOOD,
        f"{now:%Y-%m-%d %H:%M:%S} UTC, {time.tzname[0]} here"
        + ("" if kept else ", not seen to be synchronised"),
        "Switch synchronisation on: timedatectl set-ntp true" if kept is False else "",
    )


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    check_python,
    check_dependencies,
    check_folder,
    check_ports,
    check_limits,
    check_clock,
    check_database,
    check_objects,
)


def _user() -> str:
    return os.environ.get("USER") or str(os.geteuid())


def _rights(folder: Path) -> Finding:
    others = folder.stat().st_mode & 0o077
    return Finding(
        "Data folder",
        Verdict.WARN if others else Verdict.GOOD,
        f"{folder} is writable" + (", but other users of this machine may look into it" if others else ""),
        f"It holds people's voices: chmod 700 {folder}" if others else "",
    )


def _durable(folder: Path) -> Finding:
    probe = folder / ".doctor"
    began = time.perf_counter()
    try:
        with probe.open("wb") as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
        took_ms = 1000 * (time.perf_counter() - began)
    except OSError as error:
        return Finding("Writing", Verdict.BAD, f"{error.strerror}", "Free some room or mend the disk.")
    finally:
        probe.unlink(missing_ok=True)
    slow = took_ms > 500
    return Finding(
        "Writing",
        Verdict.WARN if slow else Verdict.GOOD,
        f"4 kB reach the disk in {took_ms:.1f} ms",
        "A disk this slow delays calls: use a local disk for the data folder." if slow else "",
    )


def _media_ports(settings: Settings) -> Finding:
    first, last = settings.media_port_min, settings.media_port_max
    step = max(2, (last - first) // PORTS_SAMPLED)
    sample = range(first, last, step)
    taken = sum(1 for port in sample if not is_free("0.0.0.0", port, ("udp",)))  # noqa: S104
    subject = "Media ports"
    if taken == len(sample):
        return Finding(
            subject, Verdict.BAD, f"{first}–{last} are all in use", "Set FONOTEKA_MEDIA_PORT_MIN and _MAX."
        )
    need = 4 * settings.recordings_max
    if last - first + 1 < need:
        most = (last - first + 1) // 4
        return Finding(
            subject,
            Verdict.WARN,
            f"{first}–{last} are enough for {most} calls at once, {settings.recordings_max} are allowed",
            "Widen FONOTEKA_MEDIA_PORT_MIN … _MAX (four ports a call).",
        )
    return Finding(subject, Verdict.GOOD, f"{first}–{last}, {taken} of {len(sample)} sampled are in use")


def _kept_clock() -> bool | None:
    """True or False where systemd tells, None where nobody can say."""
    if Path("/run/systemd/timesync/synchronized").exists():
        return True
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as bus:
        bus.connect("/run/chrony/chronyd.sock")
        return True
    return False if Path("/run/systemd/system").exists() else None
