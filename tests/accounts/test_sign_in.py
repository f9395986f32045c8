"""Signing in by password: refusals that tell nothing, and guessing made slow."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, text

from fonoteka.accounts import (
    Accounts,
    sign_in,
)
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import (
    FonotekaError,
    SignInRefused,
    SignInThrottled,
)
from fonoteka.store import Store
from tests.accounts.conftest import PASSWORD, Clock
from tests.accounts.events import events


def fail(accounts: Accounts, times: int, login: str = "admin", address: str = "a") -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            sign_in(accounts, login, "wrong", address)


def test_a_login_is_known_in_any_case(accounts: Accounts) -> None:
    for login in ("admin", "ADMIN", " Admin ", "ＡＤＭＩＮ"):
        sign_in(accounts, login, PASSWORD, "a")


STRANGERS = [
    ("admin", ""),
    ("admin", "x"),
    ("admin", PASSWORD.upper()),
    ("admin", PASSWORD + "\0"),
    ("admin", "x" * 10_000_000),
    ("admin", "\ud800"),
    ("nobody", PASSWORD),
    ("", ""),
    ("\0", PASSWORD),
    ("\ud800" * 999_999, PASSWORD),
    ("' OR 1=1 --", PASSWORD),
    ("admi_", PASSWORD),
]


def test_refusals_are_all_alike_and_take_one_hash_each(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    real = PasswordHasher.verify

    def counted(self: PasswordHasher, hash: str, password: bytes) -> bool:
        hashed.append(hash)
        return real(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for number, (login, password) in enumerate(STRANGERS):
        with pytest.raises(SignInRefused) as caught:
            sign_in(accounts, login, password, f"address {number}")
        assert str(caught.value) == str(SignInRefused())
        assert caught.value.context == {"attempts_left": 4, "wait_s": 0}
        assert len(hashed) == number + 1, "an unknown login takes as long as a known one"
    assert len({hash.rpartition("$")[0].rpartition("$")[0] for hash in hashed}) == 1, "with equal parameters"


def test_guessing_gets_slow_and_slower(accounts: Accounts, clock: Clock) -> None:
    fail(accounts, 5)
    for wait_s in (30, 60, 120):
        with pytest.raises(SignInThrottled) as caught:
            sign_in(accounts, "admin", PASSWORD, "a")
        assert caught.value.retry_after_s == wait_s
        clock.move(seconds=wait_s - 0.5)
        with pytest.raises(SignInThrottled) as caught:
            sign_in(accounts, "admin", PASSWORD, "a")
        assert caught.value.retry_after_s == 1
        clock.move(seconds=0.5)
        fail(accounts, 1)
    for _ in range(30):
        clock.move(hours=1)
        fail(accounts, 1)
    with pytest.raises(SignInThrottled) as caught:
        sign_in(accounts, "admin", PASSWORD, "a")
    assert caught.value.retry_after_s == 3600


def test_success_forgives_and_so_does_a_day(accounts: Accounts, clock: Clock) -> None:
    fail(accounts, 4)
    sign_in(accounts, "admin", PASSWORD, "a")
    fail(accounts, 5)
    clock.move(days=1, seconds=1)
    fail(accounts, 4)
    sign_in(accounts, "admin", PASSWORD, "a")


def test_others_are_not_locked_out(accounts: Accounts) -> None:
    fail(accounts, 5, address="a")
    sign_in(accounts, "admin", PASSWORD, "b")
    fail(accounts, 5, login="nobody", address="b")
    with pytest.raises(SignInThrottled):
        sign_in(accounts, "Nobody ", PASSWORD, "b")
    sign_in(accounts, "admin", PASSWORD, "b")


def test_guessing_at_once_gains_nothing(accounts: Accounts) -> None:
    def guess(_: int) -> type[FonotekaError]:
        try:
            sign_in(accounts, "admin", "wrong", "a")
        except FonotekaError as error:
            return type(error)
        raise AssertionError

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(guess, range(24)))
    assert answers.count(SignInRefused) == 5
    assert answers.count(SignInThrottled) == 19


def test_the_throttle_survives_a_restart(accounts: Accounts, database_url: str, clock: Clock) -> None:
    fail(accounts, 5)
    again = Accounts(Store.open(database_url), 30, clock)
    with pytest.raises(SignInThrottled):
        sign_in(again, "admin", PASSWORD, "a")
    again.store.close()


def test_the_throttle_keeps_a_bounded_number_of_rows(accounts: Accounts, clock: Clock) -> None:
    with accounts.store.transaction() as tx:
        for number in range(30):
            clock.move(seconds=1)
            tx.sign_in_attempts.get_locked(f"key {number}", clock())
        tx.sign_in_attempts.prune(clock(), 10)
        left = [n for n in range(30) if tx.sign_in_attempts.get_locked(f"key {n}", clock()).last_at < clock()]
    assert left == [], "rows older than the instant go"


def test_the_oldest_rows_beyond_the_bound_go(accounts: Accounts, clock: Clock) -> None:
    begun = clock()
    with accounts.store.transaction() as tx:
        for number in range(30):
            clock.move(seconds=1)
            tx.sign_in_attempts.get_locked(f"key {number}", clock())
        tx.sign_in_attempts.prune(begun, 10)
        clock.move(seconds=1)
        left = [n for n in range(30) if tx.sign_in_attempts.get_locked(f"key {n}", clock()).last_at < clock()]
    assert left == list(range(20, 30))


def test_sign_ins_and_refusals_are_written_down(accounts: Accounts) -> None:
    fail(accounts, 1, address="192.0.2.9")
    fail(accounts, 1, login="typed my password here", address="192.0.2.9")
    sign_in(accounts, "admin", PASSWORD, "192.0.2.9")
    written = events(accounts)
    assert written[1:] == [
        (AuditAction.SIGN_IN_REFUSED, "Administrator", "192.0.2.9", "password"),
        (AuditAction.SIGN_IN_REFUSED, "", "192.0.2.9", "password"),
        (AuditAction.SIGNED_IN, "Administrator", "192.0.2.9", "password"),
    ]


def test_a_hash_of_former_parameters_is_renewed(accounts: Accounts, database_url: str) -> None:
    former = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE users SET password_hash = :hash"), {"hash": former})
    sign_in(accounts, "admin", PASSWORD, "a")
    with engine.connect() as connection:
        renewed = connection.scalar(text("SELECT password_hash FROM users"))
    engine.dispose()
    assert renewed != former
    sign_in(accounts, "admin", PASSWORD, "a")
