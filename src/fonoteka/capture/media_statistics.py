"""What the recorder knows of its media process: counts, and which streams cannot be written."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field

from fonoteka.capture import metrics
from fonoteka.capture.media_protocol import DROP_REASONS, MediaCounts, Report, Trouble

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MediaStatistics:
    """Since the start. `failing_streams` are those whose file cannot be written now."""

    streams: int = 0
    failing_streams: frozenset[int] = frozenset()
    restarts: int = 0
    counts: MediaCounts = field(default_factory=MediaCounts)


class MediaLedger:
    """Keeps the statistics and the metrics, and logs a stream's first trouble.

    `reports` counts the signs of life of the media process.
    """

    def __init__(self) -> None:
        self.reports = 0
        self._failing: set[int] = set()
        self._logged: set[int] = set()
        self._restarts = 0
        self._counts = MediaCounts()

    def statistics(self, streams: int) -> MediaStatistics:
        """The state now, with that many streams open."""
        return MediaStatistics(streams, frozenset(self._failing), self._restarts, self._counts)

    def take_report(self, report: Report) -> None:
        """Add what a report counts."""
        self.reports += 1
        new, sums = asdict(report.counts), asdict(self._counts)
        self._counts = MediaCounts(**{name: sums[name] + new[name] for name in sums})
        metrics.MEDIA_PACKETS.inc(report.counts.packets)
        metrics.MEDIA_BYTES.inc(report.counts.bytes)
        metrics.MEDIA_WRITE_ERRORS.inc(report.counts.write_errors)
        for reason in DROP_REASONS:
            metrics.MEDIA_DROPPED.labels(reason).inc(new[reason])
        metrics.MEDIA_SYNC_SECONDS.set(report.sync_ms / 1000)
        metrics.MEDIA_TICK_SECONDS.set(report.tick_ms / 1000)

    def take_trouble(self, trouble: Trouble, path: str) -> None:
        """A stream's file cannot be written, or can be again."""
        if trouble.detail:
            self._failing.add(trouble.stream_id)
        else:
            self._failing.discard(trouble.stream_id)
        if trouble.detail and trouble.stream_id not in self._logged:
            self._logged.add(trouble.stream_id)
            _log.error("stream %d: %s: %s", trouble.stream_id, path, trouble.detail)
        metrics.MEDIA_FAILING_STREAMS.set(len(self._failing))

    def take_restart(self) -> None:
        """The media process died; its successor tells anew what it cannot write."""
        self._restarts += 1
        self._failing.clear()
        metrics.MEDIA_RESTARTS.inc()
        metrics.MEDIA_FAILING_STREAMS.set(0)

    def forget(self, stream_id: int) -> None:
        """A stream has ended."""
        self._failing.discard(stream_id)
        self._logged.discard(stream_id)
        metrics.MEDIA_FAILING_STREAMS.set(len(self._failing))
