"""GET /recordings/{id}/audio: whole, in ranges, as a download, and when the client leaves."""

from __future__ import annotations

import hashlib
import random
import time

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fonoteka.api import metrics
from tests.api.calls import make_call, shelve
from tests.api.conftest import Site

SOUND = random.Random(7).randbytes(700_001)


@pytest.fixture(scope="module")
def sound(site: Site) -> str:
    """The path of a recording whose audio is `SOUND`."""
    return f"/recordings/{shelve(site.archive, make_call(), SOUND).id}/audio"


def test_the_whole_file(client: httpx.Client, sound: str) -> None:
    answer = client.get(sound)
    assert answer.status_code == 200
    assert answer.content == SOUND
    assert answer.headers["content-type"] == "audio/ogg"
    assert answer.headers["content-length"] == str(len(SOUND))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == f'"{hashlib.sha256(SOUND).hexdigest()[:32]}-opus"'
    assert answer.headers["content-disposition"].startswith("inline;")
    assert "private" in answer.headers["cache-control"]


def test_a_download_has_a_telling_name(client: httpx.Client, sound: str) -> None:
    disposition = client.get(sound, params={"download": 1}).headers["content-disposition"]
    assert disposition.startswith('attachment; filename="')
    assert "filename*=UTF-8''" in disposition


def test_head_tells_the_size_without_the_bytes(client: httpx.Client, sound: str) -> None:
    answer = client.head(sound, headers={"Range": "bytes=5-9"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(SOUND))
    assert "content-range" not in answer.headers


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.none() | st.integers(0, len(SOUND) + 9),
    last=st.none() | st.integers(0, len(SOUND) + 9) | st.sampled_from([len(SOUND) - 1, 10**30]),
)
def test_a_range_is_the_slice(client: httpx.Client, sound: str, first: int | None, last: int | None) -> None:
    header = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    answer = client.get(sound, headers={"Range": header})
    size = len(SOUND)
    if (first is None and last is None) or (first is not None and last is not None and last < first):
        assert (answer.status_code, answer.content) == (200, SOUND)
    elif (first is None and last == 0) or (first is not None and first >= size):
        assert answer.status_code == 416
        assert answer.headers["content-range"] == f"bytes */{size}"
        assert answer.json()["code"] == "range.unsatisfiable"
    else:
        start = max(0, size - (last or 0)) if first is None else first
        stop = size if first is None or last is None else min(last + 1, size)
        assert answer.status_code == 206
        assert answer.content == SOUND[start:stop]
        assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{size}"
        assert answer.headers["content-length"] == str(stop - start)


@pytest.mark.parametrize(
    "header", ["bytes=0-1,5-6", "seconds=0-1", "bytes=x", "bytes=9-3", "bytes=" + "0-1," * 900]
)
def test_other_ranges_give_the_whole_file(client: httpx.Client, sound: str, header: str) -> None:
    answer = client.get(sound, headers={"Range": header})
    assert (answer.status_code, len(answer.content)) == (200, len(SOUND))


def test_two_range_headers_give_the_whole_file(client: httpx.Client, sound: str) -> None:
    answer = client.get(sound, headers=[("Range", "bytes=0-1"), ("Range", "bytes=5-6")])
    assert (answer.status_code, len(answer.content)) == (200, len(SOUND))


def test_if_range(client: httpx.Client, sound: str) -> None:
    tag = client.head(sound).headers["etag"]
    part = client.get(sound, headers={"Range": "bytes=1-2", "If-Range": tag})
    assert (part.status_code, part.content) == (206, SOUND[1:3])
    whole = client.get(sound, headers={"Range": "bytes=1-2", "If-Range": '"another"'})
    assert (whole.status_code, whole.content) == (200, SOUND)


def test_if_none_match(client: httpx.Client, sound: str) -> None:
    tag = client.head(sound).headers["etag"]
    same = client.get(sound, headers={"If-None-Match": f'"x", W/{tag}'})
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == tag
    assert client.get(sound, headers={"If-None-Match": '"x"'}).status_code == 200


@pytest.mark.parametrize(
    ("query", "field"),
    [("format=ogg", "format"), ("format=", "format"), ("download=maybe", "download"), ("track=1", "track")],
)
def test_a_bad_parameter_is_named(client: httpx.Client, sound: str, query: str, field: str) -> None:
    answer = client.get(f"{sound}?{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_a_missing_object_is_an_error_and_tells_no_key(site: Site, client: httpx.Client) -> None:
    recording = shelve(site.archive, make_call(), b"sound")
    for key in list(site.archive.objects.list("")):
        if recording.id in key:
            site.archive.objects.delete(key)
    answer = client.get(f"/recordings/{recording.id}/audio")
    assert (answer.status_code, answer.json()["code"]) == (500, "object.missing")
    assert recording.id not in answer.json()["detail"]


def test_an_empty_file(site: Site, client: httpx.Client) -> None:
    recording = shelve(site.archive, make_call(), b"")
    answer = client.get(f"/recordings/{recording.id}/audio")
    assert (answer.status_code, answer.content) == (200, b"")
    answer = client.get(f"/recordings/{recording.id}/audio", headers={"Range": "bytes=0-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */0")


def test_a_client_that_leaves_releases_the_audio(site: Site) -> None:
    recording = shelve(site.archive, make_call(), random.Random(8).randbytes(30_000_000))
    with site.client() as client, client.stream("GET", f"/recordings/{recording.id}/audio") as answer:
        pieces = answer.iter_raw(1000)  # to let go of it is to leave
        assert next(pieces)
        assert metrics.AUDIO_STREAMS._value.get() == 1
    deadline = time.monotonic() + 20
    while metrics.AUDIO_STREAMS._value.get() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert metrics.AUDIO_STREAMS._value.get() == 0
