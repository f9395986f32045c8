"""What is wrong with channels."""

from __future__ import annotations

from collections.abc import Callable


def of_channels(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    quoted = "“(?P<text>.*)”"
    return (
        (f"{quoted} is no e-mail address\\.", gettext("“%(text)s” is no e-mail address.")),
        (f"{quoted} is no web address\\.", gettext("“%(text)s” is no web address; it begins with https://.")),
        (
            r"A web address must not hold a user or a password\.",
            gettext("A web address must not hold a user or a password."),
        ),
        (
            r"A channel's name has 1 to (?P<n>\d+) characters\.",
            gettext("The name has 1 to %(n)s characters."),
        ),
        (r"No mail server is set\.", gettext("No mail server is set.")),
        (r"The channel has no address yet\.", gettext("The channel has no address yet.")),
    )
