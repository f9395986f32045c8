"""Accounts on each kind of database, with a clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from fonoteka.accounts import Accounts, ensure_first_administrator
from fonoteka.store import Store
from tests.examples import NOON

PASSWORD = "correct horse"


@dataclass
class Clock:
    """Now is what the test says."""

    at: datetime = field(default=NOON)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(store: Store, clock: Clock) -> Accounts:
    """Accounts with the first administrator."""
    one = Accounts(store, 30, clock)
    assert ensure_first_administrator(one, PASSWORD) is None
    return one
