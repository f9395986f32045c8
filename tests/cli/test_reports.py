"""`fonoteka report` and `fonoteka webhook`: figures on the command line, proved; programs that are told."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import create_engine, text

from fonoteka import wiring
from fonoteka.archive import call_report, register_call
from fonoteka.domain.call import CallOutcome
from fonoteka.domain.report import Days
from fonoteka.settings import load_settings
from tests.cli.test_commands import fonoteka
from tests.examples import NOON, actor, call
from tests.service import Service


def test_figures_are_written_checked_and_mended(service: Service) -> None:
    rooms = wiring.open_rooms(load_settings(data=service.data))
    register_call(rooms.archive, replace(call(), outcome=CallOutcome.MISSED, recordings=()))
    day = NOON.date()
    assert call_report(rooms.archive, actor(), Days(day, day)).figures.calls == 1
    rooms.close()

    told = fonoteka(service, "report", "export", day.isoformat(), day.isoformat(), "--table", "days")
    assert told.stdout.splitlines()[1].startswith(f"{day};1;0;1;0;0;0;1;"), told.stderr
    for command, head in (
        ("insights", "label;name;talks;talk_ratio"),
        ("worth-hearing", "call_id;started_at;agent;weight"),
        ("topics", "topic_id;name;calls;calls_before;"),
        ("scores", "id;label;name;count;mean_percent"),
    ):
        table = fonoteka(service, "report", command, day.isoformat(), day.isoformat())
        assert table.stdout.lstrip("\ufeff").startswith(head), table.stderr
    refused = fonoteka(service, "report", "export", "2026-04-02", "2026-04-01")
    assert (refused.returncode, "request.invalid" in refused.stderr) == (1, True)
    assert fonoteka(service, "report", "check").stdout == "default: 1 hours, right\n"
    engine = create_engine(load_settings(data=service.data).sqlalchemy_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE call_hours SET calls = 7"))
    engine.dispose()
    wrong = fonoteka(service, "report", "check", "--mend")
    assert "1 wrong" in wrong.stdout
    assert fonoteka(service, "report", "check").returncode == 0


def test_a_webhook_is_made_and_listed(service: Service) -> None:
    rooms = wiring.open_rooms(load_settings(data=service.data))
    rooms.close()
    made = fonoteka(
        service, "webhook", "create", "CRM", "https://crm.example.com/x", "--event", "recording.ready"
    )
    made_id, secret = made.stdout.strip().split("\t")
    assert secret.startswith("whsec_")
    listed = fonoteka(service, "webhook", "list").stdout
    assert listed == f"{made_id}\ton\tCRM\thttps://crm.example.com/x\trecording.ready\n"
    assert fonoteka(service, "webhook", "test", made_id).returncode == 0
    assert fonoteka(service, "webhook", "delete", made_id).returncode == 0
    assert fonoteka(service, "webhook", "list").stdout == ""
