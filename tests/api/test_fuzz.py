"""Whatever a client sends is answered as the description says, and never with a failure of ours."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fonoteka.api import models
from tests.api.calls import make_call, shelve
from tests.api.conftest import Site
from tests.api.test_openapi import current, operations

DOCUMENT = json.loads(current())
OPERATIONS = operations(DOCUMENT)
QUERY_NAMES = sorted(
    {
        parameter["name"]
        for _, _, operation in OPERATIONS
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    }
)
PLAUSIBLE = [
    *(
        "",
        "0",
        "1",
        "200",
        "-1",
        "1e3",
        "true",
        "opus",
        "mp3",
        "incoming",
        "unknown",
        "101",
        "%",
        "_",
        "\\",
        "*",
    ),
    *("2026-03-02T12:00:00Z", "2026-03-02T12:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    *("MTox", "null", "\0", "' OR 1=1 --", "\ud7ff", "\U0010ffff", "٣", "9" * 400),
]
VALUES = st.sampled_from(PLAUSIBLE) | st.text(max_size=80)
HEADERS = st.dictionaries(
    st.sampled_from(["Range", "If-Range", "If-None-Match", "Accept", "Cookie", "Sec-Fetch-Site"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40).map(str.strip),
    max_size=3,
)


def queries(names: list[str]) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Query parameters: those names mostly, each once mostly, with plausible and any values."""
    once = st.dictionaries(st.sampled_from(names), VALUES, max_size=3).map(lambda found: list(found.items()))
    return (
        once
        | once
        | st.lists(st.tuples(st.sampled_from(QUERY_NAMES) | st.text(max_size=10), VALUES), max_size=4)
    )


@pytest.fixture(scope="module")
def ids(site: Site) -> list[str]:
    """Ids that exist: of a call and of its recording."""
    call = make_call()
    return [call.id, shelve(site.archive, call, b"no Opus at all" * 9).id]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_request(client: httpx.Client, ids: list[str], data: st.DataObject) -> None:
    method, path, operation = data.draw(st.sampled_from([one for one in OPERATIONS if one[0] == "get"]))
    chosen = data.draw(st.sampled_from(ids) | st.text(min_size=1, max_size=60) | st.sampled_from([".", ".."]))
    filled = "/".join(
        quote(chosen, safe="") if part.startswith("{") else part
        for part in path.removeprefix("/api/v1").split("/")
    )
    known = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
    query = urlencode(data.draw(queries(known or QUERY_NAMES)))
    answer = client.request(method, f"{filled}?{query}", headers=data.draw(HEADERS))
    if answer.status_code == 500:
        # Bytes that are no Opus cannot be made into MP3 or WAV; that is told as what it is.
        assert answer.json()["code"] == "audio.malformed"
    else:
        assert answer.status_code < 500
    if answer.status_code >= 400:
        check_problem(answer)
    reached = answer.status_code != 404 or answer.json()["code"] != "route.not_found"
    if reached and answer.status_code != 307:
        assert str(answer.status_code) in operation["responses"]


def check_problem(answer: httpx.Response) -> None:
    """An error has the described form, and says in its body what its status line says."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    models.Problem.model_validate(problem, extra="forbid")
    assert problem["status"] == answer.status_code
    assert (answer.status_code == 422) == ("field" in problem)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    number=st.sampled_from(["", "101", "+7", "7495", "Анна", "анна", "%", "_", "\\", "🎧"])
    | st.text(max_size=64),
    direction=st.sampled_from(["incoming", "outgoing", "internal", "unknown"]),
    since=st.datetimes().map(lambda at: at.isoformat(timespec="seconds") + "Z"),
    limit=st.integers(1, 200),
)
def test_good_parameters_are_answered_as_described(
    client: httpx.Client, number: str, direction: str, since: str, limit: int
) -> None:
    query = {"number": number, "direction": direction, "since": since, "limit": limit}
    answer = client.get("/calls", params=query)
    if answer.status_code == 422:
        assert answer.json()["field"] == "number"
        return
    assert answer.status_code == 200
    page = answer.json()
    assert len(page["items"]) <= limit
    models.CallPage.model_validate(page, extra="forbid")
