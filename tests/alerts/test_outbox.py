"""The outbox: shared by many, nothing lost by a kill -9, nothing told twice by two at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from fonoteka.alerts import Desk, deliver_due, find_deliveries, look_after_alerts, open_alerts, save_channel
from fonoteka.alerts.postman import Postman, deliver_one
from fonoteka.domain.alerts import Channel, ChannelKind, Condition
from fonoteka.domain.delivery import DeliveryState
from tests.alerts.conftest import House
from tests.alerts.receivers import Receiver
from tests.examples import NOON
from tests.service import wait_for


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.stop()


def webhook(house: House, url: str, name: str = "Chat") -> Channel:
    return save_channel(
        house.room, house.admin, Channel("", "default", ChannelKind.WEBHOOK, name, url, "en", NOON)
    )


def wrong(house: House, key: str = "n") -> None:
    Desk(house.room).report(Condition.RECORDER_DOWN, "default", key, {"machine": key})


def test_kill_9_between_sending_and_noting_it_repeats_and_loses_nothing(
    house: House, receiver: Receiver, database_url: str
) -> None:
    webhook(house, receiver.url)
    wrong(house)
    victim = subprocess.Popen(
        [sys.executable, "-m", "tests.alerts.stalling_postman", database_url],
        env={**os.environ, "STALL_AT": house.clock.at.isoformat()},
        stdout=subprocess.PIPE,
    )
    assert victim.stdout
    assert victim.stdout.readline() == b"taken\n"
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    victim.stdout.close()

    assert deliver_due(house.room) == [], "it may still be on its way"
    house.clock.at += house.room.lease + timedelta(seconds=1)
    (done,) = deliver_due(house.room)
    assert (done.state, done.attempts) == (DeliveryState.SENT, 2)
    assert [one.headers["Fonoteka-Delivery"] for one in receiver.requests] == [done.id, done.id]
    assert deliver_due(house.room) == []


def test_many_postmen_share_the_work(house: House, receiver: Receiver) -> None:
    for n in range(3):
        webhook(house, receiver.url, f"Chat {n}")
    for n in range(8):
        wrong(house, f"n{n}")
    house.room = replace(house.room, now=house.clock)
    with ThreadPoolExecutor(4) as threads:
        done = [one for some in threads.map(lambda _: deliver_due(house.room), range(4)) for one in some]
    done += deliver_due(house.room)  # who finds a channel busy goes away
    assert len(done) == 24
    ids = [one.headers["Fonoteka-Delivery"] for one in receiver.requests]
    assert len(ids) == len(set(ids)) == 24


def test_two_that_see_the_same_at_once_tell_it_once(house: House, receiver: Receiver) -> None:
    webhook(house, receiver.url)
    together = threading.Barrier(4)

    def report(_: int) -> None:
        together.wait()
        wrong(house)
        look_after_alerts(house.room)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(report, range(4)))
    assert len(open_alerts(house.room, house.admin)) == 1
    assert len(deliver_due(house.room)) == 1


def test_a_channel_that_hangs_holds_up_no_other(house: House, receiver: Receiver) -> None:
    slow = Receiver()
    slow.delay_s = 1.5
    for name, url in (("slow", slow.url), ("quick", receiver.url)):
        webhook(house, url, name)
    for n in range(6):
        wrong(house, f"n{n}")
    house.room = replace(house.room, now=house.clock)
    postman = Postman(house.room)
    postman.start()
    wait_for(lambda: len(receiver.requests) == 6)
    assert len(slow.requests) <= 2
    postman.stop(0)
    slow.stop()


def test_the_log_is_paged(house: House, receiver: Receiver) -> None:
    webhook(house, receiver.url)
    for n in range(5):
        wrong(house, f"n{n}")
    while deliver_one(house.room):
        pass
    first = find_deliveries(house.room, house.admin, DeliveryState.SENT, "", 3)
    second = find_deliveries(house.room, house.admin, None, first.next or "", 3)
    ids = [one.id for one in first.items + second.items]
    assert (len(ids), ids, second.next) == (5, sorted(ids, reverse=True), None)
    assert find_deliveries(house.room, house.admin, DeliveryState.DEAD).items == ()
