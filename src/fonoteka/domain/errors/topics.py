"""Topics, and the phrases in them."""

from __future__ import annotations

from fonoteka.domain.errors.base import FonotekaError


class TopicNotFound(FonotekaError):
    """There is no such topic."""

    code = "topic.not_found"


class TopicPhraseInvalid(FonotekaError):
    """A phrase of a topic cannot be read; `reason` says why, `line` and `column` (from 1) where."""

    code = "topic.phrase_invalid"

    def __init__(self, reason: str, line: int, column: int, detail: str) -> None:
        told = f"Line {line}, column {column}: {detail}"
        super().__init__(told, field="phrases", reason=reason, line=line, column=column)
        self.reason, self.line, self.column = reason, line, column
