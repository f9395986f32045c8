"""E-mail to a real server on loopback: taken, greylisted, refused, hanging, with wrong certificates."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from fonoteka.alerts import MailTls, deliver_due, get_delivery, replay_delivery, save_channel, try_channel
from fonoteka.domain.alerts import Channel, ChannelKind
from fonoteka.domain.delivery import ATTEMPT_PAUSES, Delivery, DeliveryState, Outcome
from fonoteka.domain.errors import ChannelInvalid
from fonoteka.domain.people import Tenant
from tests.alerts.conftest import House
from tests.alerts.mail_server import SENDER, SilentServer, TestMailServer
from tests.examples import NOON

Start = Callable[..., TestMailServer]


@pytest.fixture
def house(small_house: House) -> House:
    """On SQLite: the outbox itself is tried on both databases in `test_outbox.py`."""
    return small_house


def channel(house: House, address: str = "oncall@example.com", language: str = "ru") -> Channel:
    given = Channel("", "default", ChannelKind.EMAIL, "Дежурный", address, language, NOON)
    return save_channel(house.room, house.admin, given)


def try_once(house: House, to: Channel) -> Delivery:
    """Send a test mail; how it stands after the first attempt."""
    queued = try_channel(house.room, house.admin, to.id)
    (done,) = deliver_due(house.room)
    assert done == get_delivery(house.room, house.admin, queued.id)
    return done


@pytest.mark.parametrize("tls", list(MailTls))
def test_a_mail_arrives_whole(house: House, mail_server: Start, tls: MailTls) -> None:
    server = mail_server(tls=tls)
    house.with_mail(server.settings())
    house.room = replace(house.room, public_url="https://calls.example.com")
    done = try_once(house, channel(house))
    assert (done.state, done.outcome, done.attempts) == (DeliveryState.SENT, Outcome.ACCEPTED, 1)
    (mail,) = server.mails
    assert (mail["From"], mail["To"]) == (SENDER, "oncall@example.com")
    assert mail["Subject"] == "Фонотека: Проверка оповещений"
    assert mail["Message-ID"] == f"<{done.id}@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, html = mail.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "отправлено кнопкой проверки" in plain.get_content()
    assert 'href="https://calls.example.com/alerts"' in html.get_content()


def test_greylisting_is_waited_out(house: House, mail_server: Start) -> None:
    server = mail_server(later=2)
    house.with_mail(server.settings())
    done = try_once(house, channel(house))
    assert (done.state, done.outcome) == (DeliveryState.QUEUED, Outcome.TRY_LATER)
    assert done.detail == "451 4.7.1 greylisted, come back in five minutes"
    assert deliver_due(house.room) == [], "not yet"
    for pause in ATTEMPT_PAUSES[:2]:
        house.clock.pass_(seconds=pause.total_seconds())
        (done,) = deliver_due(house.room)
    assert (done.state, done.attempts) == (DeliveryState.SENT, 3)
    assert len(server.mails) == 1


def test_a_refused_recipient_is_told_at_once_and_hinders_nobody(house: House, mail_server: Start) -> None:
    server = mail_server(refuse={"gone@example.com": "550 5.1.1 no such user here"})
    house.with_mail(server.settings())
    bad, good = channel(house, "gone@example.com"), channel(house)
    done = try_once(house, bad)
    assert (done.state, done.outcome) == (DeliveryState.DEAD, Outcome.RECIPIENT_REFUSED)
    assert done.detail == "550 5.1.1 no such user here"
    assert try_once(house, good).state is DeliveryState.SENT
    save_channel(house.room, house.admin, replace(bad, address="here@example.com"))
    replay_delivery(house.room, house.admin, done.id)
    (again,) = deliver_due(house.room)
    assert (again.state, again.id, again.attempts) == (DeliveryState.SENT, done.id, 1)
    assert server.mails[-1]["To"] == "here@example.com", "to where the channel points now"


@pytest.mark.parametrize(
    ("how", "outcome", "is_dead"),
    [
        ({"password": "wrong"}, Outcome.SIGN_IN_REFUSED, False),
        ({"ca_file": ""}, Outcome.CERTIFICATE_INVALID, False),
        ({"host": "127.0.0.1.nip.invalid"}, Outcome.NAME_UNKNOWN, False),
        ({"tls": MailTls.TLS}, Outcome.TLS_UNAVAILABLE, False),
        ({"port": 1}, Outcome.UNREACHABLE, False),
    ],
)
def test_what_is_set_wrongly_is_told(
    house: House, mail_server: Start, how: dict[str, object], outcome: Outcome, is_dead: bool
) -> None:
    house.with_mail(mail_server().settings(**how))
    done = try_once(house, channel(house))
    assert (done.outcome, done.state is DeliveryState.DEAD) == (outcome, is_dead), done.detail
    assert done.detail


def test_a_certificate_of_another_name_is_not_trusted(house: House, mail_server: Start) -> None:
    house.with_mail(mail_server().settings(host="localhost.localdomain"))
    done = try_once(house, channel(house))
    assert done.outcome in (Outcome.CERTIFICATE_INVALID, Outcome.NAME_UNKNOWN)


def test_no_password_over_an_open_line(house: House, mail_server: Start) -> None:
    server = mail_server(tls=MailTls.NONE)
    house.with_mail(server.settings(tls=MailTls.STARTTLS))
    assert try_once(house, channel(house)).outcome is Outcome.TLS_UNAVAILABLE
    assert server.mails == []


@pytest.mark.parametrize("drip", [b"", b"2"])
def test_a_server_that_hangs_costs_its_time_and_no_more(
    house: House, mail_server: Start, drip: bytes
) -> None:
    silent = SilentServer(drip)
    house.with_mail(mail_server().settings(port=silent.port, attempt_s=1.0))
    began = time.monotonic()
    done = try_once(house, channel(house))
    silent.stop()
    assert (done.state, done.outcome) == (DeliveryState.QUEUED, Outcome.TIMED_OUT)
    assert time.monotonic() - began < 10


def test_given_up_after_the_last_attempt(house: House, mail_server: Start) -> None:
    house.with_mail(mail_server(later=99).settings())
    done = try_once(house, channel(house))
    for attempt in range(2, len(ATTEMPT_PAUSES) + 2):
        assert done.state is DeliveryState.QUEUED
        house.clock.at = done.next_at
        (done,) = deliver_due(house.room)
        assert done.attempts == attempt
    assert (done.state, done.done_at) == (DeliveryState.DEAD, house.clock.at)


def test_names_with_line_breaks_and_10_kB_texts_do_no_harm(house: House, mail_server: Start) -> None:
    server = mail_server()
    house.with_mail(server.settings())
    evil = "Acme\r\nBcc: everybody@example.com\r\n\r\n<script>alert(1)</script>" + "ы" * 10_000
    with house.room.store.transaction() as tx:
        tx.tenants.replace(Tenant("default", evil))
    made = channel(house)
    save_channel(house.room, house.admin, replace(made, name="Bob\r\nBcc: x@example.com"))
    assert try_once(house, made).state is DeliveryState.SENT
    (mail,) = server.mails
    assert server.envelopes[0].rcpt_tos == ["oncall@example.com"]
    assert mail["Bcc"] is None
    html = mail.get_body(("html",)).get_content()
    assert "<script>" not in html
    assert len(html) < 5_000
    raw = server.envelopes[0].content
    assert isinstance(raw, bytes)
    assert max(map(len, re.split(rb"\r\n", raw))) <= 998, "RFC 5322, 2.1.1"


def test_addresses_in_other_scripts(house: House, mail_server: Start) -> None:
    server = mail_server()
    house.with_mail(server.settings())
    assert channel(house, "info@почта.рф").address == "info@xn--80a1acny.xn--p1ai"
    done = try_once(house, channel(house, "инфо@почта.рф"))
    assert done.state is DeliveryState.SENT, done.detail
    assert server.envelopes[0].rcpt_tos == ["инфо@xn--80a1acny.xn--p1ai"]
    old = mail_server(takes_utf8=False)
    house.with_mail(old.settings())
    refused = try_once(house, channel(house, "инфо@почта.рф"))
    assert (refused.state, refused.outcome) == (DeliveryState.DEAD, Outcome.ADDRESS_INVALID)
    assert old.mails == []


def test_without_a_mail_server_a_test_says_so(house: House) -> None:
    with pytest.raises(ChannelInvalid, match="No mail server"):
        try_channel(house.room, house.admin, channel(house).id)
