"""What is wrong with people, companies, and lines of a file."""

from __future__ import annotations

from collections.abc import Callable


def of_people(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    quoted = "“(?P<text>.*)”"
    return (
        (
            f"{quoted} is no extension: .*",
            gettext("“%(text)s” is no extension: 1 to 32 digits, Latin letters or . _ - + * #."),
        ),
        (r"There is an extension (?P<n>\S+) already\.", gettext("There is an extension %(n)s already.")),
        ("No extension has the number (?P<n>.+)", gettext("No extension has the number %(n)s.")),
        (f"There is a group {quoted} already\\.", gettext("There is a group “%(text)s” already.")),
        ("The name is missing\\.", gettext("The name is missing.")),
        (r"There are (?P<n>\d+) \w+ already\.", gettext("There are %(n)s already, more are not possible.")),
        (r"A group has at most (?P<n>\d+) members\.", gettext("A group has at most %(n)s members.")),
        (r"The date \S+ is out of all reason\.", gettext("The date is out of all reason.")),
        (f"{quoted} is longer than .*", gettext("“%(text)s” is too long.")),
        (
            f"{quoted} holds control characters\\.",
            gettext("“%(text)s” holds characters that cannot be seen."),
        ),
        (
            r"A trunk needs a network, a domain or a number\.",
            gettext("A trunk needs a network, a domain or a number."),
        ),
        (f"{quoted} is no IP network\\.", gettext("“%(text)s” is no IP network.")),
        (
            r"A network of all addresses tells no tenant from another\.",
            gettext("A network of all addresses tells no company from another."),
        ),
        (f"{quoted} is no domain\\.", gettext("“%(text)s” is no domain.")),
        (
            f"{quoted} marks another tenant's calls already\\.",
            gettext("“%(text)s” is another company's already."),
        ),
        (
            r"The network (?P<n>\S+) overlaps with .*",
            gettext(
                "The network %(n)s overlaps with another company's; tell them apart by domains and numbers."
            ),
        ),
        (
            r"A tenant's id is 1 to 63 small .*",
            gettext("The short name is 1 to 63 small Latin letters, digits and hyphens."),
        ),
        (f"There is a tenant {quoted} already\\.", gettext("There is a company “%(text)s” already.")),
        (
            f"There is no time zone {quoted}\\.",
            gettext("There is no time zone “%(text)s”; Europe/Moscow is one."),
        ),
        (
            f"There is no region {quoted}; .*",
            gettext("There is no region “%(text)s”; it is a country's two letters, such as RU."),
        ),
        (
            r"Rule (?P<n>\d+) “.*” names the group “(?P<text>.*)”; change the rule first\.",
            gettext("Rule %(n)s names the group “%(text)s”; change the rule first."),
        ),
        *_of_files(gettext, quoted),
    )


def _of_files(gettext: Callable[[str], str], quoted: str) -> tuple[tuple[str, str], ...]:
    return (
        (
            f"{quoted} was a number once; .*",
            gettext("“%(text)s” was a number once; a spreadsheet rounded it."),
        ),
        (f"{quoted} is no date; .*", gettext("“%(text)s” is no date; write 2026-12-31 or 31.12.2026.")),
        (
            f"{quoted} stands on line (?P<n>.+) already\\.",
            gettext("“%(text)s” stands on line %(n)s already."),
        ),
        (r"The file is empty\.", gettext("The file is empty.")),
        (r"The file is larger than (?P<n>\d+) MiB\.", gettext("The file is larger than %(n)s MB.")),
        (r"The file has more than (?P<n>\d+) lines\.", gettext("The file has more than %(n)s lines.")),
        (
            r"The line has (?P<n>\d+) cells, the heading (?P<m>\d+)\.",
            gettext("The line has %(n)s cells, the heading %(m)s."),
        ),
        (
            r"The line holds bytes that are not (?P<n>\S+)\.",
            gettext("The line holds bytes that are not %(n)s."),
        ),
        (r"The file is UTF-16; .*", gettext("The file is UTF-16; save it as UTF-8 or Windows-1251.")),
        (
            r"The line holds a zero byte; is this a text file\?",
            gettext("The line holds a zero byte; is this a text file?"),
        ),
        (
            r"The line cannot be read, a quotation mark may be wrong .*",
            gettext("The line cannot be read, a quotation mark may be wrong."),
        ),
        (r"A cell is too long\.", gettext("A cell is too long.")),
        (
            r"The heading has no column “(?P<text>.*)”\. Columns: (?P<n>.*)\.",
            gettext("The heading has no column “%(text)s”. Columns: %(n)s."),
        ),
        (
            r"The column “(?P<text>.*)” is not known\. Columns: (?P<n>.*)\.",
            gettext("The column “%(text)s” is not known. Columns: %(n)s."),
        ),
        (r"A column stands twice in the heading\.", gettext("A column stands twice in the heading.")),
        (r"There would be more than (?P<n>\d+) \w+\.", gettext("There would be more than %(n)s.")),
    )
