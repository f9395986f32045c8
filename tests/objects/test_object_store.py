"""The object store on a folder and on a real S3: whole, durable, nothing outside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fonoteka.domain.errors import ObjectMissing, ObjectsUnavailable, SettingInvalid, StorageFull
from fonoteka.objects import BLOCK_BYTES, ObjectStore, Probe, S3Access
from tests.s3 import Bucket

DATA = os.urandom(2 * BLOCK_BYTES + 5)
KEY = "default/2026/04/24/0a/audio.opus"


@pytest.fixture
def local(tmp_path: Path) -> ObjectStore:
    return ObjectStore.open(tmp_path / "objects")


@pytest.fixture(params=["folder", "s3"])
def objects(request: pytest.FixtureRequest) -> ObjectStore:
    """An empty store of each kind."""
    if request.param == "folder":
        store: ObjectStore = request.getfixturevalue("local")
        return store
    bucket: Bucket = request.getfixturevalue("bucket")
    return bucket.open()


def test_bytes_and_files_come_back_in_blocks(objects: ObjectStore, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(DATA)
    for data in (DATA, file):
        objects.put(KEY, data)
        blocks = list(objects.read(KEY))
        assert [len(block) for block in blocks] == [BLOCK_BYTES, BLOCK_BYTES, 5]
        assert b"".join(blocks) == DATA
        assert objects.size(KEY) == len(DATA)


@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, None), (0, 0), (0, 1), (7, 9), (BLOCK_BYTES - 1, BLOCK_BYTES + 1), (len(DATA) - 1, None)],
)
def test_any_part_can_be_read(objects: ObjectStore, start: int, stop: int | None) -> None:
    objects.put(KEY, DATA)
    assert b"".join(objects.read(KEY, start, stop)) == DATA[start:stop]


@pytest.mark.parametrize(("start", "stop"), [(len(DATA), None), (10**12, None), (5, 5), (9, 3), (-1, 4)])
def test_beyond_the_end_there_is_nothing(objects: ObjectStore, start: int, stop: int | None) -> None:
    objects.put(KEY, DATA)
    assert list(objects.read(KEY, start, stop)) == []


def test_an_empty_object_is_an_object(objects: ObjectStore) -> None:
    objects.put(KEY, b"")
    assert objects.size(KEY) == 0
    assert list(objects.read(KEY)) == []


def test_a_missing_one_is_said_to_be_missing_at_once(objects: ObjectStore) -> None:
    with pytest.raises(ObjectMissing):
        objects.read(KEY)
    with pytest.raises(ObjectMissing):
        objects.size(KEY)
    objects.delete(KEY)


def test_deletion_leaves_no_folder_and_harms_no_reader(local: ObjectStore, tmp_path: Path) -> None:
    local.put(KEY, DATA)
    reading = local.read(KEY)
    first = next(reading)
    local.delete(KEY)
    assert first + b"".join(reading) == DATA
    assert list((tmp_path / "objects").iterdir()) == []
    local.put(KEY, b"again")
    assert b"".join(local.read(KEY)) == b"again"


def test_a_folder_goes_with_what_an_interruption_left(local: ObjectStore, tmp_path: Path) -> None:
    for key in ("a/b/c", "a/b/d/e", "a/bb"):
        local.put(key, b"1")
    (tmp_path / "objects" / "a" / "b" / "x.opus#1").write_bytes(b"half")
    local.delete_folders(["a/b", "a/nothing", "nothing/at/all"])
    local.delete_folders(["a/b"])
    assert list(local.list("")) == ["a/bb"]
    assert [path.name for path in (tmp_path / "objects" / "a").iterdir()] == ["bb"]


def test_keys_and_sizes_are_listed_as_they_are_asked_for(objects: ObjectStore) -> None:
    for number in range(120):
        objects.put(f"a/b/{number}", bytes(number))
    assert sorted(objects.entries("a")) == sorted((f"a/b/{number}", number) for number in range(120))
    assert next(iter(objects.entries("")))[0].startswith("a/b/")
    assert list(objects.entries("a/bb")) == []
    objects.delete_folders(["a"])
    assert list(objects.entries("")) == []


def test_large_files_come_back_whole(objects: ObjectStore, tmp_path: Path) -> None:
    file = tmp_path / "large"
    data = os.urandom(BLOCK_BYTES) * 45
    file.write_bytes(data)
    objects.put(KEY, file)
    assert b"".join(objects.read(KEY)) == data
    assert b"".join(objects.read(KEY, 5_000_000, 11_000_001)) == data[5_000_000:11_000_001]


def test_the_probe_leaves_nothing(objects: ObjectStore) -> None:
    assert objects.probe() == Probe(creates_once=True, reads_ranges=True)
    assert list(objects.list("")) == []


def test_a_folder_that_is_gone_is_not_empty(local: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "objects").rmdir()
    with pytest.raises(ObjectsUnavailable, match="gone"):
        list(local.entries(""))


def test_keys_are_listed_below_a_folder(objects: ObjectStore) -> None:
    for key in ("a/b/c", "a/b/d/e", "a/bb", "x"):
        objects.put(key, b"1")
    assert sorted(objects.list("a/b")) == ["a/b/c", "a/b/d/e"]
    assert sorted(objects.list("")) == ["a/b/c", "a/b/d/e", "a/bb", "x"]
    assert list(objects.list("none")) == []


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/a",
        "a/",
        "a//b",
        "..",
        "a/../b",
        ".a",
        "a b",
        "a\\b",
        "a\0",
        "ü",
        "a/" * 16 + "a",
        "a" * 129,
        "-a",
    ],
)
def test_other_keys_are_refused(local: ObjectStore, key: str) -> None:
    for use in (local.size, local.delete, local.read, lambda one: local.put(one, b"")):
        with pytest.raises(ValueError, match="not a key"):
            use(key)


def test_file_and_folders_are_synced_before_put_returns(
    local: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    local.put("a/b/c", b"1")
    root = (tmp_path / "objects").resolve()
    assert synced == [str(root / name) for name in ("a/b/c", "a/b", "a")] + [str(root)]


@pytest.mark.parametrize("url", ["", "ftp://x/y", "http://x", "s3://"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(SettingInvalid):
        ObjectStore.open(url)


def test_a_folder_can_be_named_as_an_address(tmp_path: Path) -> None:
    objects = ObjectStore.open(f"file://{tmp_path}/with%20space")
    objects.put("a", b"1")
    assert (tmp_path / "with space" / "a").read_bytes() == b"1"
    assert (tmp_path / "with space").stat().st_mode & 0o777 == 0o700


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SettingInvalid):
        ObjectStore.open(tmp_path / "file")


def test_a_bucket_can_be_named() -> None:
    ObjectStore.open("s3://bucket/prefix")


def test_an_endpoint_without_encryption_must_be_allowed() -> None:
    with pytest.raises(SettingInvalid, match="s3_allow_http"):
        ObjectStore.open("s3://bucket", S3Access("http://127.0.0.1:1"))
    ObjectStore.open("s3://bucket", S3Access("http://127.0.0.1:1", allow_http=True))


def test_a_lost_folder_is_no_silent_success(local: ObjectStore, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "objects")
    (tmp_path / "objects").write_bytes(b"")
    with pytest.raises((ObjectsUnavailable, ObjectMissing)):
        local.put(KEY, b"1")


def test_a_full_disk_is_said_to_be_full_and_leaves_nothing(small_disk: Callable[[str], Path]) -> None:
    folder = small_disk("64k")
    objects = ObjectStore.open(folder)
    objects.put("small", b"1")
    with pytest.raises(StorageFull):
        objects.put("large", bytes(200_000))
    assert list(objects.list("")) == ["small"]
    assert [path.name for path in folder.iterdir()] == ["small"]
    objects.put("other", bytes(10_000))
