"""Many who wait for the same slow thing do not keep others waiting."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np

from fonoteka.audio.encode import encode_opus
from fonoteka.objects import ObjectStore
from tests.api.calls import make_call, shelve
from tests.api.conftest import make_app, make_site, serve

WAITING = 60


class SlowObjects(ObjectStore):
    """A local folder whose reads wait until `ready` is set."""

    def __init__(self, real: ObjectStore) -> None:
        self.__dict__.update(real.__dict__)
        self.ready = threading.Event()

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        self.ready.wait(60)
        return super().read(key, start, stop)


def test_slow_renditions_leave_the_rest_alone(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    silence = encode_opus(np.zeros((2, 8000), np.int16), 8000)
    recordings = [shelve(site.archive, make_call(), silence).id for _ in range(WAITING)]
    slow = SlowObjects(site.archive.objects)
    site.archive = replace(site.archive, objects=slow)
    for site_url in serve(make_app(site)):
        site.url = site_url
        with site.client() as client, ThreadPoolExecutor(WAITING) as pool:
            waiting = [
                pool.submit(client.get, f"/recordings/{one}/audio?format=mp3", timeout=90)
                for one in recordings
            ]
            try:
                assert httpx.get(f"{site.url}/api/v1/health", timeout=20, trust_env=False).status_code == 200
                assert client.get("/calls", timeout=20).status_code == 200
            finally:
                slow.ready.set()
            assert {one.result().status_code for one in waiting} == {200}
    site.archive.store.close()
