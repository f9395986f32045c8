"""What is wrong with tags, marks, notes and comments."""

from __future__ import annotations

from collections.abc import Callable


def of_annotations(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    return (
        (
            r"A tag's name has 1 to (?P<n>\d+) printable characters\.",
            gettext("A tag's name has 1 to %(n)s characters."),
        ),
        ("There is a tag of that name already\\.", gettext("There is a tag of that name already.")),
        ("There is no such tag\\.", gettext("There is no such tag.")),
        (
            r"The tag is on (?P<n>\d+) calls: .*",
            gettext("Meanwhile the tag is on %(n)s calls. Look again, then repeat it."),
        ),
        (
            "The storage has terms for the tag; .*",
            gettext("The storage has a term for this tag. Take the term away there first."),
        ),
        (r"There are (?P<n>\d+) tags, .*", gettext("There are %(n)s tags, and no more can be made.")),
        (r"A call has at most (?P<n>\d+) tags\.", gettext("A call has at most %(n)s tags.")),
        (r"A call has at most (?P<n>\d+) comments\.", gettext("A call has at most %(n)s comments.")),
        (r"A call has at most (?P<n>\d+) marks\.", gettext("A call has at most %(n)s marks.")),
        (r"A text has at most (?P<n>\d+) characters\.", gettext("A text has at most %(n)s characters.")),
        ("A text is needed\\.", gettext("A text is needed.")),
        (r"A mark is (?P<low>\d) to (?P<high>\d)\.", gettext("A mark is %(low)s to %(high)s.")),
    )
