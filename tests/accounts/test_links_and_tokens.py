"""Sign-in links, good once, and API tokens, good until revoked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from fonoteka.accounts import (
    Accounts,
    actor_of_session,
    actor_of_token,
    create_sign_in_link,
    create_token,
    redeem_sign_in_link,
    revoke_token,
)
from fonoteka.domain.access import ActorKind
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import RequestInvalid, SignInRefused, SignInRequired, TokenNotFound
from tests.accounts.conftest import Clock
from tests.accounts.events import events
from tests.examples import actor


def test_a_link_is_good_once(accounts: Accounts) -> None:
    link = create_sign_in_link(accounts, "Admin")
    secret = redeem_sign_in_link(accounts, link, "192.0.2.1")
    assert actor_of_session(accounts, secret, "").name == "Administrator"
    with pytest.raises(SignInRefused):
        redeem_sign_in_link(accounts, link, "192.0.2.2")
    assert events(accounts)[1:] == [
        (AuditAction.SIGNED_IN, "Administrator", "192.0.2.1", "link"),
        (AuditAction.SIGN_IN_REFUSED, "Administrator", "192.0.2.2", "link"),
    ]


def test_a_link_expires(accounts: Accounts, clock: Clock) -> None:
    link, late = (create_sign_in_link(accounts, "admin", minutes=5) for _ in range(2))
    clock.move(minutes=5, seconds=-1)
    redeem_sign_in_link(accounts, link, "")
    clock.move(seconds=1)
    with pytest.raises(SignInRefused):
        redeem_sign_in_link(accounts, late, "")


def test_of_many_at_once_one_gets_in(accounts: Accounts) -> None:
    link = create_sign_in_link(accounts, "admin")

    def redeem(_: int) -> bool:
        try:
            return bool(redeem_sign_in_link(accounts, link, ""))
        except SignInRefused:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(redeem, range(8))) == 1


def test_links_that_never_were_leave_no_trace(accounts: Accounts) -> None:
    before = events(accounts)
    with pytest.raises(SignInRefused):
        redeem_sign_in_link(accounts, "made up", "")
    assert events(accounts) == before


@pytest.mark.parametrize(
    ("login", "minutes", "field"),
    [("nobody", 5, "login"), ("admin", 0, "minutes"), ("admin", 10_081, "minutes"), ("", 5, "login")],
)
def test_bad_links_name_their_field(accounts: Accounts, login: str, minutes: int, field: str) -> None:
    with pytest.raises(RequestInvalid) as caught:
        create_sign_in_link(accounts, login, minutes)
    assert caught.value.field == field


def test_a_token_acts_for_its_tenant_under_its_name(accounts: Accounts) -> None:
    token = create_token(accounts, "  Экспорт ", actor("ours"))
    who = actor_of_token(accounts, token, "192.0.2.3")
    assert (who.kind, who.name, who.tenant_id) == (ActorKind.TOKEN, "Экспорт", "ours")
    assert who.remote_address == "192.0.2.3"
    with accounts.store.reading() as tx:
        (event,) = tx.audit.newest("ours", 9)
    assert (event.action, event.subject_id, event.detail) == (
        AuditAction.TOKEN_CREATED,
        who.id,
        "Экспорт role=administrator reach=tenant",
    )


def test_a_revoked_token_is_good_for_nothing(accounts: Accounts) -> None:
    token, other = (create_token(accounts, name, actor()) for name in ("a", "b"))
    who = actor_of_token(accounts, token, "")
    with pytest.raises(TokenNotFound):
        revoke_token(accounts, who.id, replace(actor(), tenant_id="other"))
    revoke_token(accounts, who.id, actor())
    with pytest.raises(SignInRequired):
        actor_of_token(accounts, token, "")
    with pytest.raises(TokenNotFound):
        revoke_token(accounts, who.id, actor())
    actor_of_token(accounts, other, "")
    assert [event[0] for event in events(accounts)].count(AuditAction.TOKEN_REVOKED) == 1


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_bad_names_are_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(RequestInvalid) as caught:
        create_token(accounts, name, actor())
    assert caught.value.field == "name"
