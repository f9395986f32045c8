"""Being signed in: sessions, the secrets that prove it, the first administrator."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
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
    SettingInvalid,
    SignInRefused,
    SignInRequired,
)
from fonoteka.store import Store
from tests.accounts.conftest import PASSWORD, Clock
from tests.accounts.events import events
from tests.examples import actor


def test_a_session_lasts_until_it_expires(accounts: Accounts, clock: Clock) -> None:
    secret = sign_in(accounts, "admin", PASSWORD, "192.0.2.1")
    who = actor_of_session(accounts, secret, "192.0.2.2")
    assert (who.kind, who.name, who.role) == (ActorKind.USER, "Administrator", Role.OWNER)
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
