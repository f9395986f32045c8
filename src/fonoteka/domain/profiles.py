"""The audio profiles: how a recording may be kept, what a minute of it takes, and how it sounds.

Figures are those that `make bench NAME=profiles` printed for human voices who speak in turns; the bench
fails when it measures otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

DEFAULT_PROFILE = "standard"
WIDEBAND_HZ = 16_000
"""Sound of at least this sample rate is wideband; telephone sound has half of it."""


@dataclass(frozen=True, slots=True)
class AudioProfile:
    """`bytes_per_minute` is of both parties together, as stored; a call's own depends on who speaks when.

    `pesq` (1 to 4.5) is the mean over parties, by PESQ-WB where `is_wideband`; None where the sound is kept
    sample for sample. `codec` is that of the stored file.
    """

    name: str
    codec: str
    bytes_per_minute: int
    is_wideband: bool
    pesq: float | None

    @property
    def sample_rate_hz_max(self) -> int | None:
        """The highest rate that is kept; None: any."""
        if self.pesq is None:
            return None
        return WIDEBAND_HZ if self.is_wideband else WIDEBAND_HZ // 2


PROFILES: Mapping[str, AudioProfile] = MappingProxyType(
    {
        one.name: one
        for one in (
            AudioProfile("compact", "opus", bytes_per_minute=48_200, is_wideband=False, pesq=3.60),
            AudioProfile("standard", "opus", bytes_per_minute=92_400, is_wideband=False, pesq=3.91),
            AudioProfile("wide", "opus", bytes_per_minute=125_400, is_wideband=True, pesq=3.45),
            AudioProfile("lossless", "flac", bytes_per_minute=1_068_000, is_wideband=False, pesq=None),
        )
    }
)
"""By name, the smallest first."""


def profile_wanted(name: str) -> AudioProfile:
    """The profile of a name; one that is not known loses no call: it is the default."""
    return PROFILES.get(name, PROFILES[DEFAULT_PROFILE])


def profile_used(wanted: str, source_rate_hz: int) -> AudioProfile:
    """The profile that sound of a sample rate is kept in when `wanted` was asked for.

    Telephone sound has nothing that `wide` would keep, so it is `standard`.
    """
    profile = profile_wanted(wanted)
    if profile.is_wideband and source_rate_hz <= WIDEBAND_HZ // 2:
        return PROFILES[DEFAULT_PROFILE]
    return profile
