"""What is wrong with topics; phrases that cannot be read are told by topic_words.py, with the place."""

from __future__ import annotations

from collections.abc import Callable


def of_topics(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    return (
        (r"A topic's name has 1 to (?P<n>\d+) .*", gettext("A name has 1 to %(n)s characters.")),
        (r"There is a topic of this name already\.", gettext("There is a topic of this name already.")),
        (r"There are (?P<n>\d+) topics, .*", gettext("There are %(n)s topics, and no more can be made.")),
        (
            r"All active topics together have at most (?P<n>\d+) phrases\.",
            gettext("All active topics together have at most %(n)s phrases: switch one off."),
        ),
    )
