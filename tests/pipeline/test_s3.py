"""The whole way of a call with its audio in a real S3: in by SIPREC, out by range; through every fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from fonoteka.objects import ObjectStore
from tests.relay import Relay
from tests.s3 import Bucket, Ceph
from tests.service import HOST, Service, wait_for

CALL_S = 2


@pytest.fixture
def relay(ceph: Ceph) -> Iterator[Relay]:
    one = Relay(HOST, ceph.port)
    yield one
    one.close()


def _call(service: Service) -> None:
    numbers = ("--calling", "101", "--called", "+74951234567", "--duration", str(CALL_S))
    service.run("call", "--srs", f"sip:{service.sip}", *numbers)


def _sealed(service: Service) -> list[str]:
    return [one.name for one in (service.data / "spool" / "sealed").iterdir()]


def _check_played(service: Service, recording: dict[str, object], store: ObjectStore) -> None:
    """Audio and peaks are in the bucket and nothing else is; what is heard is what lies there."""
    sizes = dict(store.entries(""))
    assert len(sizes) == 2
    (key,) = (one for one in sizes if one.endswith(".opus"))
    assert str(recording["id"]) in key
    whole = b"".join(store.read(key))
    path = f"/recordings/{recording['id']}/audio"
    status, headers, body = service.fetch(path)
    assert (status, body) == (200, whole)
    status, headers, body = service.fetch(path, Range="bytes=100-1099")
    assert (status, body) == (206, whole[100:1100])
    assert headers["content-range"] == f"bytes 100-1099/{len(whole)}"


def test_a_call_is_shelved_in_a_bucket_and_played_by_range(service: Service, bucket: Bucket) -> None:
    service.settings |= bucket.environment
    service.up()
    _call(service)
    (call,) = service.calls(1)
    _check_played(service, call["recordings"][0], bucket.open())
    assert not any((service.data / "objects").iterdir())
    findings = json.loads(service.run("doctor", "--json", ok=None))
    assert [one["verdict"] for one in findings if one["subject"] == "Object store"] == ["good"]


def test_nothing_is_lost_while_the_bucket_is_gone_slow_or_broken(
    service: Service, bucket: Bucket, relay: Relay
) -> None:
    service.settings |= bucket.through(relay, timeout_s=0.5).environment
    relay.cut()
    service.up()
    _call(service)
    (name,) = wait_for(lambda: _sealed(service))
    relay.refuse()
    # The pages answer, and say so, while the store does not.
    wait_for(lambda: service.get("/calls")["items"])
    relay.hold()
    assert service.get("/calls")["items"][0]["recordings"][0]["state"] == "processing"
    assert _sealed(service) == [name]
    relay.mend()
    (call,) = service.calls(1, patience_s=90)
    wait_for(lambda: not _sealed(service))
    _check_played(service, call["recordings"][0], bucket.open())


def test_a_wrong_bucket_is_named_by_doctor_and_log_and_the_folder_waits(
    service: Service, bucket: Bucket
) -> None:
    stranger = replace(bucket, access=replace(bucket.access, secret_access_key="wrong"))
    service.settings |= stranger.environment
    assert "check s3_access_key_id" in service.run("doctor", ok=False)
    service.settings |= replace(bucket, name="no-such-bucket").environment
    assert "no-such-bucket does not exist" in service.run("doctor", ok=False)
    service.start("fonoteka.capture.recorder")
    wait_for(lambda: (service.data / "run" / "recorder.json").exists())
    _call(service)
    (name,) = wait_for(lambda: _sealed(service))
    worker = service.start("fonoteka", "worker")
    log = service.data.parent / "fonoteka-1.log"
    wait_for(lambda: "no-such-bucket does not exist" in log.read_text())
    assert worker.poll() is None
    assert _sealed(service) == [name]
    service.down()

    service.settings |= bucket.environment
    service.up()
    (call,) = service.calls(1, patience_s=90)
    _check_played(service, call["recordings"][0], bucket.open())


def test_killed_between_object_and_row_nothing_is_twice(service: Service, bucket: Bucket) -> None:
    service.settings |= bucket.environment
    service.start("fonoteka.capture.recorder")
    wait_for(lambda: (service.data / "run" / "recorder.json").exists())
    _call(service)
    wait_for(lambda: _sealed(service))
    marker = service.data.parent / "marker"
    victim = service.start("tests.crash.stalling_worker", "shelve", "objects", str(marker))
    wait_for(marker.exists)
    victim.kill()
    victim.wait()
    assert len(list(bucket.open().entries(""))) == 2, "the objects are there, the row is not"
    service.down()
    service.up()
    (call,) = service.calls(1)
    _check_played(service, call["recordings"][0], bucket.open())
