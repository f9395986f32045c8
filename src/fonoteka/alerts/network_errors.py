"""What the system says about an error of the network."""

from __future__ import annotations

from fonoteka.alerts.rendering import one_line

_CHARACTERS_MAX = 300


def reason_of(error: Exception) -> str:
    """The reason in words, without the error's number."""
    return one_line(getattr(error, "strerror", None) or str(error), _CHARACTERS_MAX)
