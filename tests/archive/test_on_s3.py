"""The archive's promises with its objects in a real S3 bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fonoteka.archive import Archive, bin_recording, empty_bin, get_recording, restore_recording
from fonoteka.domain.recording import RecordingState
from fonoteka.store import Store
from tests.archive import test_overwriting as overwriting
from tests.databases import migrate
from tests.examples import actor
from tests.s3 import Bucket


@pytest.fixture
def on_s3(bucket: Bucket, tmp_path: Path) -> Iterator[Archive]:
    """An empty archive on SQLite whose objects lie in a bucket."""
    url = f"sqlite:///{tmp_path / 'fonoteka.sqlite3'}"
    migrate(url)
    store = Store.open(url)
    (tmp_path / "cache").mkdir()
    yield Archive(store, bucket.open(), tmp_path / "cache", 5)
    store.close()


@pytest.mark.parametrize(
    "promise",
    [
        overwriting.test_many_at_once_overwrite_exactly_what_is_needed,
        overwriting.test_a_quota_lowered_below_use_takes_the_oldest_and_no_more,
        overwriting.test_what_does_not_fit_waits_and_fits_later,
        overwriting.test_orphans_and_losses_are_found_and_mended,
    ],
    ids=lambda one: one.__name__.removeprefix("test_"),
)
def test_what_holds_in_a_folder_holds_in_a_bucket(
    promise: Callable[[Archive, Path], None], on_s3: Archive, tmp_path: Path
) -> None:
    promise(on_s3, tmp_path)


def test_the_bin_gives_back_and_forgets(on_s3: Archive, tmp_path: Path) -> None:
    one, file = overwriting.new(tmp_path, 0)
    overwriting.shelve(on_s3, one, file)
    id_ = one.recordings[0].id
    bin_recording(on_s3, actor(), id_)
    restore_recording(on_s3, actor(), id_)
    known = get_recording(on_s3, actor(), id_)
    assert known.object_key is not None
    assert b"".join(on_s3.objects.read(known.object_key)) == file.read_bytes()
    bin_recording(on_s3, actor(), id_)
    assert empty_bin(on_s3, actor()) == 1
    assert get_recording(on_s3, actor(), id_).state is RecordingState.DELETED
    assert list(on_s3.objects.list("")) == []
