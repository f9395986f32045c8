"""The cache of renditions: bounded, least recently used first, nothing half made."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from fonoteka.archive.rendition_cache import RenditionCache
from fonoteka.domain.errors import StorageFull


def make(path: Path) -> None:
    path.write_bytes(bytes(100))


def never(path: Path) -> None:
    raise AssertionError(f"{path} is there already")


def age(path: Path, seconds: float) -> None:
    os.utime(path, times=(time.time() - seconds,) * 2)


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    cache = RenditionCache(tmp_path, 250)
    first, second = cache.fetch("a", "mp3", make), cache.fetch("b", "mp3", make)
    age(first, 900)
    age(second, 1800)
    cache.fetch("a", "mp3", never)  # used again
    age(first, 600)
    third = cache.fetch("c", "mp3", make)
    assert [path.exists() for path in (first, second, third)] == [True, False, True]


def test_one_that_was_just_used_is_spared(tmp_path: Path) -> None:
    cache = RenditionCache(tmp_path, 10)
    paths = [cache.fetch(name, "mp3", make) for name in "abc"]
    assert all(path.exists() for path in paths)
    for path in paths:
        age(path, 3600)
    cache.fetch("d", "mp3", make)
    assert not any(path.exists() for path in paths)


def test_a_failure_leaves_nothing_and_can_be_repeated(tmp_path: Path) -> None:
    cache = RenditionCache(tmp_path, 1000)

    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "no space")

    with pytest.raises(StorageFull):
        cache.fetch("a", "mp3", fail)
    assert [path.name for path in (tmp_path / "renditions").iterdir() if "lock" not in path.name] == []
    assert cache.fetch("a", "mp3", make).read_bytes() == bytes(100)


def test_what_a_killed_maker_left_is_removed(tmp_path: Path) -> None:
    cache = RenditionCache(tmp_path, 1000)
    cache.fetch("a", "mp3", make)
    old, young = (tmp_path / "renditions" / f"making-{name}.mp3" for name in ("b", "c"))
    for path in (old, young):
        path.write_bytes(b"half")
    age(old, 7200)
    cache.fetch("d", "mp3", make)
    assert (old.exists(), young.exists()) == (False, True)


def test_forgetting_takes_every_format_of_one(tmp_path: Path) -> None:
    cache = RenditionCache(tmp_path / "not there yet", 1000)
    cache.forget("a")
    mine = [cache.fetch("a", suffix, make) for suffix in ("mp3", "wav")]
    other = cache.fetch("ab", "mp3", make)
    cache.forget("a")
    assert not any(path.exists() for path in mine)
    assert other.exists()
