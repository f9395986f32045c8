"""What is wrong with languages of speech."""

from __future__ import annotations

from collections.abc import Callable


def of_speech(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    return (
        (
            r"“(?P<text>.*)” is no code of a language, such as ru or en\.",
            gettext("“%(text)s” is no code of a language, such as ru or en."),
        ),
    )
