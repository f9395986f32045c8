"""Who may sign in: made, changed, shut out, and never given more than the giver has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fonoteka.accounts import (
    Accounts,
    actor_of_session,
    actor_of_token,
    change_password,
    change_user,
    create_token,
    create_user,
    end_other_sessions,
    end_session,
    list_sessions,
    list_tokens,
    list_users,
    make_user_link,
    redeem_sign_in_link,
    session_id_of,
    sign_in,
)
from fonoteka.domain.access import OF_CALLS, Actor, Permission, Role
from fonoteka.domain.errors import (
    AccessDenied,
    RequestInvalid,
    SessionNotFound,
    SignInRefused,
    SignInRequired,
    SignInThrottled,
    UserInvalid,
    UserNotFound,
)
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Extension, Group, Tenant
from fonoteka.domain.rights import WHOLE_TENANT, Reach, Rights
from fonoteka.domain.user import User
from tests.accounts.conftest import PASSWORD, Clock
from tests.examples import NOON

OWN_101 = Rights(Reach.OWN, extensions=frozenset({"101"}))


@pytest.fixture
def owner(accounts: Accounts) -> Actor:
    """The first user, who owns the tenant; it has a group of two and an extension beside."""
    with accounts.store.transaction() as tx:
        tx.tenants.add(Tenant("theirs", "Theirs"), NOON)
        tx.extensions.add([Extension(new_id(), "default", number) for number in ("101", "102", "103")])
        tx.groups.add(Group("sales", "default", "Sales", frozenset({"101", "102"})))
        tx.groups.add(Group("foreign", "theirs", "Foreign"))
    return actor_of_session(accounts, sign_in(accounts, "admin", PASSWORD, "a"), "a")


def signed_in(accounts: Accounts, made: tuple[User, str]) -> tuple[Actor, str]:
    secret = redeem_sign_in_link(accounts, made[1], "b", "Firefox")
    return actor_of_session(accounts, secret, "b"), secret


def test_a_new_user_comes_by_a_link_and_sets_a_password(accounts: Accounts, owner: Actor) -> None:
    made = create_user(accounts, owner, " Анна@Example.COM ", "Анна", Role.AGENT, OWN_101)
    assert made[0].login == "анна@example.com"
    with pytest.raises(SignInRefused):
        sign_in(accounts, "анна@example.com", "", "b")
    anna, secret = signed_in(accounts, made)
    assert anna.extensions == {"101"}
    assert anna.granted == {
        Permission.CALL_SEE,
        Permission.NUMBER_SEE,
        Permission.RECORDING_LISTEN,
        Permission.CALL_ANNOTATE,
        Permission.SCORE_SEE,
        Permission.SCORE_APPEAL,
    }
    change_password(accounts, anna, secret, "", "a pass phrase")
    sign_in(accounts, "анна@example.com", "a pass phrase", "b")
    (found,) = [one for one in list_users(accounts, owner) if one.id == anna.id]
    assert (found.has_password, found.seen_at is not None) == (True, True)


def test_rights_change_with_the_next_request(accounts: Accounts, owner: Actor) -> None:
    rights = Rights(Reach.GROUPS, frozenset({"sales"}), frozenset({"103"}))
    made = create_user(accounts, owner, "boris", "Boris", Role.SUPERVISOR, rights)
    boris, secret = signed_in(accounts, made)
    assert boris.extensions == {"101", "102", "103"}
    with accounts.store.transaction() as tx:
        tx.groups.replace(Group("sales", "default", "Sales", frozenset({"102"})))
    assert actor_of_session(accounts, secret, "b").extensions == {"102", "103"}
    less = replace(rights, removed=frozenset({Permission.RECORDING_DOWNLOAD}))
    change_user(accounts, owner, boris.id, "Boris", Role.SUPERVISOR, less)
    assert Permission.RECORDING_DOWNLOAD not in actor_of_session(accounts, secret, "b").granted
    change_user(accounts, owner, boris.id, "Boris", Role.SUPERVISOR, less, is_disabled=True)
    with pytest.raises(SignInRequired):
        actor_of_session(accounts, secret, "b")
    with pytest.raises(UserInvalid):
        make_user_link(accounts, owner, boris.id)


def test_a_reach_of_some_calls_takes_everything_that_is_the_tenants(accounts: Accounts, owner: Actor) -> None:
    rights = Rights(Reach.GROUPS, frozenset({"sales"}), added=frozenset(Permission))
    anna, _ = signed_in(accounts, create_user(accounts, owner, "anna", "Anna", Role.SUPERVISOR, rights))
    assert anna.granted == OF_CALLS


def test_nobody_gives_what_they_have_not(accounts: Accounts, owner: Actor) -> None:
    rights = Rights(removed=frozenset({Permission.RECORDING_LISTEN}))
    made = create_user(accounts, owner, "admin2", "Second", Role.ADMINISTRATOR, rights)
    second, _ = signed_in(accounts, made)
    for role, given in (
        (Role.OWNER, WHOLE_TENANT),
        (Role.ADMINISTRATOR, WHOLE_TENANT),
        (Role.AUDITOR, Rights(added=frozenset({Permission.RECORDING_LISTEN}))),
    ):
        with pytest.raises(AccessDenied):
            create_user(accounts, second, "mallory", "Mallory", role, given)
        with pytest.raises(AccessDenied):
            create_token(accounts, "mallory", second, role=role, rights=given)
    with pytest.raises(AccessDenied):
        change_user(accounts, second, second.id, "Second", Role.ADMINISTRATOR, WHOLE_TENANT)
    with pytest.raises(AccessDenied):
        change_user(accounts, second, owner.id, "x", Role.OWNER, WHOLE_TENANT, is_disabled=True)
    with pytest.raises(AccessDenied):
        make_user_link(accounts, second, owner.id)
    assert actor_of_token(accounts, create_token(accounts, "like me", second), "c").granted == second.granted


def test_who_may_not_manage_accounts_may_do_nothing_here(accounts: Accounts, owner: Actor) -> None:
    anna, _ = signed_in(accounts, create_user(accounts, owner, "anna", "Anna", Role.AGENT, OWN_101))
    for ask in (
        lambda: list_users(accounts, anna),
        lambda: create_user(accounts, anna, "x", "X", Role.AGENT, OWN_101),
        lambda: change_user(accounts, anna, anna.id, "Anna", Role.OWNER, WHOLE_TENANT),
        lambda: make_user_link(accounts, anna, owner.id),
        lambda: list_tokens(accounts, anna),
        lambda: create_token(accounts, "x", anna),
    ):
        with pytest.raises(AccessDenied):
            ask()
    assert list_sessions(accounts, anna, owner.id) == ()


def test_somebody_who_can_manage_users_stays(accounts: Accounts, owner: Actor) -> None:
    with pytest.raises(UserInvalid, match="Nobody would be left"):
        change_user(accounts, owner, owner.id, "Owner", Role.AUDITOR, WHOLE_TENANT)
    with pytest.raises(UserInvalid, match="Nobody would be left"):
        change_user(accounts, owner, owner.id, "Owner", Role.OWNER, WHOLE_TENANT, is_disabled=True)
    create_user(accounts, owner, "second", "Second", Role.ADMINISTRATOR, WHOLE_TENANT)
    change_user(accounts, owner, owner.id, "Owner", Role.AUDITOR, WHOLE_TENANT)


@pytest.mark.parametrize(
    ("login", "name", "role", "rights", "field"),
    [
        ("", "N", Role.AUDITOR, WHOLE_TENANT, "login"),
        ("a b", "N", Role.AUDITOR, WHOLE_TENANT, "login"),
        ("ADMIN", "N", Role.AUDITOR, WHOLE_TENANT, "login"),
        ("x" * 201, "N", Role.AUDITOR, WHOLE_TENANT, "login"),
        ("n", " ", Role.AUDITOR, WHOLE_TENANT, "name"),
        ("n", "a\nb", Role.AUDITOR, WHOLE_TENANT, "name"),
        ("n", "N", Role.AGENT, Rights(Reach.OWN), "extensions"),
        ("n", "N", Role.AGENT, Rights(Reach.OWN, extensions=frozenset({"999"})), "extensions"),
        ("n", "N", Role.SUPERVISOR, Rights(Reach.GROUPS), "group_ids"),
        ("n", "N", Role.SUPERVISOR, Rights(Reach.GROUPS, frozenset({"foreign"})), "group_ids"),
    ],
)
def test_what_cannot_be_is_named(
    accounts: Accounts, owner: Actor, login: str, name: str, role: Role, rights: Rights, field: str
) -> None:
    with pytest.raises(UserInvalid) as refused:
        create_user(accounts, owner, login, name, role, rights)
    assert refused.value.field == field
    assert len(list_users(accounts, owner)) == 1


def test_users_of_another_tenant_do_not_exist(accounts: Accounts, owner: Actor) -> None:
    stranger = replace(owner, tenant_id="theirs", id="stranger")
    made, _ = create_user(accounts, stranger, "fremd", "Fremd", Role.OWNER, WHOLE_TENANT)
    assert [one.login for one in list_users(accounts, owner)] == ["admin"]
    for ask in (
        lambda: change_user(accounts, owner, made.id, "x", Role.AUDITOR, WHOLE_TENANT),
        lambda: make_user_link(accounts, owner, made.id),
        lambda: make_user_link(accounts, owner, "no id"),
    ):
        with pytest.raises(UserNotFound):
            ask()


def test_sessions_are_listed_and_ended(accounts: Accounts, owner: Actor, clock: Clock) -> None:
    anna, secret = signed_in(accounts, create_user(accounts, owner, "anna", "Anna", Role.AGENT, OWN_101))
    clock.move(minutes=6)
    actor_of_session(accounts, secret, "192.0.2.5")
    (session,) = list_sessions(accounts, anna)
    assert (session.remote_address, session.user_agent) == ("192.0.2.5", "Firefox")
    assert (session.seen_at, session.id) == (clock.at, session_id_of(accounts, secret))
    (theirs,) = list_sessions(accounts, owner)
    with pytest.raises(SessionNotFound):
        end_session(accounts, anna, theirs.id)
    assert end_other_sessions(accounts, anna, secret) == 0
    end_session(accounts, owner, session.id)
    with pytest.raises(SignInRequired):
        actor_of_session(accounts, secret, "b")


def test_a_changed_password_ends_the_other_sessions(accounts: Accounts, owner: Actor, clock: Clock) -> None:
    mine, other = (sign_in(accounts, "admin", PASSWORD, "a") for _ in range(2))
    for _ in range(5):
        with pytest.raises(UserInvalid) as refused:
            change_password(accounts, owner, mine, "guess", "another pass phrase")
        assert refused.value.field == "old_password"
    with pytest.raises(SignInThrottled):
        change_password(accounts, owner, mine, PASSWORD, "another pass phrase")
    clock.move(hours=2)
    with pytest.raises(UserInvalid):
        change_password(accounts, owner, mine, PASSWORD, "short")
    change_password(accounts, owner, mine, PASSWORD, "another pass phrase")
    actor_of_session(accounts, mine, "a")
    with pytest.raises(SignInRequired):
        actor_of_session(accounts, other, "a")


def test_a_token_has_its_own_rights_and_end(accounts: Accounts, owner: Actor, clock: Clock) -> None:
    until = clock.at.replace(year=2027)
    token = create_token(accounts, "CRM", owner, role=Role.AGENT, rights=OWN_101, expires_at=until)
    who = actor_of_token(accounts, token, "c")
    assert who.extensions == {"101"}
    assert [one.seen_at for one in list_tokens(accounts, owner)] == [clock.at]
    clock.move(days=400)
    with pytest.raises(SignInRequired):
        actor_of_token(accounts, token, "c")
    with pytest.raises(RequestInvalid):
        create_token(accounts, "late", owner, expires_at=until)
