"""What the API counts, and how all processes' figures are shown to Prometheus."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from fonoteka.domain.status import SystemStatus

REQUESTS = Counter(
    "fonoteka_api_requests", "Requests to the REST API by operation and HTTP status.", ["operation", "status"]
)
REQUEST_DURATION = Histogram(
    "fonoteka_api_request_duration_seconds",
    "Seconds from a request's arrival to the end of its answer, by operation.",
    ["operation"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
)
FAILURES = Counter(
    "fonoteka_api_failures", "Requests that ended in an exception that nobody foresaw; each is in the log."
)
AUDIO_SENT = Counter("fonoteka_api_audio_sent_bytes", "Bytes of audio sent, by format.", ["format"])
AUDIO_STREAMS = Gauge(
    "fonoteka_api_audio_streams", "Answers with audio that are being sent now.", multiprocess_mode="livesum"
)
UPLOADED = Counter("fonoteka_api_uploaded_bytes", "Bytes of uploads received.")
UPLOADS = Gauge("fonoteka_api_uploads", "Uploads that are being received now.", multiprocess_mode="livesum")


class StatusCollector(Collector):
    """The state of the whole system at the moment of the scrape, as gauges."""

    def __init__(self, status: Callable[[], SystemStatus]) -> None:
        self._status = status

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Five families; see docs/operate/metrics.md."""
        status = self._status()
        up = GaugeMetricFamily(
            "fonoteka_up", "Whether a part of the system is alive (1) or not (0).", None, ["part"]
        )
        up.add_metric(["recorder"], float(status.recorder_alive))
        up.add_metric(["worker"], float(status.worker_alive))
        yield up
        for name, text, value in (
            ("recording_calls", "Calls being recorded now.", status.recording_calls),
            (
                "sealed_waiting_recordings",
                "Ended recordings that wait for the worker.",
                status.sealed_waiting,
            ),
            ("failed_recordings", "Recordings set aside because they could not be processed.", status.failed),
            ("disk_free_bytes", "Free space where the data folder lies.", status.disk_free_bytes),
        ):
            yield GaugeMetricFamily(f"fonoteka_{name}", text, float(value))


def exposition(status: Callable[[], SystemStatus], accept: str) -> tuple[bytes, str]:
    """All figures as text and its content type; OpenMetrics when the Accept header names it.

    With PROMETHEUS_MULTIPROC_DIR set, the figures of every process that writes there are added up.
    """
    scrape = CollectorRegistry()
    scrape.register(StatusCollector(status))
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        scrape.register(multiprocess.MultiProcessCollector(None))  # type: ignore[no-untyped-call]
    else:
        scrape.register(REGISTRY)
    # The library's own negotiation trusts the version that the header claims; garbage there would raise.
    if "application/openmetrics-text" in accept:
        return openmetrics.generate_latest(scrape), openmetrics.CONTENT_TYPE_LATEST  # type: ignore[no-untyped-call]
    return generate_latest(scrape), CONTENT_TYPE_LATEST
