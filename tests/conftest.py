"""Rules for all tests: a missing program skips by name, and where skips are forbidden it fails."""

from __future__ import annotations

import ctypes.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import (  # noqa: F401 - fixtures
    database_url,
    empty_database_url,
    postgresql,
    sqlite_template,
    store,
)
from tests.disks import small_disk  # noqa: F401 - a fixture
from tests.service import Service

FORBID_SKIPS = os.environ.get("FORBID_SKIPS") == "1"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "needs(program, package): skipped, by name, where the program is missing"
    )
    config.addinivalue_line(
        "markers", "needs_library(name, package): skipped, by name, where the shared library is missing"
    )
    config.addinivalue_line("markers", "needs_root: skipped, by name, where one is not root (raw sockets)")


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
def service(tmp_path: Path) -> Iterator[Service]:
    """A service that is not started yet; whatever the test starts with it is ended afterwards."""
    one = Service(tmp_path / "data")
    one.data.mkdir()
    yield one
    one.down()
