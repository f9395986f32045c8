"""What is wrong with rules, people and lines of a file, in the visitor's language.

The rooms below say it in English; here what they say is recognised and said again. What is not recognised
stays English rather than be hidden.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from fonoteka.domain.errors import FonotekaError, VersionConflict
from fonoteka.web.languages import LANGUAGES, Language
from fonoteka.web.score_problems import of_scores
from fonoteka.web.topic_words import of_topics

_POSITION = re.compile(r"Rule (?P<n>\d+): (?P<rest>.+)", re.DOTALL)


def problem_text(language: Language, error: FonotekaError) -> str:
    """What is wrong, for people."""
    if isinstance(error, VersionConflict):
        return language.gettext(
            "Somebody else has saved meanwhile. Load the page again and repeat the change."
        )
    return said_again(language, str(error))


def said_again(language: Language, text: str) -> str:
    """An English text of the rooms in the language."""
    found = _POSITION.fullmatch(text)
    if found:
        rest = said_again(language, found["rest"])
        return language.gettext("Rule %(n)s: %(what)s") % {"n": found["n"], "what": rest}
    for pattern, message in _known(language.code):
        if match := pattern.fullmatch(text):
            return message % match.groupdict()
    return text


@cache
def _known(code: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns, and what to say with their groups."""
    parts = (
        *(_of_people, _of_rules, _of_users, _of_storage, _of_channels),
        *(_of_annotations, _of_sharing, _of_speech, of_scores, of_topics),
    )
    said = tuple(one for part in parts for one in part(LANGUAGES[code].gettext))
    return tuple((re.compile(pattern, re.DOTALL), message) for pattern, message in said)


def _of_speech(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    return (
        (
            r"“(?P<text>.*)” is no code of a language, such as ru or en\.",
            gettext("“%(text)s” is no code of a language, such as ru or en."),
        ),
    )


def _of_people(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
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


def _of_rules(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
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


def _of_users(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
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


def _of_storage(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
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


def _of_channels(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
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


def _of_annotations(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
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


def _of_sharing(gettext: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
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
