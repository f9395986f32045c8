"""GET /metrics: what Prometheus reads, of one process and of several."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.api.conftest import Site


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """All samples by name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_operation_and_status(client: httpx.Client) -> None:
    counted = ("fonoteka_api_requests_total", (("operation", "get_call"), ("status", "404")))
    before = samples(client.get("/metrics").text).get(counted, 0)
    client.get("/calls/unknown")
    assert samples(client.get("/metrics").text)[counted] == before + 1


def test_paths_that_outsiders_choose_make_no_new_series(client: httpx.Client) -> None:
    client.get("/wp-login.php")
    text = client.get("/metrics").text
    assert "wp-login" not in text
    assert ("fonoteka_api_requests_total", (("operation", "other"), ("status", "404"))) in samples(text)


def test_the_state_of_the_system(client: httpx.Client) -> None:
    shown = samples(client.get("/metrics").text)
    assert shown["fonoteka_up", (("part", "recorder"),)] == 1
    assert shown["fonoteka_recording_calls", ()] == 3
    assert shown["fonoteka_sealed_waiting_recordings", ()] == 2
    assert shown["fonoteka_failed_recordings", ()] == 1
    assert shown["fonoteka_disk_free_bytes", ()] == 10**12


@pytest.mark.parametrize("accept", ["", "text/plain;version=0.0.4", "text/plain;version=garbage", "*/*"])
def test_text_format(client: httpx.Client, accept: str) -> None:
    answer = client.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("version", ["1.0.0", "garbage", "", '1";x="'])
def test_openmetrics(client: httpx.Client, version: str) -> None:
    answer = client.get("/metrics", headers={"Accept": f"application/openmetrics-text;version={version}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_where_prometheus_looks_first(site: Site) -> None:
    address = f"{site.url}/metrics"
    refused = httpx.get(address, trust_env=False, timeout=60)
    assert (refused.status_code, refused.json()["code"]) == (401, "sign_in.required")
    answer = httpx.get(
        address, headers={"Authorization": f"Bearer {site.token}"}, trust_env=False, timeout=60
    )
    assert "fonoteka_up" in answer.text


PROGRAM = """
import os, sys
from fonoteka.api import metrics
from tests.api.conftest import HEALTHY
metrics.AUDIO_SENT.labels("opus").inc(21)
metrics.AUDIO_STREAMS.inc()
if os.fork() == 0:
    metrics.AUDIO_SENT.labels("opus").inc(21)
    os._exit(0)
os.wait()
sys.stdout.buffer.write(metrics.exposition(lambda: HEALTHY, "")[0])
"""


def test_several_processes_are_added_up(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    shown = samples(done.stdout)
    assert shown["fonoteka_api_audio_sent_bytes_total", (("format", "opus"),)] == 42
    assert shown["fonoteka_api_audio_streams", ()] == 1
    assert shown["fonoteka_up", (("part", "worker"),)] == 1
