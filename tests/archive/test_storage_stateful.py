"""Random stores, deletions, holds, terms, sweeps, clocks and crashes against a simple model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fonoteka.archive import (
    Archive,
    audit_storage,
    bin_recording,
    change_plan,
    change_retention,
    confirm_sweep,
    empty_bin,
    get_recording,
    place_legal_hold,
    register_call,
    release_legal_hold,
    remove_deleted_audio,
    restore_recording,
    retention_terms,
    shelve_recording,
    storage_overview,
    storage_plan,
    sweep_retention,
)
from fonoteka.domain.errors import QuotaFull, RecordingDeleted, RecordingHeld, RecordingProtected
from fonoteka.domain.ids import new_id
from fonoteka.domain.legal_hold import HoldFilter
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.retention import RetentionTerm, TermScope
from fonoteka.domain.storage_plan import WhenFull
from tests.archive.interruptions import Fuse, FusedObjects, FusedStore, Killed
from tests.archive.storage_model import JUMP, Model, Stored
from tests.examples import NOON, actor, call

KILOBYTES = st.sampled_from([120, 250, 400, 700])
DAYS = st.one_of(st.none(), st.integers(1, 40))
PEAKS = b"{}"
Step = Callable[[Archive], None]


class StorageMachine(RuleBasedStateMachine):
    """One tenant, against the model. What crashes is repeated, as the pipeline and people do."""

    archive: Archive
    folder: Path
    url: str

    def __init__(self) -> None:
        super().__init__()
        self.tenant = f"t{new_id()}"
        self.me = actor(self.tenant)
        self.model = Model(NOON)
        self.archive = replace(type(self).archive, now=lambda: self.model.now)
        with self.archive.store.transaction() as tx:
            tx.usage.lock(self.tenant)  # a sweep knows the tenant from now on
        self.holds: dict[str, HoldFilter | None] = {}
        self.fuse_steps: int | None = None
        self.fuse_after = False

    def _ids(self) -> list[str]:
        return sorted(self.model.stored)

    def _do(self, step: Step) -> None:
        """Do it, killed on the way where `crash` said so, and then again."""
        steps, self.fuse_steps = self.fuse_steps, None
        if steps is not None:
            fuse = Fuse(steps, after=self.fuse_after)
            store, objects = FusedStore.open(self.url), FusedObjects.open(self.folder / "objects")
            assert isinstance(store, FusedStore)
            assert isinstance(objects, FusedObjects)
            store.fuse = objects.fuse = fuse
            try:
                step(replace(self.archive, store=store, objects=objects))
                return
            except Killed:
                pass
            finally:
                store.close()
        step(self.archive)

    @rule(steps=st.integers(0, 8), after=st.booleans())
    def crash(self, steps: int, after: bool) -> None:
        """What comes next is killed at a durable step."""
        self.fuse_steps, self.fuse_after = steps, after

    @rule(kilobytes=KILOBYTES, age_days=st.integers(0, 40))
    def store(self, kilobytes: int, age_days: int) -> None:
        at = self.model.now - timedelta(days=age_days)
        one = call(tenant_id=self.tenant, started_at=at)
        id_ = one.recordings[0].id
        file = self.folder / f"{id_}.opus"
        with file.open("wb") as sound:
            sound.write(id_.encode())
            sound.truncate(kilobytes * 1000)
        ready = replace(one.recordings[0], state=RecordingState.READY)
        self._do(lambda archive: register_call(archive, one) and None)
        new = Stored(id_, at, kilobytes * 1000 + len(PEAKS))
        fits = self.model.add(new)
        try:
            self._do(lambda archive: shelve_recording(archive, ready, file, PEAKS))
        except QuotaFull:
            assert not fits
        else:
            assert fits
            new.holds = {id_ for id_, found in self.holds.items() if found and self._finds(found, new)}
        file.unlink()

    @rule(data=st.data())
    @precondition(lambda self: self.model.stored)
    def delete(self, data: st.DataObject) -> None:
        one = self._pick(data)
        trusted = self.model.trusted()
        try:
            self._do(lambda archive: bin_recording(archive, self.me, one.id))
        except RecordingHeld:
            assert one.holds
        except RecordingProtected:
            assert not one.holds
            assert self.model.is_protected(one, trusted)
        else:
            if one.state == "ready":
                assert self.model.may_go(one, trusted)
                self.model.bin(one, "hand")

    @rule(data=st.data())
    @precondition(lambda self: self.model.stored)
    def restore(self, data: st.DataObject) -> None:
        one = self._pick(data)
        try:
            self._do(lambda archive: restore_recording(archive, self.me, one.id))
        except RecordingDeleted:
            assert one.state == "deleted"
        else:
            self.model.restore(one)

    @rule()
    @precondition(lambda self: self.model.stored)
    def empty(self) -> None:
        self._do(lambda archive: empty_bin(archive, self.me, self._ids()) and None)
        self.model.empty(timedelta(0), self.model.trusted())

    @rule(data=st.data(), by_filter=st.booleans())
    @precondition(lambda self: self.model.stored)
    def hold(self, data: st.DataObject, by_filter: bool) -> None:
        one = self._pick(data)
        if one.state == "deleted" and not by_filter:
            return
        found = HoldFilter("101", one.started_at, one.started_at + timedelta(days=3)) if by_filter else None
        ids = [] if by_filter else [one.id]
        hold = place_legal_hold(self.archive, self.me, "case", "why", recording_ids=ids, filter=found)
        self.holds[hold.id] = found
        for other in self.model.stored.values():
            if other.state != "deleted" and (other is one if found is None else self._finds(found, other)):
                other.holds.add(hold.id)

    @rule(data=st.data())
    @precondition(lambda self: self.holds)
    def release(self, data: st.DataObject) -> None:
        hold_id = data.draw(st.sampled_from(sorted(self.holds)))
        self._do(lambda archive: release_legal_hold(archive, self.me, hold_id) and None)
        del self.holds[hold_id]
        for one in self.model.stored.values():
            one.holds.discard(hold_id)

    @rule(
        quota=st.one_of(st.none(), st.integers(1_000_000, 2_500_000)),
        overwrites=st.booleans(),
        bin_days=st.integers(0, 20),
    )
    def plan(self, quota: int | None, overwrites: bool, bin_days: int) -> None:
        when_full = WhenFull.OVERWRITE_OLDEST if overwrites else WhenFull.REFUSE
        plan = replace(
            storage_plan(self.archive, self.me), quota_bytes=quota, when_full=when_full, bin_days=bin_days
        )
        change_plan(self.archive, self.me, plan, agreed=True)
        self.model.quota, self.model.overwrites, self.model.bin_days = quota, overwrites, bin_days

    @rule(keep=DAYS, delete=DAYS)
    def terms(self, keep: int | None, delete: int | None) -> None:
        known = retention_terms(self.archive, self.me)
        terms = (RetentionTerm(TermScope.TENANT, "", keep, delete),)
        change_retention(self.archive, self.me, replace(known, terms=terms), agreed=True)
        self.model.keep_days, self.model.delete_days = keep, delete
        self.sweep()

    @rule(days=st.integers(0, 3))
    def sweep_later(self, days: int) -> None:
        self.model.now += timedelta(days=days, minutes=1)
        self.sweep()

    @rule(days=st.sampled_from([-30, -2, 9, 4000]))
    def clock(self, days: int) -> None:
        """It jumps; somebody sets it right, or says that it is."""
        self.model.now += timedelta(days=days)

    @rule()
    def confirm(self) -> None:
        confirm_sweep(self.archive, self.me)
        self.model.confirm()

    @rule()
    def sweep(self) -> None:
        halted: set[str] = set()
        self._do(lambda archive: halted.update(sweep_retention(archive).halted_tenants))
        if self.tenant in halted:
            assert self.model.swept_at is not None
            assert self.model.now - self.model.swept_at > JUMP
            self.model.is_halted = True
        else:
            self.model.sweep()
            assert not self.model.is_halted

    @invariant()
    def nothing_drifts(self) -> None:
        for one in self.model.stored.values():
            known = get_recording(self.archive, self.me, one.id)
            assert (known.state, known.removal_cause) == (one.state, one.cause), one
            assert known.keeping.is_held == bool(one.holds) or one.state == "deleted"
        overview = storage_overview(self.archive, self.me)
        assert overview.used.stored_bytes == self.model.used
        assert sum(one.stored_bytes for one in overview.by_standing.values()) == self.model.used
        assert overview.used.recordings == sum(one.state != "deleted" for one in self.model.stored.values())

    def teardown(self) -> None:
        remove_deleted_audio(self.archive)
        kept = {one.id for one in self.model.stored.values() if one.state != "deleted"}
        lying = {key.split("/")[-2] for key in self.archive.objects.list(self.tenant)}
        assert kept <= lying, "an object is lost"
        # What did not fit waits in the spool; what an interruption of its shelving left is written again.
        for stray in lying - kept:
            assert get_recording(self.archive, self.me, stray).state is RecordingState.PROCESSING
        assert audit_storage(self.archive, safe_age=timedelta(0)).is_clean

    def _pick(self, data: st.DataObject) -> Stored:
        return self.model.stored[data.draw(st.sampled_from(self._ids()))]

    @staticmethod
    def _finds(found: HoldFilter, one: Stored) -> bool:
        return (
            found.since is not None
            and found.until is not None
            and found.since <= one.started_at < found.until
        )


def test_storage_is_as_the_model_says(archive: Archive, database_url: str, tmp_path: Path) -> None:
    class Machine(StorageMachine):
        pass

    Machine.archive, Machine.folder, Machine.url = archive, tmp_path, database_url
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            phases=[Phase.generate],  # shrinking a story of crashes takes minutes; the story printed is short
            suppress_health_check=list(HealthCheck),
        ),
    )
