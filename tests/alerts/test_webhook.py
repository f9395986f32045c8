"""Webhooks to a real server on loopback: signed, retried, replayed, and not to be led astray."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from fonoteka.alerts import (
    Desk,
    WebhookLimits,
    delete_channel,
    deliver_due,
    find_deliveries,
    list_channels,
    renew_secret,
    replay_delivery,
    save_channel,
    try_channel,
)
from fonoteka.alerts.webhook import is_allowed
from fonoteka.domain.alerts import Channel, ChannelKind, Condition
from fonoteka.domain.delivery import Delivery, DeliveryState, Outcome
from tests.alerts.conftest import House
from tests.alerts.receivers import LOOPBACK, Receiver, Request
from tests.certificates import Certificate
from tests.examples import NOON


@pytest.fixture
def house(small_house: House) -> House:
    """On SQLite: the outbox itself is tried on both databases in `test_outbox.py`."""
    return small_house


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.stop()


def webhook(house: House, url: str) -> Channel:
    return save_channel(
        house.room, house.admin, Channel("", "default", ChannelKind.WEBHOOK, "Chat", url, "en", NOON)
    )


def is_genuine(request: Request, secret: str) -> bool:
    """As docs/operate/alerts.md tells receivers to check."""
    signed = request.headers["Fonoteka-Timestamp"].encode() + b"." + request.body
    expected = "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    is_fresh = abs(time.time() - int(request.headers["Fonoteka-Timestamp"])) < 300
    return is_fresh and hmac.compare_digest(expected, request.headers["Fonoteka-Signature"])


def try_once(house: House, to: Channel) -> Delivery:
    try_channel(house.room, house.admin, to.id)
    (done,) = deliver_due(house.room)
    return done


def test_each_news_is_posted_and_signed(house: House, receiver: Receiver) -> None:
    made = webhook(house, receiver.url)
    assert made.secret.startswith("whsec_")
    assert [one.secret for one in list_channels(house.room, house.admin)] == ["", ""], "told once"
    facts = {"machine": "альфа", "free_bytes": 1, "needed_bytes": 2}
    Desk(house.room).report(Condition.DISK_LOW, "default", "n", facts, 1)
    (done,) = deliver_due(house.room)
    (came,) = receiver.requests
    assert (done.state, done.outcome) == (DeliveryState.SENT, Outcome.ACCEPTED)
    assert is_genuine(came, made.secret)
    assert not is_genuine(replace(came, body=came.body + b" "), made.secret)
    body = json.loads(came.body)
    assert came.path == "/hook?a=1"
    assert (body["id"], came.headers["Fonoteka-Delivery"]) == (done.id, done.id)
    assert (body["event"], came.headers["Fonoteka-Event"]) == ("alert.raised", "alert.raised")
    assert body["alert"]["facts"] == facts
    assert (body["alert"]["condition"], body["alert"]["severity"]) == ("disk.low", "warning")


def test_failed_ones_are_repeated_under_the_same_id(house: House, receiver: Receiver) -> None:
    made = webhook(house, receiver.url)
    receiver.status, receiver.headers = 503, {"Retry-After": "3600"}
    first = try_once(house, made)
    assert (first.state, first.outcome, first.detail[:3]) == (DeliveryState.QUEUED, Outcome.TRY_LATER, "503")
    assert (first.next_at - house.clock.at).total_seconds() == 3600
    house.clock.pass_(minutes=59)
    assert deliver_due(house.room) == []
    house.clock.pass_(minutes=2)
    receiver.status, receiver.headers = 500, {}
    (second,) = deliver_due(house.room)
    assert (second.outcome, second.attempts) == (Outcome.REFUSED, 2)
    receiver.status = 204
    replay_delivery(house.room, house.admin, second.id)
    (third,) = deliver_due(house.room)
    assert third.state is DeliveryState.SENT
    replay_delivery(house.room, house.admin, third.id)
    deliver_due(house.room)
    assert {one.headers["Fonoteka-Delivery"] for one in receiver.requests} == {first.id}
    assert [one.body for one in receiver.requests] == [receiver.requests[0].body] * 4
    assert [one.state for one in find_deliveries(house.room, house.admin).items] == [DeliveryState.SENT]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirection_is_followed(house: House, receiver: Receiver, status: int) -> None:
    receiver.status, receiver.headers = status, {"Location": receiver.url.replace("/hook", "/secret")}
    done = try_once(house, webhook(house, receiver.url))
    assert done.outcome is Outcome.REDIRECTED
    assert "/secret" in done.detail
    assert [one.path for one in receiver.requests] == ["/hook?a=1"]


def test_gone_is_gone(house: House, receiver: Receiver) -> None:
    receiver.status = 410
    done = try_once(house, webhook(house, receiver.url))
    assert (done.state, done.outcome) == (DeliveryState.DEAD, Outcome.GONE)


def test_a_slow_one_costs_its_time_and_an_endless_answer_nothing(house: House, receiver: Receiver) -> None:
    house.room = replace(house.room, webhooks=WebhookLimits(LOOPBACK, attempt_s=0.7))
    receiver.delay_s = 3.0
    began = time.monotonic()
    assert try_once(house, webhook(house, receiver.url)).outcome is Outcome.TIMED_OUT
    assert time.monotonic() - began < 2.9
    receiver.delay_s, receiver.endless, receiver.status = 0.0, True, 200
    house.clock.pass_(days=2)
    house.room = replace(house.room, webhooks=WebhookLimits(LOOPBACK, attempt_s=5.0))
    (done,) = deliver_due(house.room)
    receiver.endless = False
    assert done.state is DeliveryState.SENT


def test_inside_addresses_are_refused_unless_allowed(house: House, receiver: Receiver) -> None:
    house.room = replace(house.room, webhooks=WebhookLimits())
    done = try_once(house, webhook(house, receiver.url))
    assert done.outcome is Outcome.ADDRESS_FORBIDDEN
    assert "webhook_networks" in done.detail
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("8.8.8.8", True),
        ("2a00:1450:4010::8a", True),
        ("10.0.4.7", True),
        *((one, False) for one in ("127.0.0.1", "10.1.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254")),
        *((one, False) for one in ("100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1")),
        *((one, False) for one in ("::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1")),
        *((one, False) for one in ("::ffff:10.1.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1")),
    ],
)
def test_which_addresses_are_outside(address: str, allowed: bool) -> None:
    limits = WebhookLimits(allowed=(ip_network("10.0.4.0/24"),))
    assert is_allowed(limits, ip_address(address)) is allowed


def test_https_and_its_certificate(house: House, certificate: Certificate) -> None:
    receiver = Receiver(certificate)
    made = webhook(house, receiver.url)
    assert try_once(house, made).outcome is Outcome.CERTIFICATE_INVALID
    limits = WebhookLimits(LOOPBACK, attempt_s=5.0, ca_file=str(certificate.ca_file))
    house.room = replace(house.room, webhooks=limits)
    house.clock.pass_(days=1)
    (done,) = deliver_due(house.room)
    receiver.stop()
    assert done.state is DeliveryState.SENT, done.detail


def test_a_new_secret_signs_from_then_on(house: House, receiver: Receiver) -> None:
    made = webhook(house, receiver.url)
    renewed = renew_secret(house.room, house.admin, made.id)
    try_once(house, made)
    assert is_genuine(receiver.requests[0], renewed)
    assert not is_genuine(receiver.requests[0], made.secret)


def test_a_deleted_channel_gets_nothing_more(house: House, receiver: Receiver) -> None:
    made = webhook(house, receiver.url)
    try_channel(house.room, house.admin, made.id)
    delete_channel(house.room, house.admin, made.id)
    (done,) = deliver_due(house.room)
    assert (done.state, done.outcome) == (DeliveryState.DEAD, Outcome.NOT_CONFIGURED)
    assert receiver.requests == []


def test_nothing_listens_there(house: House, receiver: Receiver) -> None:
    made = webhook(house, receiver.url)
    receiver.stop()
    assert try_once(house, made).outcome is Outcome.UNREACHABLE
