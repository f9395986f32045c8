"""Bring the catalogues of the pages up to date with what templates and code say.

Run `.venv/bin/python scripts/messages.py` after changing a text, then fill what is empty in the Russian one.
English msgstr repeat the msgid.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).parent.parent / "src" / "fonoteka" / "web"
METHODS = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}}
KEYWORDS = {"gettext": None, "ngettext": (1, 2)}
# Header lines that change with every run or name nobody.
_UNKEPT = tuple(
    f'"{name}'
    for name in (
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Generated-By",
        "Project-Id-Version",
        "Report-Msgid-Bugs-To",
        "Last-Translator",
        "Language-Team",
    )
)


def said() -> Catalog:
    """Every msgid of the pages, and the files that say it."""
    catalog = Catalog(charset="utf-8")
    for name, _, message, _, _ in extract_from_dir(WEB, METHODS, OPTIONS, KEYWORDS):
        catalog.add(message, locations=[(name, 0)])
    return catalog


def path_of(code: str) -> Path:
    """The catalogue of a language."""
    return WEB / "locale" / code / "LC_MESSAGES" / "fonoteka.po"


def update(code: str) -> list[str]:
    """Write the catalogue of a language anew, old translations kept; the msgids that lack one."""
    path = path_of(code)
    known = Catalog(code)
    if path.is_file():
        with path.open("rb") as file:
            known = read_po(file, locale=code)
    fresh = Catalog(code, project="Fonoteka", version="", charset="utf-8", fuzzy=False)
    fresh.header_comment = "# Texts of Fonoteka's pages."
    missing = []
    for message in said():
        if not message.id:
            continue
        old = known.get(message.id)
        string = old.string if old is not None else ""
        if code == "en":
            string = message.id
        if not string or not all(string):
            missing.append(str(message.id))
        fresh.add(message.id, string, locations=message.locations)
    with path.open("wb") as file:
        write_po(file, fresh, width=110, sort_output=False, include_lineno=False)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(_UNKEPT)), "utf-8")
    return missing


if __name__ == "__main__":
    left = {code: update(code) for code in ("en", "ru")}
    for code, missing in left.items():
        for text in missing:
            sys.stdout.write(f"{code}: {text}\n")
    sys.exit(any(left.values()))
