"""API and pages in one application, as wiring puts them together: who answers what."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from fonoteka import accounts as accounts_cases
from fonoteka import web_wiring, wiring
from fonoteka.settings import Settings
from tests.api.conftest import PASSWORD, ROOT, serve

get = partial(httpx.get, trust_env=False, timeout=60)  # a busy machine is no fault


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a whole application, and a token."""
    settings = Settings(data=tmp_path_factory.mktemp("whole"))
    rooms = wiring.open_rooms(settings)
    accounts_cases.ensure_first_administrator(rooms.accounts, PASSWORD)
    token = accounts_cases.create_token(rooms.accounts, "tests", ROOT)
    for address in serve(web_wiring.build_app(settings, rooms)):
        yield address, token
    rooms.close()


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/metrics", 401, "sign_in.required"),
        ("/api/v1/openapi.json", 401, "sign_in.required"),
        ("/api/v1/calls", 401, "sign_in.required"),
        ("/api/v1/nothing", 404, "route.not_found"),
        ("/api", 404, "route.not_found"),
    ],
)
def test_programs_get_problems(whole: tuple[str, str], path: str, status: int, code: str) -> None:
    answer = get(whole[0] + path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code
    assert answer.headers.get_list("cache-control") == ["no-store"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_people_get_pages(whole: tuple[str, str]) -> None:
    for path in ("/no-such-page", "/metrics/no-such-page", "/apish"):
        answer = get(whole[0] + path)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")


def test_the_description_and_the_figures(whole: tuple[str, str]) -> None:
    headers = {"Authorization": f"Bearer {whole[1]}"}
    document = get(f"{whole[0]}/api/v1/openapi.json", headers=headers).json()
    assert "Problem" in document["components"]["schemas"]
    figures = get(f"{whole[0]}/metrics", headers=headers).text
    assert 'fonoteka_up{part="recorder"} 0.0' in figures
    health = get(f"{whole[0]}/api/v1/health")
    assert (health.status_code, health.json()["status"]) == (200, "degraded")
