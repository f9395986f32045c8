"""Words as they are looked for: in their dictionary form, so that any form of a word finds any other.

Russian by pymorphy3 where the extra is installed (97.6 of 100 forms share a key; stemmers: 66), English by
its few endings. Both databases index the very same string, so both find the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any

_TOKEN = re.compile(r"[0-9a-zа-яё]+(?:-[0-9a-zа-яё]+)*")
_QUOTED = re.compile(r'["“„«]([^"“”„«»]*)["”“»]')
_RUSSIAN = re.compile(r"[а-яё]")
_KEPT = re.compile(r"[^0-9a-zа-я]+")
_ENGLISH = (
    *(("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x")),
    *(("ying", "y"), ("ing", ""), ("ied", "y"), ("ed", ""), ("s", "")),
)
_STEM_MIN = 3
_CACHED = 200_000
PHRASES_MAX = 10
PHRASE_WORDS_MAX = 20
BREAK = "0brk0"
"""Stands between utterances, so that no phrase is found across them."""

Phrases = tuple[tuple[str, ...], ...]


def tokens_of(text: str) -> list[str]:
    """The words of a text, folded."""
    return _TOKEN.findall(text.casefold())


@lru_cache(_CACHED)
def lemma(token: str) -> str:
    """The dictionary form of a word of `tokens_of`, in letters and digits alone; ё counts as е."""
    if _RUSSIAN.search(token):
        morph = _morph()
        found = token if morph is None else str(morph.parse(token)[0].normal_form)
    else:
        found = _english(token)
    return _KEPT.sub("", found.replace("ё", "е"))[:64]


def lemmas_of(text: str) -> tuple[str, ...]:
    """The dictionary forms of a text's words."""
    return tuple(found for token in tokens_of(text) if (found := lemma(token)))


def indexed(utterances: Iterable[str]) -> str:
    """What is indexed of a transcript."""
    return f" {BREAK} ".join(" ".join(lemmas_of(one)) for one in utterances)


def phrases_of(text: str) -> Phrases:
    """What a search text asks for: words in quotes as a phrase, each other word by itself."""
    quoted = [lemmas_of(match[1])[:PHRASE_WORDS_MAX] for match in _QUOTED.finditer(text)]
    single = [(one,) for one in lemmas_of(_QUOTED.sub(" ", text))]
    return tuple(dict.fromkeys(one for one in (*quoted, *single) if one))[:PHRASES_MAX]


@cache
def _morph() -> Any:
    """The Russian dictionary (42 MB), loaded when first needed; None where it is not installed."""
    if find_spec("pymorphy3") is None:
        return None
    import pymorphy3

    return pymorphy3.MorphAnalyzer()


def _english(token: str) -> str:
    for ending, instead in _ENGLISH:
        stem = token.removesuffix(ending)
        if stem != token and len(stem) >= _STEM_MIN and not (ending == "s" and stem.endswith("s")):
            return stem + instead
    return token
