"""A logger that a storm of bad input cannot turn into a full disk."""

from __future__ import annotations

import logging
import time

LINES_OF_INTERVAL_MAX = 20
INTERVAL_S = 10.0


class LogLimit:
    """Passes so many lines an interval; the next line after that says how many were left out."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._since = time.monotonic()
        self._lines = 0

    def info(self, message: str, *values: object) -> None:
        """Log at INFO, or count."""
        self._log(logging.INFO, message, values)

    def warning(self, message: str, *values: object) -> None:
        """Log at WARNING, or count."""
        self._log(logging.WARNING, message, values)

    def _log(self, level: int, message: str, values: tuple[object, ...]) -> None:
        now = time.monotonic()
        if now - self._since > INTERVAL_S:
            if self._lines > LINES_OF_INTERVAL_MAX:
                self._logger.warning(
                    "%d lines like the last were left out", self._lines - LINES_OF_INTERVAL_MAX
                )
            self._since, self._lines = now, 0
        self._lines += 1
        if self._lines <= LINES_OF_INTERVAL_MAX:
            self._logger.log(level, message, *values)
