"""File names in Content-Disposition: any script in, a header that every client reads out."""

from __future__ import annotations

from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from fonoteka.api.disposition import content_disposition


def test_russian_name_keeps_its_letters_and_has_an_ascii_stand_in() -> None:
    header = content_disposition("Звонок 101.mp3", attachment=True)
    assert header.startswith('attachment; filename="______ 101.mp3"; ')
    assert unquote(header.rpartition("''")[2]) == "Звонок 101.mp3"


def test_listening_is_inline() -> None:
    assert content_disposition("a.opus", attachment=False).startswith('inline; filename="a.opus"; ')


@given(st.text())
def test_no_name_leaves_its_folder_or_the_header(name: str) -> None:
    header = content_disposition(name, attachment=True)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    saved = unquote(header.rpartition("''")[2])
    assert saved
    assert not saved.startswith(".")
    assert not set(saved) & set('/\\\r\n\0"')
    assert len(saved) <= 150
