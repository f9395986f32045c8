"""Reports what the archive knows of its room: filling, overwriting, refusing, a sweep that does not go on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from fonoteka.archive import Archive, audit_storage, storage_forecast, storage_overview
from fonoteka.archive.system import storage_actor
from fonoteka.domain.access import Actor
from fonoteka.domain.alerts import INSTALLATION, Condition, Fact, Facts, level_of_count
from fonoteka.domain.ports import AlertDesk
from fonoteka.domain.storage_plan import WhenFull
from fonoteka.domain.storage_use import StorageOverview

_OVERWRITING_PERCENT = 99
"""From so much on, the next recordings take the place of old ones; large ones do so sooner."""
_CONDITIONS = (
    Condition.STORAGE_FILLING,
    Condition.STORAGE_OVERWRITING,
    Condition.STORAGE_REFUSING,
    Condition.CLOCK_JUMPED,
)
Judgement = tuple[Condition, Facts, int]


def watch_storage(archive: Archive, desk: AlertDesk) -> None:
    """Look at every tenant's storage once. Raises `StoreUnavailable`."""
    with archive.store.reading() as tx:
        tenants = tx.usage.tenants()
    holding: defaultdict[Condition, dict[tuple[str, str], tuple[Facts, int]]] = defaultdict(dict)
    for tenant_id in tenants:
        actor = storage_actor(tenant_id)
        for condition, facts, level in judge(storage_overview(archive, actor)):
            if condition is Condition.STORAGE_FILLING:
                facts = {**facts, **_full_on(archive, actor)}
            holding[condition][tenant_id, ""] = (facts, level)
    for condition in _CONDITIONS:
        desk.report_all(condition, holding[condition])


def audit_and_tell(archive: Archive, desk: AlertDesk) -> None:
    """Compare rows with objects, and say so where audio is gone or is another. Raises as `audit_storage`."""
    seen = audit_storage(archive)
    wrong = seen.counts["missing"] + seen.counts["size"]
    facts: Facts = {"recordings": wrong}
    holding = {(INSTALLATION, ""): (facts, level_of_count(wrong))} if wrong else {}
    desk.report_all(Condition.AUDIO_MISSING, holding)


def _full_on(archive: Archive, actor: Actor) -> dict[str, Fact]:
    """The day of the forecast, where there is one."""
    told = storage_forecast(archive, actor)
    day, today = told.forecast.full_on, told.today
    return {} if day is None else {"full_on": day.isoformat(), "days_left": (day - today).days}


def judge(overview: StorageOverview) -> Iterator[Judgement]:
    """What is wrong with a tenant's storage: condition, facts, level."""
    plan, used = overview.plan, overview.used.stored_bytes
    percent = plan.percent(used)
    if percent is not None and plan.quota_bytes is not None:
        facts: dict[str, Fact] = {
            "percent": int(percent),
            "used_bytes": used,
            "quota_bytes": plan.quota_bytes,
        }
        if overview.reached_percent is not None:
            yield Condition.STORAGE_FILLING, facts, overview.reached_percent
        if overview.refuses:
            yield Condition.STORAGE_REFUSING, facts, 0
        elif plan.when_full is WhenFull.OVERWRITE_OLDEST and (
            overview.is_overwriting or percent >= _OVERWRITING_PERCENT
        ):
            oldest = {} if overview.oldest_at is None else {"oldest_at": overview.oldest_at.isoformat()}
            yield Condition.STORAGE_OVERWRITING, {**facts, **oldest}, 0
    if overview.halted_since is not None:
        yield Condition.CLOCK_JUMPED, {"since": overview.halted_since.isoformat()}, 0
