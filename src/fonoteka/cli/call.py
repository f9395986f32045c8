"""`fonoteka call`: place recording calls with a SIPREC server, to try it or to load it."""

from __future__ import annotations

import asyncio
import re
import resource
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from fonoteka.caller import (
    CODECS,
    DIALOGUES,
    CallAudio,
    CallOptions,
    CallReport,
    Impairment,
    ask_server,
    place_calls,
    read_call_audio,
)
from fonoteka.cli.call_outcome import tell_calls, tell_server
from fonoteka.domain.errors import RequestInvalid

MAX_CALLS, MAX_PARALLEL = 100_000, 5_000
_SOCKETS_A_CALL, _SOCKETS_BESIDE = 2, 64
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z%]*)")


def call(
    srs: Annotated[str, typer.Option(metavar="sip:HOST:PORT", help="The recording server.")],
    calling: Annotated[str | None, typer.Option(help="Number of who calls.")] = None,
    called: Annotated[str | None, typer.Option(help="Number of who is called.")] = None,
    calling_name: Annotated[str | None, typer.Option(help="Name of who calls.")] = None,
    called_name: Annotated[str | None, typer.Option(help="Name of who is called.")] = None,
    audio_calling: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What the calling party says (WAV); no file at all: a dialogue."),
    ] = None,
    audio_called: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What the called party says (WAV).")
    ] = None,
    dialogue: Annotated[
        str | None, typer.Option(help=f"Built-in dialogue: {', '.join(one.name for one in DIALOGUES)}.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=MAX_CALLS, help="How many calls.")] = 1,
    parallel: Annotated[int, typer.Option(min=1, max=MAX_PARALLEL, help="How many at a time.")] = 1,
    duration: Annotated[
        str | None, typer.Option(metavar="SECONDS", help="Length of a call; shorter audio repeats.")
    ] = None,
    codec: Annotated[str, typer.Option(metavar="|".join(CODECS), help="Codec of both streams.")] = "pcma",
    transport: Annotated[str, typer.Option(metavar="udp|tcp", help="Transport of SIP.")] = "udp",
    loss: Annotated[str, typer.Option(metavar="PERCENT", help="Share of packets to lose, 1%.")] = "0%",
    jitter: Annotated[
        str, typer.Option(metavar="MS", help="Packets are late by up to this, 30ms; over 20 they reorder.")
    ] = "0ms",
    duplicates: Annotated[str, typer.Option(metavar="PERCENT", help="Share of packets to double.")] = "0%",
    seed: Annotated[int, typer.Option(help="The same seed spoils the same packets.")] = 1,
    check: Annotated[bool, typer.Option("--check", help="No call: only ask whether it is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Place recording calls (SIPREC, RFC 7866) and say what the server answered; exit status 1 on failure."""
    console = Console(stderr=as_json, highlight=False, soft_wrap=True)
    if check:
        said = asyncio.run(ask_server(srs, transport))
        tell_server(said, srs, None if as_json else console)
        raise typer.Exit(0 if said.ok else 1)
    impairment = Impairment(
        loss=_share(loss, "loss"),
        jitter_ms=round(_amount(jitter, "jitter", {"": 1.0, "ms": 1.0, "s": 1000.0})),
        duplicates=_share(duplicates, "duplicates"),
        seed=seed,
    )
    seconds = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
    duration_s = None if duration is None else _amount(duration, "duration", seconds)
    recorded = audio_calling is not None or audio_called is not None
    audio = read_call_audio(audio_calling, audio_called) if recorded else None
    calls = [
        replace(
            base := _base(number, srs, audio, dialogue),
            calling=base.calling if calling is None else calling,
            called=base.called if called is None else called,
            calling_name=calling_name or ("" if calling else base.calling_name),
            called_name=called_name or ("" if called else base.called_name),
            codec=codec,
            transport=transport,
            duration_s=duration_s,
            impairment=replace(impairment, seed=seed + number),
        )
        for number in range(count)
    ]
    _allow_sockets(parallel)
    reports = _place(calls, parallel, console)
    tell_calls(calls, reports, None if as_json else console)
    if not all(report.ok for report in reports):
        raise typer.Exit(1)


def _base(number: int, srs: str, audio: CallAudio | None, dialogue: str | None) -> CallOptions:
    """Call `number` before what the command line says about it."""
    if audio is not None:
        return CallOptions(srs=srs, calling="101", called="+74951234567", audio=audio)
    if dialogue is None:
        return CallOptions.of_dialogue(srs, DIALOGUES[number % len(DIALOGUES)])
    for one in DIALOGUES:
        if one.name == dialogue:
            return CallOptions.of_dialogue(srs, one)
    known = ", ".join(one.name for one in DIALOGUES)
    raise RequestInvalid("dialogue", f"There is no dialogue {dialogue!r}; choose one of {known}.")


def _amount(text: str, field: str, units: dict[str, float]) -> float:
    match = _NUMBER.fullmatch(text.strip().lower())
    if match is None or match[2] not in units or len(match[1]) > 12:
        raise RequestInvalid(field, f"--{field} is a number, such as 10{list(units)[1]}; {text!r} is not.")
    return float(match[1]) * units[match[2]]


def _share(text: str, field: str) -> float:
    return _amount(text, field, {"": 0.01, "%": 0.01})


def _allow_sockets(parallel: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = parallel * _SOCKETS_A_CALL + _SOCKETS_BESIDE
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed if hard < 0 else min(hard, needed), hard))


def _place(calls: Sequence[CallOptions], parallel: int, console: Console) -> list[CallReport]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(30),
        TextColumn("{task.percentage:>3.0f}% {task.fields[note]}"),
        TimeElapsedColumn(),
    )
    failed = 0
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        single = len(calls) == 1
        what = escape(f"{calls[0].calling} → {calls[0].called}") if single else f"{len(calls)} calls"
        task = progress.add_task(what, total=len(calls), note="")

        def advance(_number: int, share: float) -> None:
            progress.update(task, completed=share)

        def land(_number: int, report: CallReport) -> None:
            nonlocal failed
            failed += not report.ok
            progress.update(task, advance=0 if single else 1, note=f"{failed} failed" if failed else "")

        try:
            return asyncio.run(place_calls(calls, parallel, land, advance if single else None))
        except KeyboardInterrupt:
            console.print("Stopped; calls in progress were hung up.")
            raise typer.Exit(130) from None
