"""Rules for all tests: a missing program skips by name, and where skips are forbidden it fails."""

from __future__ import annotations

import os
import re
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
from tests.s3 import bucket, ceph  # noqa: F401 - fixtures
from tests.service import Service

ROOT = Path(__file__).parent.parent
_LONGEST = ("browser", "asterisk", "s3", "tests/crash/test_worker_killed.py", "tests/test_wheel.py")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
FORBID_SKIPS = os.environ.get("FORBID_SKIPS") == "1"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "needs(program, package): skipped, by name, where the program is missing"
    )

    config.addinivalue_line("markers", "needs_root: skipped, by name, where one is not root (raw sockets)")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With several processes (scripts/test) a file's tests stay together, and so do those of one PBX and of
    one browser. What takes longest begins first."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: _LONGEST.index(_group(item)) if _group(item) in _LONGEST else len(_LONGEST))


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Ids that are made anew by each process have no place in a test's name."""
    return _ID.sub("id", val) if isinstance(val, str) and _ID.search(val) else None


def _group(item: pytest.Item) -> str:
    path = item.path.relative_to(ROOT).as_posix()
    if path.startswith("tests/e2e/"):
        return "browser"
    if path.startswith("tests/interop/test_asterisk"):
        return "asterisk"
    if path.startswith("tests/objects/") or path == "tests/pipeline/test_s3.py":
        return "s3"
    return path


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_root") and os.geteuid() != 0:
        pytest.skip("raw sockets need root")
    for marker in item.iter_markers("needs"):
        program, package = marker.args
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing; install the package {package}")


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
