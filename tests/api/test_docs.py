"""What can be met is written down: every error code with its status, every metric."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

import fonoteka
from fonoteka.api.errors import STATUS, status_of
from fonoteka.api.metrics import StatusCollector
from fonoteka.domain.errors import all_errors
from tests.api.conftest import HEALTHY

OPERATE = Path(__file__).parents[2] / "docs" / "operate"


def rows(name: str) -> dict[str, list[str]]:
    """The rows of a document's tables whose first cell is a name in backticks, by that name."""
    found: dict[str, list[str]] = {}
    for line in (OPERATE / name).read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `"):
            name_in_row = cells[0].strip("`")
            assert name_in_row not in found, f"{name_in_row} stands twice"
            found[name_in_row] = cells[1:]
    return found


@pytest.fixture(scope="module", autouse=True)
def _definitions() -> None:
    """Import what defines errors and metrics, so that all are known whichever tests ran before."""
    for module in pkgutil.walk_packages(fonoteka.__path__, "fonoteka."):
        if module.name.endswith(("metrics", "errors")):
            importlib.import_module(module.name)


def test_every_error_code_is_documented_with_its_status() -> None:
    documented = {code: int(cells[0]) for code, cells in rows("errors.md").items()}
    assert documented == {error.code: status_of(error) for error in all_errors()}


def test_every_row_says_what_happened_and_what_to_do() -> None:
    for code, cells in rows("errors.md").items():
        assert len(cells) == 3, code
        assert all(cells), code


def test_codes_are_unique_and_no_status_is_left_over() -> None:
    codes = [error.code for error in all_errors()]
    assert len(codes) == len(set(codes))
    assert set(STATUS) == set(codes)


def test_every_metric_is_documented() -> None:
    families = [*REGISTRY.collect(), *StatusCollector(lambda: HEALTHY).collect()]
    known = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in families
        if family.name.startswith("fonoteka_")
    }
    assert known == set(rows("metrics.md"))


@pytest.mark.parametrize("name", ["errors.md", "metrics.md"])
def test_tables_are_whole(name: str) -> None:
    text = (OPERATE / name).read_text("utf-8")
    for line in re.findall(r"^\|.*$", text, re.MULTILINE):
        assert line.endswith("|"), line
