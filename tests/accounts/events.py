"""What accounts wrote down."""

from __future__ import annotations

from fonoteka.accounts import Accounts
from fonoteka.domain.audit import AuditAction


def events(accounts: Accounts) -> list[tuple[AuditAction, str, str, str]]:
    with accounts.store.reading() as tx:
        found = tx.audit.newest("default", 999)
    return [(one.action, one.actor_name, one.remote_address, one.detail) for one in reversed(found)]
