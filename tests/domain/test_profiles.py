"""What is kept when a profile is asked for."""

from __future__ import annotations

import pytest

from fonoteka.domain.profiles import DEFAULT_PROFILE, PROFILES, profile_used


@pytest.mark.parametrize(
    ("wanted", "source_rate_hz", "used"),
    [
        ("compact", 8_000, "compact"),
        ("compact", 16_000, "compact"),
        ("wide", 16_000, "wide"),
        ("wide", 48_000, "wide"),
        ("wide", 8_000, "standard"),
        ("lossless", 8_000, "lossless"),
        ("no such profile", 16_000, DEFAULT_PROFILE),
    ],
)
def test_the_profile_used(wanted: str, source_rate_hz: int, used: str) -> None:
    assert profile_used(wanted, source_rate_hz).name == used


def test_the_figures_keep_their_promises() -> None:
    """The issue's bounds, for whatever the bench printed."""
    assert 100_000_000 / PROFILES["compact"].bytes_per_minute >= 2_000
    assert PROFILES["standard"].bytes_per_minute <= 95_000
    assert PROFILES["wide"].bytes_per_minute <= 130_000
    assert (PROFILES["standard"].pesq or 0) >= 3.9
