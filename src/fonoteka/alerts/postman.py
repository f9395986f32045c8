"""The postman: takes what is due from the outbox and delivers it, at least once."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace

from fonoteka.alerts.alert_room import AlertRoom, MailServer
from fonoteka.alerts.metrics import ATTEMPTS, DELIVERY_SECONDS, GIVEN_UP
from fonoteka.alerts.smtp import send_mail
from fonoteka.alerts.webhook import post_webhook
from fonoteka.domain.delivery import (
    Attempt,
    Delivery,
    DeliveryState,
    Outcome,
    Transport,
    next_attempt_at,
)
from fonoteka.domain.errors import FonotekaError, ObjectsUnavailable, StorageFull, StoreUnavailable

_LOG = logging.getLogger(__name__)
POLL_S = 1.0
THREADS = 4
"""One slow server holds up one of them, and its own channel alone."""


def deliver_one(room: AlertRoom) -> Delivery | None:
    """Try the delivery that has been due longest; how it stands afterwards. None when nothing is due.

    It is ours for `room.lease`: who dies between the receiver's yes and our commit leaves it to be repeated.
    """
    now = room.now()
    with room.store.reading() as tx:
        if not tx.deliveries.next_due(now):
            return None
    with room.store.transaction() as tx:
        delivery = tx.deliveries.lease(now, now + room.lease)
    if delivery is None:
        return None
    began = time.monotonic()
    attempt = _attempt(room, delivery)
    transport = delivery.message.transport.value
    DELIVERY_SECONDS.labels(transport).observe(time.monotonic() - began)
    ATTEMPTS.labels(transport, attempt.outcome.value).inc()
    after = _after(room, delivery, attempt)
    with room.store.transaction() as tx:
        tx.deliveries.finish(after, delivery.attempts)
    if after.state is DeliveryState.DEAD:
        GIVEN_UP.labels(transport).inc()
        _LOG.error("%s %s to %s given up: %s", transport, after.id, after.message.target, after.detail)
    return after


def deliver_due(room: AlertRoom, attempts_max: int = 1000) -> list[Delivery]:
    """Deliver until nothing is due; how each stands afterwards."""
    done: list[Delivery] = []
    while len(done) < attempts_max and (one := deliver_one(room)) is not None:
        done.append(one)
    return done


class Postman:
    """Threads that deliver until told to stop. Several postmen, on one machine or many, share the work."""

    def __init__(self, room: AlertRoom) -> None:
        self._room = room
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"postman-{n}", daemon=True) for n in range(THREADS)
        ]

    def start(self) -> None:
        """Begin to deliver."""
        for thread in self._threads:
            thread.start()

    def stop(self, patience_s: float = 3.0) -> None:
        """Begin nothing new. What is under way longer than that is left; its lease ends by itself."""
        self._stopping.set()
        until = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                did = deliver_one(self._room) is not None
            except FonotekaError as error:
                did = False
                _LOG.warning("the outbox could not be looked at: %s: %s", error.code, error)
            if not did:
                self._stopping.wait(POLL_S)


def _attempt(room: AlertRoom, delivery: Delivery) -> Attempt:
    if delivery.message.transport is Transport.EMAIL:
        if room.mail is None:
            return Attempt(Outcome.NOT_CONFIGURED, "No mail server is set.")
        return _send(room, room.mail, delivery)
    with room.store.reading() as tx:
        receiver = tx.alert_channels.get(
            delivery.tenant_id, delivery.channel_id
        ) or tx.event_subscriptions.get(delivery.tenant_id, delivery.channel_id)
    if receiver is None:
        return Attempt(Outcome.NOT_CONFIGURED, "The channel was deleted.", is_final=True)
    return post_webhook(room.webhooks, delivery, receiver.secret)


def _send(room: AlertRoom, server: MailServer, delivery: Delivery) -> Attempt:
    write = room.letters.get(delivery.kind)
    if write is None:
        return send_mail(server, delivery)
    try:
        letter = write(delivery)
    except (ObjectsUnavailable, StoreUnavailable, StorageFull) as error:
        return Attempt(Outcome.UNWRITTEN, str(error))
    except FonotekaError as error:
        return Attempt(Outcome.UNWRITTEN, str(error), is_final=True)
    return send_mail(server, delivery, letter)


def _after(room: AlertRoom, delivery: Delivery, attempt: Attempt) -> Delivery:
    now = room.now()
    after = replace(delivery, outcome=attempt.outcome, detail=attempt.detail)
    if attempt.outcome is Outcome.ACCEPTED:
        return replace(after, state=DeliveryState.SENT, done_at=now)
    again = None if attempt.is_final else next_attempt_at(delivery.attempts, attempt.retry_after, now)
    if again is None:
        return replace(after, state=DeliveryState.DEAD, done_at=now)
    return replace(after, next_at=again)
