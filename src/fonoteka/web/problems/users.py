"""What is wrong with users, passwords and tokens."""

from __future__ import annotations

from collections.abc import Callable


def of_users(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    return (
        (
            r"A login has 1 to 200 characters .*",
            gettext("A login has 1 to 200 characters and no spaces; an e-mail address is one."),
        ),
        (r"This login is taken\.", gettext("This login is taken.")),
        (r"A name has 1 to .*", gettext("A name has 1 to 200 characters.")),
        (r"A token's name has 1 to .*", gettext("A name has 1 to 100 characters.")),
        (r"There is no such group\.", gettext("There is no such group.")),
        (r"There is no extension (?P<n>.*)\.", gettext("There is no extension %(n)s.")),
        (
            r"Choose at least one group: .*",
            gettext("Choose at least one group: without any, no call would be seen."),
        ),
        (
            r"Name the own extension: .*",
            gettext("Name the own extension: without it, no call would be seen."),
        ),
        (
            r"Nobody would be left who can manage users; .*",
            gettext("Nobody would be left who can manage users; give that to somebody else first."),
        ),
        (
            r"The user is disabled; .*",
            gettext("The user is shut out; let them in again first."),
        ),
        (r"Only an owner .*", gettext("Only an owner can do that to an owner.")),
        (r".* may not give .*", gettext("You cannot give what you may not do yourself.")),
        (r"A password has at least (?P<n>\d+) .*", gettext("A password has at least %(n)s characters.")),
        (r"This is not the password until now\.", gettext("This is not the password until now.")),
        (r"The login itself is no password\.", gettext("The login itself is no password.")),
        (r"The two passwords differ\.", gettext("The two passwords differ.")),
        (
            r"Too many failed attempts; try again in (?P<n>\d+) s\.",
            gettext("Too many failed attempts; try again in %(n)s s."),
        ),
        (
            r"Choose at least one thing that the program may do\.",
            gettext("Choose at least one thing that the program may do."),
        ),
    )
