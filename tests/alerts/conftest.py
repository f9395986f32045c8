"""A room of alerts on each kind of database, with a clock that tests set."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fonoteka.alerts import AlertRoom, MailServer, WebhookLimits, ensure_own_channel
from fonoteka.domain.access import Actor, ActorKind, Role
from fonoteka.domain.ids import new_id
from fonoteka.store import Store, UserRow
from tests.alerts.mail_server import TestMailServer
from tests.alerts.receivers import LOOPBACK
from tests.certificates import Certificate, make_certificate
from tests.examples import NOON


@dataclass
class Clock:
    """What time it is, as tests say."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **span: float) -> None:
        """Let time go by."""
        self.at += timedelta(**span)


@dataclass
class House:
    """A room, its clock, and the first administrator."""

    room: AlertRoom
    clock: Clock = field(default_factory=Clock)
    admin: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.room = replace(self.room, now=self.clock)
        self.admin = Actor(ActorKind.USER, new_id(), "Anna", "default", Role.ADMINISTRATOR, "192.0.2.7")
        with self.room.store.transaction() as tx:
            tx.users.add(
                UserRow(self.admin.id, "default", "admin", "Anna", Role.ADMINISTRATOR, "", NOON, None)
            )
        ensure_own_channel(self.room)

    def with_mail(self, server: MailServer) -> None:
        """Set the mail server."""
        self.room = replace(self.room, mail=server)


@pytest.fixture
def house(store: Store) -> House:
    """Without a mail server; webhooks may reach loopback."""
    return _house(store)


@pytest.fixture
def small_house(sqlite_template: Path, tmp_path: Path) -> Iterator[House]:
    """As `house`, on SQLite alone: for what no database has a part in."""
    shutil.copy(sqlite_template, tmp_path / "fonoteka.sqlite3")
    opened = Store.open(f"sqlite:///{tmp_path / 'fonoteka.sqlite3'}")
    yield _house(opened)
    opened.close()


def _house(store: Store) -> House:
    return House(AlertRoom(store, webhooks=WebhookLimits(allowed=LOOPBACK, attempt_s=2.0)))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Of `localhost`, by a CA of our own."""
    return make_certificate(tmp_path_factory.mktemp("tls"), "localhost")


@pytest.fixture
def mail_server(certificate: Certificate) -> Iterator[Callable[..., TestMailServer]]:
    """Starts real mail servers on loopback."""
    started: list[TestMailServer] = []

    def start(**how: object) -> TestMailServer:
        one = TestMailServer(certificate, **how)
        one.start()
        started.append(one)
        return one

    yield start
    for one in started:
        one.stop()
