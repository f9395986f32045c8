"""An alert's life: told once, worse, still so, over; damped when it flaps; many told together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from fonoteka.alerts import Desk, acknowledge_alert, deliver_due, find_alerts, look_after_alerts, open_alerts
from fonoteka.alerts.alert_service import forget_old
from fonoteka.alerts.channels import save_channel
from fonoteka.domain.alerts import Channel, ChannelKind, Condition, Severity
from fonoteka.domain.errors import AlertNotFound
from fonoteka.domain.people import Tenant
from fonoteka.store import Store
from tests.alerts.conftest import House
from tests.alerts.mail_server import TestMailServer
from tests.examples import NOON, actor

FILLING = {"percent": 80, "used_bytes": 80_000_000, "quota_bytes": 100_000_000}


@pytest.fixture
def mails(house: House, mail_server: Callable[..., TestMailServer]) -> TestMailServer:
    """The mail server; one channel writes to it."""
    server = mail_server()
    house.with_mail(server.settings())
    add_channel(house)
    return server


def add_channel(
    house: House, address: str = "oncall@example.com", language: str = "en", **how: object
) -> Channel:
    given = Channel("", "default", ChannelKind.EMAIL, "On call", address, language, NOON)
    return save_channel(house.room, house.admin, replace(given, **how))


def subjects(house: House, server: TestMailServer) -> list[str]:
    """What came since the last time, after alerts were looked after and everything due was delivered."""
    before = len(server.mails)
    look_after_alerts(house.room)
    deliver_due(house.room)
    return [str(one["Subject"]) for one in server.mails[before:]]


def fill(house: House, percent: int, tenant_id: str = "default") -> None:
    facts = {**FILLING, "percent": percent, "used_bytes": percent * 1_000_000}
    Desk(house.room).report(Condition.STORAGE_FILLING, tenant_id, "", facts, percent)


def empty(house: House) -> None:
    Desk(house.room).clear(Condition.STORAGE_FILLING, "default", "")


def test_raised_once_worse_still_so_and_over(house: House, mails: TestMailServer) -> None:
    for _ in range(3):
        fill(house, 80)
        house.clock.pass_(minutes=2)
    assert subjects(house, mails) == ["Fonoteka: The storage is 80% full"]
    fill(house, 95)
    assert subjects(house, mails) == ["Fonoteka: Worse: The storage is 95% full"]
    fill(house, 90)
    fill(house, 95)
    assert subjects(house, mails) == [], "it was as bad before"
    house.clock.pass_(hours=25)
    fill(house, 95)
    assert subjects(house, mails) == ["Fonoteka: Still so: The storage is 95% full"]
    empty(house)
    assert subjects(house, mails) == [], "it may come back at once"
    house.clock.pass_(seconds=61)
    assert subjects(house, mails) == ["Fonoteka: Over: The storage is 95% full"]
    house.clock.pass_(days=3)
    assert subjects(house, mails) == []
    text = mails.mails[0].get_body(("plain",)).get_content()
    assert "80 MB of 100 MB are used." in text.replace("\N{NO-BREAK SPACE}", " ")
    (over,) = find_alerts(house.room, house.admin).items
    assert (over.is_open, open_alerts(house.room, house.admin)) == (False, ())


def test_what_flaps_is_not_told_each_time(house: House, mails: TestMailServer) -> None:
    told = []
    for _ in range(30):
        fill(house, 80)
        told += subjects(house, mails)
        house.clock.pass_(seconds=90)
        empty(house)
        house.clock.pass_(seconds=90)
        told += subjects(house, mails)
    assert len(told) <= 4, told
    house.clock.pass_(hours=1)
    told += subjects(house, mails)
    house.clock.pass_(hours=1)
    assert subjects(house, mails) == []
    assert told[-1] == "Fonoteka: Over: The storage is 80% full", "however it flapped, the end is told"
    assert len(find_alerts(house.room, house.admin).items) == 1


def test_an_alert_of_which_somebody_took_note_is_told_again_when_it_gets_worse(
    house: House, mails: TestMailServer
) -> None:
    fill(house, 80)
    assert len(subjects(house, mails)) == 1
    (alert,) = open_alerts(house.room, house.admin)
    acknowledge_alert(house.room, house.admin, alert.id)
    house.clock.pass_(days=2)
    fill(house, 80)
    assert subjects(house, mails) == []
    assert open_alerts(house.room, house.admin)[0].is_acknowledged
    fill(house, 100)
    assert subjects(house, mails) == ["Fonoteka: Worse: The storage is full"]
    assert not open_alerts(house.room, house.admin)[0].is_acknowledged


def test_many_in_an_hour_are_told_together(house: House, mails: TestMailServer) -> None:
    house.room = replace(house.room, mails_per_hour=3)
    desk = Desk(house.room)
    told = []
    for n in range(12):
        desk.report(Condition.CONNECTOR_LOST, "default", f"pbx{n}", {"connector": f"PBX {n}"})
        told += subjects(house, mails)
        house.clock.pass_(minutes=2)
    assert told == [f"Fonoteka: No connection to PBX {n}" for n in range(3)]
    house.clock.pass_(minutes=40)
    assert subjects(house, mails) == ["Fonoteka: Several alerts: 9"]
    digest = mails.mails[-1].get_body(("plain",)).get_content()
    assert all(f"No connection to PBX {n}" in digest for n in range(3, 12))
    assert subjects(house, mails) == []


def test_the_first_administrator_is_told_as_soon_as_there_is_an_address(
    house: House, mail_server: Callable[..., TestMailServer]
) -> None:
    fill(house, 90)
    Desk(house.room).report(Condition.RECORDER_DOWN, "default", "n1", {"machine": "alpha"})
    Desk(house.room).clear(Condition.RECORDER_DOWN, "default", "n1")
    house.clock.pass_(minutes=5)
    look_after_alerts(house.room)
    assert deliver_due(house.room) == [], "nobody to write to"
    house.clock.pass_(days=2)
    fill(house, 90)
    server = mail_server()
    house.with_mail(server.settings())
    with house.room.store.transaction() as tx:
        tx.users.set_email(house.admin.id, "anna@example.com", "ru")
    assert subjects(house, server) == ["Фонотека: Всё ещё так: Место для записей занято на 90 %"]
    assert str(server.mails[0]["To"]) == "anna@example.com"


def test_a_channel_for_the_worst_alone(house: House, mails: TestMailServer) -> None:
    add_channel(house, "boss@example.com", minimum=Severity.CRITICAL)
    add_channel(house, "off@example.com", is_enabled=False)
    fill(house, 80)
    subjects(house, mails)
    fill(house, 100)
    subjects(house, mails)
    house.clock.pass_(minutes=5)
    fill(house, 80)
    empty(house)
    house.clock.pass_(minutes=5)
    subjects(house, mails)
    told = [str(one["Subject"]) for one in mails.mails if one["To"] == "boss@example.com"]
    assert told == ["Fonoteka: Worse: The storage is full", "Fonoteka: Over: The storage is full"]
    assert not [one for one in mails.mails if one["To"] == "off@example.com"]


def test_alerts_of_another_tenant_are_nobody_elses(house: House, mails: TestMailServer) -> None:
    stranger = actor("acme")
    with house.room.store.transaction() as tx:
        tx.tenants.add(Tenant("acme", "Acme"), NOON)
    fill(house, 90, "acme")
    assert subjects(house, mails) == []
    assert open_alerts(house.room, house.admin) == ()
    (theirs,) = open_alerts(house.room, stranger)
    with pytest.raises(AlertNotFound):
        acknowledge_alert(house.room, house.admin, theirs.id)


def test_all_of_a_condition_at_once(house: House) -> None:
    desk = Desk(house.room)
    both = {("default", f"n1 {name}"): ({"connector": name}, 0) for name in ("a", "b")}
    desk.report(Condition.CONNECTOR_LOST, "default", "n2 c", {"connector": "c"})
    desk.report_all(Condition.CONNECTOR_LOST, both, scope="n1")
    del both["default", "n1 a"]
    desk.report_all(Condition.CONNECTOR_LOST, both, scope="n1")
    house.clock.pass_(minutes=5)
    look_after_alerts(house.room)
    assert {one.key for one in open_alerts(house.room, house.admin)} == {"n1 b", "n2 c"}


def test_what_nobody_reports_any_more_ends_and_old_things_go(house: House, mails: TestMailServer) -> None:
    fill(house, 80)
    subjects(house, mails)
    house.clock.pass_(days=8)
    subjects(house, mails)
    assert open_alerts(house.room, house.admin) == ()
    house.clock.pass_(days=500)
    forget_old(house.room)
    assert find_alerts(house.room, house.admin).items == ()
    with house.room.store.reading() as tx:
        assert tx.deliveries.page("default", None, "", 9) == ()


def test_a_database_that_is_away_stops_nobody(house: House, caplog: pytest.LogCaptureFixture) -> None:
    away = replace(house.room, store=Store.open("postgresql://nobody@/nothing?host=/nonexistent"))
    Desk(away).report(Condition.DISK_LOW, "default", "", {})
    Desk(away).clear(Condition.DISK_LOW, "default", "")
    assert caplog.text.count("could not be reported: store.unavailable") == 2
