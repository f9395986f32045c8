"""What is wrong with rules, people and lines of a file, in the visitor's language.

The rooms below say it in English; here what they say is recognised and said again. What is not recognised
stays English rather than be hidden.
"""

from __future__ import annotations

import re
from functools import cache

from fonoteka.domain.errors import FonotekaError, VersionConflict
from fonoteka.web.languages import LANGUAGES, Language
from fonoteka.web.problems import ALL

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
    said = tuple(one for part in ALL for one in part(LANGUAGES[code].gettext))
    return tuple((re.compile(pattern, re.DOTALL), message) for pattern, message in said)
