"""Audio profiles in the visitor's language."""

from __future__ import annotations

from fonoteka.domain.profiles import PROFILES, profile_wanted
from fonoteka.web.formats import Formats


def profile_name(formats: Formats, name: str) -> str:
    """`standard`; a name that is not known is said as it is."""
    gettext = formats.language.gettext
    return {
        "compact": gettext("compact"),
        "standard": gettext("standard"),
        "wide": gettext("wideband"),
        "lossless": gettext("lossless"),
    }.get(name, name)


def profile_choices(formats: Formats) -> tuple[tuple[str, str], ...]:
    """Each profile's name, and what a person reads: `standard, 92 KB a minute`."""
    gettext = formats.language.gettext
    return tuple(
        (
            name,
            gettext("%(profile)s, %(size)s a minute")
            % {
                "profile": profile_name(formats, name),
                "size": formats.size(profile_wanted(name).bytes_per_minute),
            },
        )
        for name in PROFILES
    )
