"""What is wrong with rules."""

from __future__ import annotations

from collections.abc import Callable


def of_rules(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    quoted = "“(?P<text>.*)”"
    return (
        (f"{quoted} is no telephone number\\.", gettext("“%(text)s” is no telephone number.")),
        (
            f"{quoted} is no prefix: .*",
            gettext("“%(text)s” is no prefix: + and the country's code first, * last, such as +7495*."),
        ),
        (
            r"It names a group that was deleted; choose another\.",
            gettext("It names a group that was deleted; choose another."),
        ),
        (r"The share is 1 to 100 percent\.", gettext("The share is 1 to 100 percent.")),
        (
            r"A day (has minutes 0 to 1439|ends with minute 1440)\.",
            gettext("The hours are not those of a day."),
        ),
        (r"Calls are kept for .*", gettext("Calls are kept for 1 to 36500 days, or for ever.")),
        (r"There are more than (?P<n>\d+) rules\.", gettext("There are more than %(n)s rules.")),
        (
            r"The rules name more than (?P<n>\d+) numbers together\.",
            gettext("The rules name more than %(n)s numbers together."),
        ),
        (r"There is no such version of the rules\.", gettext("There is no such version of the rules.")),
        (
            r"A number has at most (?P<n>\d+) characters\.",
            gettext("A number has at most %(n)s characters."),
        ),
    )
