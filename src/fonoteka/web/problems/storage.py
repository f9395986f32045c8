"""What is wrong with plans, terms and holds."""

from __future__ import annotations

from collections.abc import Callable


def of_storage(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    return (
        (r"A quota has (?P<n>\d+) bytes or more, .*", gettext("The room is 1 MB or more, or unlimited.")),
        (
            r"Write the room in gigabytes, .*",
            gettext("Write the room in gigabytes, such as 250."),
        ),
        (r"Write the term as a number of days\.", gettext("Write the term as a number of days.")),
        (r"Write a number, such as .*", gettext("Write a number, such as 25 or 2.5.")),
        (r"A number from 0 to (?P<n>\d+) is needed\.", gettext("A number from 0 to %(n)s is needed.")),
        (r"Write a whole number\.", gettext("Write a whole number.")),
        (r"Write thresholds in per cent, .*", gettext("Write thresholds in per cent, such as 80, 90, 100.")),
        (
            r"At most (?P<n>\d+) thresholds of 1 to 100 per cent\.",
            gettext("At most %(n)s thresholds of 1 to 100 per cent."),
        ),
        (r"The bin keeps for 0 to (?P<n>\d+) days\.", gettext("The bin keeps for 0 to %(n)s days.")),
        (r"A term is 1 to (?P<n>\d+) days\.", gettext("A term is 1 to %(n)s days.")),
        (r"A hold needs calls, .*", gettext("Say which calls: a number, a period, or one call.")),
        (r"A filter needs a number or a period\.", gettext("A number or a period is needed.")),
        (r"The end lies after the beginning\.", gettext("The end lies after the beginning.")),
        (
            r"A text of 1 to (?P<n>\d+) printable characters is needed\.",
            gettext("The case and the reason are needed, in 1 to %(n)s characters."),
        ),
    )
