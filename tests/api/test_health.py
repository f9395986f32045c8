"""GET /health: for monitors, without a sign-in and without internals."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from tests.api.conftest import HEALTHY, Site


def test_all_is_well(bare: httpx.Client) -> None:
    answer = bare.get("/health")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "status": "ok",
        "parts": {"recorder": "ok", "worker": "ok", "database": "ok", "disk": "ok"},
    }


@pytest.mark.parametrize(
    ("change", "part", "state"),
    [
        ({"recorder_alive": False}, "recorder", "down"),
        ({"worker_alive": False}, "worker", "down"),
        ({"disk_free_bytes": 1000}, "disk", "low"),
    ],
)
def test_a_part_that_is_down_degrades_the_whole(
    site: Site, bare: httpx.Client, change: dict[str, int], part: str, state: str
) -> None:
    site.status = replace(HEALTHY, **change)
    try:
        answer = bare.get("/health")
    finally:
        site.status = HEALTHY
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["parts"][part] == state
