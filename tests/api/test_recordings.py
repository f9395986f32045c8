"""GET and DELETE /recordings/{id}, and the peaks."""

from __future__ import annotations

import httpx
import pytest

from fonoteka import archive as archive_cases
from tests.api.calls import PEAKS, make_call, register, shelve, shelve_silent
from tests.api.conftest import Site


def test_peaks_as_the_pipeline_made_them(site: Site, client: httpx.Client) -> None:
    recording = shelve(site.archive, make_call(), b"sound")
    answer = client.get(f"/recordings/{recording.id}/peaks")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == PEAKS


def test_deletion_puts_into_the_bin_and_can_be_undone(site: Site, client: httpx.Client) -> None:
    call = make_call()
    recording = shelve(site.archive, call, b"sound")
    before = client.get(f"/recordings/{recording.id}").json()
    answer = client.delete(f"/recordings/{recording.id}")
    assert (answer.status_code, answer.content) == (204, b"")
    shown = client.get(f"/recordings/{recording.id}").json()
    assert (shown["state"], shown["removal_cause"]) == ("binned", "hand")
    assert shown["keeping"]["binned_at"].endswith("Z")
    for part in ("audio", "peaks"):
        gone = client.get(f"/recordings/{recording.id}/{part}")
        assert (gone.status_code, gone.json()["code"]) == (410, "recording.binned")
    assert client.get(f"/calls/{call.id}").json()["recordings"] == [shown]
    assert client.post(f"/recordings/{recording.id}/restore").json() == before
    assert client.get(f"/recordings/{recording.id}/audio").content == b"sound"


def test_deletion_may_be_repeated(site: Site, client: httpx.Client) -> None:
    recording = shelve(site.archive, make_call(), b"sound")
    assert client.delete(f"/recordings/{recording.id}").status_code == 204
    before = client.get(f"/recordings/{recording.id}").json()
    assert client.delete(f"/recordings/{recording.id}").status_code == 204
    assert client.get(f"/recordings/{recording.id}").json() == before


@pytest.mark.parametrize("part", ["audio", "peaks"])
def test_what_is_not_ready_says_so(site: Site, client: httpx.Client, part: str) -> None:
    processing = register(site.archive, make_call())
    answer = client.get(f"/recordings/{processing.id}/{part}")
    assert (answer.status_code, answer.json()["code"]) == (409, "recording.not_ready")
    assert int(answer.headers["retry-after"]) >= 1

    failed = register(site.archive, make_call())
    archive_cases.fail_recording(site.archive, failed.id, "codec.unknown")
    answer = client.get(f"/recordings/{failed.id}/{part}")
    assert (answer.status_code, answer.json()["code"]) == (409, "recording.failed")
    assert client.get(f"/recordings/{failed.id}").json()["error_code"] == "codec.unknown"

    silent = shelve_silent(site.archive, make_call())
    answer = client.get(f"/recordings/{silent.id}/{part}")
    assert (answer.status_code, answer.json()["code"]) == (404, "recording.silent")


@pytest.mark.parametrize(
    ("method", "part"),
    [("GET", ""), ("DELETE", ""), ("GET", "/audio"), ("GET", "/peaks"), ("POST", "/restore")],
)
@pytest.mark.parametrize(
    "recording_id", ["unknown", "01957a3c-5f2a-7c41-9a52-6f0d3b1e8c77", "%00", "%ED%A0%80"]
)
def test_an_unknown_recording_is_404(client: httpx.Client, method: str, part: str, recording_id: str) -> None:
    answer = client.request(method, f"/recordings/{recording_id}{part}")
    assert (answer.status_code, answer.json()["code"]) == (404, "recording.not_found")
