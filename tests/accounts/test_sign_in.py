"""Signing in by password: sessions, refusals that tell nothing, and guessing made slow."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, text

from fonoteka.accounts import (
    Accounts,
    actor_of_session,
    actor_of_token,
    create_sign_in_link,
    create_token,
    ensure_first_administrator,
    redeem_sign_in_link,
    sign_in,
    sign_out,
)
from fonoteka.domain.access import ActorKind, Role
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import (
    FonotekaError,
    SettingInvalid,
    SignInRefused,
    SignInRequired,
    SignInThrottled,
)
from fonoteka.store import Store
from tests.accounts.conftest import PASSWORD, Clock
from tests.examples import actor


def events(accounts: Accounts) -> list[tuple[AuditAction, str, str, str]]:
    with accounts.store.reading() as tx:
        found = tx.audit.newest("default", 999)
    return [(one.action, one.actor_name, one.remote_address, one.detail) for one in reversed(found)]


def fail(accounts: Accounts, times: int, login: str = "admin", address: str = "a") -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            sign_in(accounts, login, "wrong", address)


def test_a_session_lasts_until_it_expires(accounts: Accounts, clock: Clock) -> None:
    secret = sign_in(accounts, "admin", PASSWORD, "192.0.2.1")
    who = actor_of_session(accounts, secret, "192.0.2.2")
    assert (who.kind, who.name, who.role) == (ActorKind.USER, "Administrator", Role.ADMINISTRATOR)
    assert (who.tenant_id, who.remote_address) == ("default", "192.0.2.2")
    clock.move(days=30, seconds=-1)
    actor_of_session(accounts, secret, "")
    clock.move(seconds=1)
    with pytest.raises(SignInRequired):
        actor_of_session(accounts, secret, "")


def test_signing_out_ends_this_session_alone(accounts: Accounts) -> None:
    one, other = (sign_in(accounts, "admin", PASSWORD, "a") for _ in range(2))
    for _ in range(2):
        sign_out(accounts, one)
    sign_out(accounts, "unknown")
    with pytest.raises(SignInRequired):
        actor_of_session(accounts, one, "")
    actor_of_session(accounts, other, "")
    assert [event[0] for event in events(accounts)].count(AuditAction.SIGNED_OUT) == 1


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
        assert caught.value.context == {}
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


def test_sessions_of_a_user_are_bounded(accounts: Accounts, clock: Clock) -> None:
    first = sign_in(accounts, "admin", PASSWORD, "a")
    for _ in range(100):
        clock.move(seconds=1)
        link = create_sign_in_link(accounts, "admin")
        redeem_sign_in_link(accounts, link, "a")
    with pytest.raises(SignInRequired):
        actor_of_session(accounts, first, "")


def test_no_secret_stands_in_the_database(accounts: Accounts, database_url: str) -> None:
    secrets = [
        sign_in(accounts, "admin", PASSWORD, "a"),
        create_sign_in_link(accounts, "admin"),
        create_token(accounts, "export", actor()),
        PASSWORD,
    ]
    engine = create_engine(database_url)
    with engine.connect() as connection:
        rows = [
            str(tuple(row))
            for table in ("users", "sessions", "tokens", "sign_in_links", "sign_in_attempts", "audit_events")
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        ]
    engine.dispose()
    assert len(rows) > 5
    assert not [secret for secret in secrets if any(secret in row for row in rows)]


def test_a_disabled_user_is_out_at_once(accounts: Accounts, database_url: str) -> None:
    secret = sign_in(accounts, "admin", PASSWORD, "a")
    link = create_sign_in_link(accounts, "admin")
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE users SET disabled_at = 1"))
    engine.dispose()
    with pytest.raises(SignInRequired):
        actor_of_session(accounts, secret, "")
    with pytest.raises(SignInRefused):
        sign_in(accounts, "admin", PASSWORD, "a")
    with pytest.raises(SignInRefused):
        redeem_sign_in_link(accounts, link, "a")


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


def test_other_secrets_open_nothing(accounts: Accounts) -> None:
    sign_in(accounts, "admin", PASSWORD, "a")
    for secret in ("", "x", "\0", "\ud800", "é" * 10_000_000):
        for ask in (actor_of_session, actor_of_token):
            with pytest.raises(SignInRequired):
                ask(accounts, secret, "")
        with pytest.raises(SignInRefused):
            redeem_sign_in_link(accounts, secret, "")


def test_one_kind_of_secret_is_no_other(accounts: Accounts) -> None:
    session = sign_in(accounts, "admin", PASSWORD, "a")
    token = create_token(accounts, "export", actor())
    with pytest.raises(SignInRequired):
        actor_of_token(accounts, session, "")
    with pytest.raises(SignInRequired):
        actor_of_session(accounts, token, "")


def test_the_first_administrator_is_made_once(store: Store) -> None:
    accounts = Accounts(store)
    made = ensure_first_administrator(accounts, "")
    assert made is not None
    assert len(made) == 19
    assert ensure_first_administrator(accounts, "") is None
    assert ensure_first_administrator(accounts, "another password") is None
    sign_in(accounts, "admin", made, "a")
    with pytest.raises(SignInRefused):
        sign_in(accounts, "admin", "another password", "a")


def test_of_processes_that_start_at_once_one_makes_the_administrator(store: Store) -> None:
    accounts = Accounts(store)
    with ThreadPoolExecutor(4) as pool:
        made = [one for one in pool.map(lambda _: ensure_first_administrator(accounts, ""), range(4)) if one]
    assert len(made) == 1
    sign_in(accounts, "admin", made[0], "a")
    assert [event[0] for event in events(accounts)].count(AuditAction.USER_CREATED) == 1


@pytest.mark.parametrize("password", ["short", "x" * 1025])
def test_a_password_of_bad_length_is_refused(store: Store, password: str) -> None:
    with pytest.raises(SettingInvalid):
        ensure_first_administrator(Accounts(store), password)
    with store.reading() as tx:
        assert not tx.users.any()
