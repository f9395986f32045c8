"""What `fonoteka call` tells of its calls, to a person or as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from fonoteka.caller import CallOptions, CallReport, ServerAnswer, StreamReport
from fonoteka.domain.call import Party

_REMARKS_SHOWN = 5


def tell_calls(calls: Sequence[CallOptions], reports: Sequence[CallReport], console: Console | None) -> None:
    """Tell how the calls went; without a console one JSON object goes to stdout."""
    if console is None:
        ok = all(report.ok for report in reports)
        _print_json({"ok": ok, "calls": [report.to_dict() for report in reports]})
    elif len(reports) == 1:
        _tell_one(calls[0], reports[0], console)
    else:
        _tell_many(reports, console)


def tell_server(said: ServerAnswer, srs: str, console: Console | None) -> None:
    """Tell what the server said to OPTIONS; without a console one JSON object goes to stdout."""
    if console is None:
        _print_json(dataclasses.asdict(said))
    elif said.ok:
        server = escape(said.server or srs)
        console.print(f"[green]✔[/] {escape(said.answer)} from {server}, {said.answered_after_ms} ms")
        console.print(f"  takes {escape(said.allow or 'what it does not say')}")
    else:
        _tell_failure(said.answer, said.advice, console)


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False))


def _tell_failure(answer: str, advice: str, console: Console) -> None:
    console.print(f"[bold red]✘[/] {escape(answer)}")
    console.print(f"  {escape(advice)}")


def _tell_one(options: CallOptions, report: CallReport, console: Console) -> None:
    server = f" from {report.server}" if report.server else ""
    when = "" if report.answered_after_ms is None else f", {report.answered_after_ms} ms"
    if report.ok:
        console.print(
            f"[green]✔[/] {escape(report.answer)}{escape(server)} over {report.transport.upper()}{when}"
        )
    else:
        _tell_failure(report.answer + server, report.advice, console)
    for stream in report.streams:
        number = options.calling if stream.party is Party.CALLING else options.called
        console.print(f"  {stream.party:8} {escape(number):14} {report.codec} {_sent(stream)}")
    if report.streams:
        console.print(f"  {report.duration_s:.2f} s, latest packet {report.late_max_ms} ms behind its time")
    for remark in report.remarks:
        console.print(f"  [yellow]note[/] {escape(remark)}")
    console.print(f"  Call-ID {escape(report.sip_call_id or 'none')}", style="dim")


def _tell_many(reports: Sequence[CallReport], console: Console) -> None:
    good = [report for report in reports if report.ok]
    mark = "[green]✔[/]" if len(good) == len(reports) else "[bold red]✘[/]"
    console.print(f"{mark} {len(good)} of {len(reports)} calls were taken")
    packets = sum(stream.packets for report in reports for stream in report.streams)
    late_ms = max((report.late_max_ms for report in reports), default=0.0)
    answered = sorted(one.answered_after_ms for one in reports if one.answered_after_ms is not None)
    if answered:
        console.print(
            f"  {packets} packets, the latest {late_ms} ms behind its time; answers after "
            f"{answered[len(answered) // 2]} ms in the middle, {answered[-1]} ms at worst"
        )
    for (answer, advice), times in Counter(
        (one.answer, one.advice) for one in reports if not one.ok
    ).most_common():
        console.print(f"  {times} × {escape(answer)}. {escape(advice)}")
    remarks = Counter(remark for report in reports for remark in report.remarks)
    for remark, times in remarks.most_common(_REMARKS_SHOWN):
        console.print(f"  [yellow]note[/] {times} × {escape(remark)}")


def _sent(stream: StreamReport) -> str:
    if not stream.target:
        return "not sent"
    spoiled = (
        (stream.lost, "lost on purpose"),
        (stream.doubled, "doubled on purpose"),
        (stream.refused, "refused"),
        (stream.unsent, "not sent"),
    )
    remarks = ", ".join(f"{number} {what}" for number, what in spoiled if number)
    sent = f"from port {stream.local_port} to {stream.target}, {stream.packets} packets"
    return f"{sent} ({remarks})" if remarks else sent
