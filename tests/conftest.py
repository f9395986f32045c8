"""Rules for all tests: a missing program skips by name, and where skips are forbidden it fails."""

from __future__ import annotations

import ctypes.util
import os
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.databases import (  # noqa: F401 - fixtures
    CHOSEN,
    chosen_database,
    database_url,
    databases_of_the_file,
    empty_database_url,
    fresh_url,
    postgresql,
    sqlite_template,
    store,
)
from tests.disks import small_disk  # noqa: F401 - a fixture
from tests.s3 import bucket, ceph  # noqa: F401 - fixtures
from tests.scratch import use_memory
from tests.service import Service

_LONGEST = (
    "browser",
    "asterisk",
    "s3",
    "tests/crash/test_worker_killed.py",
    "tests/test_wheel.py",
    "tests/api/test_fuzz.py",
)
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
FORBID_SKIPS = os.environ.get("FORBID_SKIPS") == "1"


def pytest_configure(config: pytest.Config) -> None:
    use_memory()
    # A shell starts what runs in the background deaf to Ctrl-C, and children inherit that; tests press it.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line(
        "markers", "needs(program, package): skipped, by name, where the program is missing"
    )
    config.addinivalue_line(
        "markers", "needs_library(name, package): skipped, by name, where the shared library is missing"
    )
    config.addinivalue_line("markers", "needs_root: skipped, by name, where one is not root (raw sockets)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first."""
    items.sort(key=lambda item: _rank(_group(item.nodeid)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """With several processes (scripts/test) each group of tests runs in one of them."""
    config.option.loadscopereorder = False
    return _ByGroup(config, log)


class _ByGroup(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Ids that are made anew by each process have no place in a test's name."""
    return _ID.sub("id", val) if isinstance(val, str) and _ID.search(val) else None


def _group(nodeid: str) -> str:
    """A file's tests stay together; so do those of one browser, of one PBX and of one S3."""
    path = nodeid.partition("::")[0]
    if path.startswith("tests/e2e/"):
        return "browser"
    if path.startswith("tests/interop/test_asterisk"):
        return "asterisk"
    if path.startswith("tests/objects/") or path in (
        "tests/pipeline/test_s3.py",
        "tests/archive/test_on_s3.py",
    ):
        return "s3"
    return path


def _rank(group: str) -> int:
    return _LONGEST.index(group) if group in _LONGEST else len(_LONGEST)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_root") and os.geteuid() != 0:
        pytest.skip("raw sockets need root")
    for marker in item.iter_markers("needs"):
        program, package = marker.args
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing; install the package {package}")
    for marker in item.iter_markers("needs_library"):
        name, package = marker.args
        if ctypes.util.find_library(name) is None:
            pytest.skip(f"the library {name} is missing; install the package {package}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    outcome = yield
    report = outcome.get_result()
    if FORBID_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skips are forbidden here: {report.longrepr}"


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service that is not started yet; whatever the test starts with it is ended afterwards."""
    if CHOSEN != "sqlite":
        # For its processes, and for what the test itself opens on its data folder.
        monkeypatch.setenv("FONOTEKA_DATABASE_URL", fresh_url(tmp_path, "template0"))
    one = Service(tmp_path / "data")
    one.data.mkdir()
    yield one
    one.down()
