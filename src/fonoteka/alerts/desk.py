"""Where every room reports what is wrong, and that it is over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from fonoteka.alerts.alert_room import AlertRoom
from fonoteka.alerts.metrics import UNREPORTED
from fonoteka.alerts.telling import tell_what_is_due
from fonoteka.domain.alerts import (
    Alert,
    Condition,
    Facts,
    may_reopen,
    reported,
    seems_over,
)
from fonoteka.domain.errors import FonotekaError
from fonoteka.domain.ids import new_id
from fonoteka.store import Transaction

_LOG = logging.getLogger(__name__)
_SEEN_EVERY = timedelta(minutes=1)
KEY_MAX = 200


class Desk:
    """The `AlertDesk` of the other rooms. Never raises: a database that is away is logged and counted."""

    def __init__(self, room: AlertRoom) -> None:
        self._room = room

    def report(self, condition: Condition, tenant_id: str, key: str, facts: Facts, level: int = 0) -> None:
        """The condition holds for that key. See `domain.ports.AlertDesk`."""
        self._guarded(condition, lambda: report(self._room, condition, tenant_id, key, facts, level))

    def clear(self, condition: Condition, tenant_id: str, key: str) -> None:
        """The condition does not hold."""
        self._guarded(condition, lambda: clear(self._room, condition, tenant_id, key))

    def report_all(
        self, condition: Condition, holding: Mapping[tuple[str, str], tuple[Facts, int]], scope: str = ""
    ) -> None:
        """The condition holds for those (tenant, key) with those facts and levels, and for no other."""
        self._guarded(condition, lambda: report_all(self._room, condition, holding, scope))

    def _guarded(self, condition: Condition, act: Callable[[], None]) -> None:
        try:
            act()
        except FonotekaError as error:
            UNREPORTED.inc()
            _LOG.error("%s could not be reported: %s: %s", condition, error.code, error)


def report(
    room: AlertRoom, condition: Condition, tenant_id: str, key: str, facts: Facts, level: int = 0
) -> None:
    """The condition holds. Durable, and queued for every channel, when it returns."""
    key, now = key[:KEY_MAX], room.now()
    with room.store.reading() as tx:
        known = tx.alerts.open_one(tenant_id, condition, key)
    if known and known.clear_since is None and known.level == level and now - known.seen_at < _SEEN_EVERY:
        return
    with room.store.transaction() as tx:
        tx.tenants.lock(tenant_id)
        alert = _opened(tx, Alert(new_id(), tenant_id, condition, key, level, facts, now, now))
        tell_what_is_due(room, tx, alert)


def clear(room: AlertRoom, condition: Condition, tenant_id: str, key: str) -> None:
    """The condition does not hold; the alert is over once this has been so for a while (`settle_time`)."""
    key = key[:KEY_MAX]
    with room.store.reading() as tx:
        known = tx.alerts.open_one(tenant_id, condition, key)
    if known is None or known.clear_since is not None:
        return
    with room.store.transaction() as tx:
        tx.tenants.lock(tenant_id)
        if alert := tx.alerts.open_one(tenant_id, condition, key, lock=True):
            tx.alerts.replace(seems_over(alert, room.now()))


def report_all(
    room: AlertRoom,
    condition: Condition,
    holding: Mapping[tuple[str, str], tuple[Facts, int]],
    scope: str = "",
) -> None:
    """As `report` for each of (tenant, key); every other alert of the condition is cleared.

    With a `scope` only keys that begin with it are meant.
    """
    for (tenant_id, key), (facts, level) in holding.items():
        report(room, condition, tenant_id, key, facts, level)
    with room.store.reading() as tx:
        known = tx.alerts.open_of(condition)
    kept = {(tenant_id, key[:KEY_MAX]) for tenant_id, key in holding}
    for one in known:
        if one.key.startswith(scope) and (one.tenant_id, one.key) not in kept:
            clear(room, condition, one.tenant_id, one.key)


def _opened(tx: Transaction, fresh: Alert) -> Alert:
    """The alert that is open from now on: the one that was, if only just now, or the fresh one."""
    known = tx.alerts.open_one(fresh.tenant_id, fresh.condition, fresh.key, lock=True)
    if known is None:
        last = tx.alerts.last_one(fresh.tenant_id, fresh.condition, fresh.key)
        if last is None or not may_reopen(last, fresh.raised_at):
            tx.alerts.add(fresh)
            return fresh
        known = replace(last, acknowledged_by="", acknowledged_level=0)
    alert = reported(known, fresh.level, fresh.facts, fresh.raised_at)
    tx.alerts.replace(alert)
    return alert
