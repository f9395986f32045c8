"""The languages of the pages: one gettext catalogue each, read from `locale/` at start-up.

msgids are English. There is no compiled catalogue: what is edited is what runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LOCALE_FOLDER = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages; `own_name` is how its speakers call it."""

    code: str
    own_name: str
    locale: Locale
    translations: Translations

    def gettext(self, message: str) -> str:
        """The translation of `message`."""
        return self.translations.ugettext(message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The translation in the plural form that `number` asks for."""
        return self.translations.ungettext(one, many, number)


def _load(code: str, own_name: str, locale: str) -> Language:
    path = LOCALE_FOLDER / code / "LC_MESSAGES" / "fonoteka.po"
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return Language(code, own_name, Locale.parse(locale), Translations(compiled))


# British English: “24 April” and the clock of 24 hours, as the visual guide has it.
LANGUAGES: dict[str, Language] = {
    one.code: one for one in (_load("ru", "Русский", "ru"), _load("en", "English", "en_GB"))
}
DEFAULT_LANGUAGE = LANGUAGES["en"]


def choose_language(chosen: str | None, accept_language: str) -> Language:
    """The language that the person chose, else the best one that the browser accepts (RFC 9110 §12.5.4)."""
    if chosen in LANGUAGES:
        return LANGUAGES[chosen]
    wishes = []
    for place, wish in enumerate(accept_language[:500].split(",")):
        tag, _, parameter = wish.partition(";")
        quality = _quality(parameter)
        code = tag.strip().lower().partition("-")[0]
        if code in LANGUAGES and quality > 0:
            wishes.append((-quality, place, code))
    return LANGUAGES[min(wishes)[2]] if wishes else DEFAULT_LANGUAGE


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
