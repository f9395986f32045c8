"""The access log is what was written: whoever changes it in the database is found out."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, text

from fonoteka.accounts import Accounts, export_events, find_events, verify_chain
from fonoteka.domain.access import Actor, ActorKind, Role
from fonoteka.domain.audit import AuditAction, AuditQuery
from fonoteka.domain.errors import AccessDenied, RequestInvalid
from tests.accounts.conftest import Clock
from tests.examples import actor

AUDITOR = Actor(ActorKind.USER, "auditor", "Auditor", "default", Role.AUDITOR)


def fill(accounts: Accounts, count: int, name: str = "anna") -> None:
    for number in range(count):
        with accounts.store.transaction() as tx:
            at = accounts.now()
            tx.audit.append(
                actor(name=name), AuditAction.RECORDING_LISTENED, f"r{number}", "\ud800 {\x00} é", at
            )


def tamper(url: str, statement: str) -> None:
    """Change the log as somebody does who owns the database."""
    engine = create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER audit_events_no_{verb}"))
        else:
            connection.execute(text("ALTER TABLE audit_events DISABLE TRIGGER audit_events_append_only"))
        connection.execute(text(statement))
    engine.dispose()


def test_an_untouched_log_is_whole(accounts: Accounts) -> None:
    fill(accounts, 5)
    report = verify_chain(accounts, AUDITOR)
    assert (report.events, report.broken_at) == (6, None)
    fill(accounts, 2)
    later = verify_chain(accounts, AUDITOR, report.hash)
    assert (later.events, later.broken_at) == (8, None)


@pytest.mark.parametrize(
    ("statement", "broken_at", "reason"),
    [
        ("UPDATE audit_events SET actor_name = 'mallory' WHERE number = 3", 3, "changed"),
        ("UPDATE audit_events SET at = at + 1 WHERE number = 1", 1, "changed"),
        ("UPDATE audit_events SET detail = detail || subject_id WHERE number = 2", 2, "changed"),
        ("DELETE FROM audit_events WHERE number = 4", 4, "missing"),
        ("DELETE FROM audit_events WHERE number = 6", 6, "missing"),
        ("DELETE FROM audit_events", 1, "missing"),
    ],
)
def test_a_touched_log_is_found_out(
    accounts: Accounts, database_url: str, statement: str, broken_at: int, reason: str
) -> None:
    fill(accounts, 5)
    tamper(database_url, statement)
    report = verify_chain(accounts, AUDITOR)
    assert (report.broken_at, report.reason) == (broken_at, reason)


def test_a_log_written_anew_does_not_have_the_hash_that_was_noted(
    accounts: Accounts, database_url: str
) -> None:
    fill(accounts, 3)
    noted = verify_chain(accounts, AUDITOR).hash
    tamper(database_url, "DELETE FROM audit_events")
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_heads"))
    engine.dispose()
    fill(accounts, 4)
    assert verify_chain(accounts, AUDITOR).broken_at is None
    assert verify_chain(accounts, AUDITOR, noted).reason == "rewritten"


def test_those_who_write_at_once_make_one_chain(accounts: Accounts) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: fill(accounts, 5), range(4)))
    report = verify_chain(accounts, AUDITOR)
    assert (report.events, report.broken_at) == (21, None)


def test_a_transaction_that_failed_leaves_nothing(accounts: Accounts) -> None:
    def fail() -> None:
        with accounts.store.transaction() as tx:
            tx.audit.append(actor(), AuditAction.RECORDING_LISTENED, "r", "", accounts.now())
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert verify_chain(accounts, AUDITOR).events == 1


def test_it_is_read_page_by_page_and_searched(accounts: Accounts, clock: Clock) -> None:
    for name in ("anna", "boris_", "anna"):
        clock.move(minutes=1)
        fill(accounts, 3, name)
    whole = find_events(accounts, AUDITOR, AuditQuery(), None, 200)
    assert (len(whole.items), whole.next) == (10, None)
    pages, cursor = [], None
    while True:
        page = find_events(accounts, AUDITOR, AuditQuery(), cursor, 4)
        pages += page.items
        cursor = page.next
        if cursor is None:
            break
    assert tuple(pages) == whole.items
    assert len(find_events(accounts, AUDITOR, AuditQuery(actor="boris_")).items) == 3
    assert len(find_events(accounts, AUDITOR, AuditQuery(actor="%")).items) == 0
    assert len(find_events(accounts, AUDITOR, AuditQuery(subject_id="r1")).items) == 3
    created = AuditQuery(actions=frozenset({AuditAction.USER_CREATED}))
    assert len(find_events(accounts, AUDITOR, created).items) == 1
    assert len(find_events(accounts, AUDITOR, AuditQuery(since=clock.at)).items) == 3
    assert len(find_events(accounts, AUDITOR, AuditQuery(until=clock.at)).items) == 7
    for bad in ("", "x", "1-", "-1-1", "1" * 40, "1-1-1", "\ud800"):
        with pytest.raises(RequestInvalid):
            find_events(accounts, AUDITOR, AuditQuery(), bad)


def test_the_export_holds_everything_and_no_formula(accounts: Accounts) -> None:
    fill(accounts, 3, "=cmd|'/c calc'!A1")
    rows = list(csv.DictReader(io.StringIO("".join(export_events(accounts, AUDITOR)), newline="")))
    assert [int(row["number"]) for row in rows] == [1, 2, 3, 4, 5]
    assert rows[1]["actor_name"] == "'=cmd|'/c calc'!A1"
    assert rows[-1]["action"] == "audit.exported"
    assert all(len(row["hash"]) == 64 for row in rows)


def test_only_who_may_see_it_sees_it(accounts: Accounts) -> None:
    agent = Actor(ActorKind.USER, "a", "A", "default", Role.AGENT, extensions=frozenset({"101"}))
    for ask in (
        lambda: find_events(accounts, agent, AuditQuery()),
        lambda: verify_chain(accounts, agent),
        lambda: export_events(accounts, agent),
    ):
        with pytest.raises(AccessDenied):
            ask()
