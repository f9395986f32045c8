"""A bucket that is slow, broken, missing or not ours: said in words, within bounds, nothing half written."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fonoteka.domain.errors import ObjectsUnavailable
from fonoteka.objects import ObjectStore
from tests.relay import Relay
from tests.s3 import Bucket, Ceph
from tests.service import HOST

KEY = "default/2026/04/24/0a/audio.opus"
USES: dict[str, Callable[[ObjectStore], object]] = {
    "size": lambda store: store.size(KEY),
    "read": lambda store: b"".join(store.read(KEY)),
    "put": lambda store: store.put(KEY, b"1"),
    # Of another object: what a store in trouble was asked and did not answer it may still do later.
    "delete": lambda store: store.delete(f"{KEY}.other"),
    "entries": lambda store: list(store.entries("")),
    "probe": lambda store: store.probe(),
}
each_use = pytest.mark.parametrize("use", USES.values(), ids=USES)


@pytest.fixture
def relay(ceph: Ceph) -> Iterator[Relay]:
    one = Relay(HOST, ceph.port)
    yield one
    one.close()


@each_use
def test_a_missing_bucket_is_named(bucket: Bucket, use: Callable[[ObjectStore], object]) -> None:
    with pytest.raises(ObjectsUnavailable, match="The bucket no-such-bucket does not exist"):
        use(replace(bucket, name="no-such-bucket").open())


@each_use
@pytest.mark.parametrize("wrong", ["access_key_id", "secret_access_key"])
def test_wrong_credentials_are_named(
    bucket: Bucket, use: Callable[[ObjectStore], object], wrong: str
) -> None:
    stranger = replace(bucket, access=replace(bucket.access, **{wrong: "wrong"}))
    with pytest.raises(ObjectsUnavailable, match=r"refuses us the bucket .* check s3_access_key_id"):
        use(stranger.open())


@pytest.mark.parametrize("fault", ["cut", "hold", "refuse"])
def test_a_store_in_trouble_is_waited_for_within_bounds_and_then_used(
    bucket: Bucket, relay: Relay, fault: str
) -> None:
    store = bucket.through(relay, timeout_s=0.5).open()
    store.put(KEY, b"before")
    getattr(relay, fault)()
    for name, use in USES.items():
        if name != "put":
            began = time.monotonic()
            with pytest.raises(ObjectsUnavailable):
                use(store)
            # A deletion is a write and has six times the patience; both may be tried again once in theirs.
            assert time.monotonic() - began < 30
    relay.mend()
    assert b"".join(store.read(KEY)) == b"before"


def test_an_upload_cut_off_leaves_nothing_and_succeeds_later(
    bucket: Bucket, relay: Relay, tmp_path: Path
) -> None:
    store = bucket.through(relay, timeout_s=0.5).open()
    file = tmp_path / "large"
    file.write_bytes(bytes(40_000_000))
    relay.cut_after(12_000_000)
    with pytest.raises(ObjectsUnavailable):
        store.put(KEY, file)
    relay.mend()
    assert list(store.entries("")) == []
    store.put(KEY, file)
    assert list(store.entries("")) == [(KEY, 40_000_000)]


def test_those_who_wait_for_a_store_that_hangs_are_few(bucket: Bucket, relay: Relay) -> None:
    store = bucket.through(relay, timeout_s=8.0).open()
    store.put(KEY, b"1")
    relay.hold()
    done: list[str] = []

    def ask() -> None:
        try:
            done.append(f"{store.size(KEY)} byte")
        except ObjectsUnavailable as error:
            done.append(str(error))

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(40)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    while len(done) < 24 and time.monotonic() - began < 7:
        time.sleep(0.05)
    assert len(done) == 24, "16 wait for the store, the others know at once that it is slow"
    assert all("slow" in one for one in done)
    relay.mend()
    for thread in threads:
        thread.join(60)
    assert done[24:] == ["1 byte"] * 16
