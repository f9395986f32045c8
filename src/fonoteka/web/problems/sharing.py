"""What is wrong with links and e-mails."""

from __future__ import annotations

from collections.abc import Callable


def of_sharing(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    return (
        (
            r"A reason is needed to give a call .*",
            gettext("Write why: the person is outside of your company."),
        ),
        (
            r"A text of up to (?P<n>\d+) printable characters\.",
            gettext("A text of up to %(n)s printable characters is needed."),
        ),
        (r"A link is good for 1 to (?P<n>\d+) days.*", gettext("A link works for 1 to %(n)s days.")),
        (r"A link can be opened 1 to (?P<n>\d+) times\.", gettext("A link can be opened 1 to %(n)s times.")),
        (
            r"Calls may not be sent to (?P<text>\S+)\.",
            gettext("Calls may not be sent to addresses of %(text)s; the administrator decides that."),
        ),
        (
            r"One of the calls has no recording .*",
            gettext("One of the calls has no recording that can be heard."),
        ),
        (
            r"So much was shared within an hour .*",
            gettext("So much was shared within an hour that it looks like a slip; try again later."),
        ),
        (
            r"Between 1 and (?P<n>\d+) calls can be shared at once\.",
            gettext("Between 1 and %(n)s calls can be shared at once."),
        ),
        (r"No mail server is set, .*", gettext("No mail server is set.")),
    )
