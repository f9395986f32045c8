"""The recorder's file: always whole, always the newest, whoever writes and whatever fails."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from fonoteka.domain.people import Extension
from fonoteka.domain.policy_snapshot import PolicySnapshot
from fonoteka.policy import PolicyRoom, directory, publish, save_extension
from fonoteka.policy.metrics import PUBLISH_FAILURES
from tests.examples import actor
from tests.policy.conftest import add_extensions


def read(path: Path) -> PolicySnapshot:
    return PolicySnapshot.from_json(path.read_text("utf-8"))


def test_each_change_makes_a_newer_version(room: PolicyRoom) -> None:
    versions = [read(room.snapshot_path).version]
    for tenant_id in ("ours", "theirs", "ours"):
        add_extensions(room, tenant_id, str(100 + len(versions)))
        versions.append(read(room.snapshot_path).version)
    assert versions == sorted(set(versions))


def test_an_unchanged_file_is_not_written_again(room: PolicyRoom) -> None:
    before = room.snapshot_path.stat()
    assert publish(room)
    after = room.snapshot_path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_lost_or_broken_file_is_written_anew(room: PolicyRoom) -> None:
    whole = room.snapshot_path.read_bytes()
    for damage in (
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b"{"),
        lambda path: path.write_bytes(b""),
    ):
        damage(room.snapshot_path)
        assert publish(room)
        assert room.snapshot_path.read_bytes() == whole


def test_a_half_written_file_of_a_killed_process_does_no_harm(room: PolicyRoom) -> None:
    room.snapshot_path.with_name("policy.json.making").write_bytes(b"x" * 100_000)
    add_extensions(room, "ours", "101")
    assert [one.number for one in read(room.snapshot_path).tenants[1].directory.extensions] == ["101"]


def test_a_change_counts_even_if_it_cannot_be_published_now(room: PolicyRoom, tmp_path: Path) -> None:
    before = PUBLISH_FAILURES._value.get()
    cut_off = replace(room, snapshot_path=tmp_path / "gone" / "policy.json")
    save_extension(cut_off, actor("ours"), Extension("", "ours", "101"))
    assert [one.number for one in directory(room, actor("ours")).extensions] == ["101"]
    assert not publish(cut_off)
    assert PUBLISH_FAILURES._value.get() == before + 2
    cut_off.snapshot_path.parent.mkdir()
    assert publish(cut_off)
    assert read(cut_off.snapshot_path).tenants[1].directory == directory(room, actor("ours"))


def test_of_many_who_publish_at_once_the_last_state_stays(room: PolicyRoom) -> None:
    threads = [
        threading.Thread(target=add_extensions, args=(room, tenant_id, *(f"{n}{k}" for k in range(5))))
        for n in range(3)
        for tenant_id in ("ours", "theirs")
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    snapshot = read(room.snapshot_path)
    assert {len(one.directory.extensions) for one in snapshot.tenants[1:]} == {15}
    with room.store.reading() as tx:
        assert snapshot.version == tx.tenants.all_changes()
