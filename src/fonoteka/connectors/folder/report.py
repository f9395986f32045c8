"""What an import did, and what it did not understand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

PROBLEMS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Problem:
    """A file (or a line of a table) that was left out: `code` is stable, `detail` is for people."""

    path: str
    code: str
    detail: str


@dataclass(slots=True)
class ImportReport:
    """Figures in files. `imported` calls came in; `known` files were taken in before; `problems` were not.

    `zone_doubts` are calls whose local time contradicts the PBX's own id of the channel, `clock_doubts` those
    whose time is some hours away from the file's own. `is_whole` is false when the import was broken off.
    """

    files: int = 0
    bytes: int = 0
    imported_calls: int = 0
    imported_files: int = 0
    known_files: int = 0
    others: int = 0
    waiting: bool = False
    is_whole: bool = False
    zone_doubts: int = 0
    clock_doubts: int = 0
    problems: list[Problem] = field(default_factory=list)
    problem_counts: Counter[str] = field(default_factory=Counter)
    met: set[str] = field(default_factory=set)
    """By what a CDR knows the calls of the files, where there is a CDR."""

    def add_problem(self, problem: Problem) -> None:
        """Count it, and keep the first `PROBLEMS_MAX`."""
        self.problem_counts[problem.code] += 1
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(problem)

    def notes(self) -> list[str]:
        """What a person should think about."""
        notes = []
        if self.zone_doubts:
            notes.append(
                f"{self.zone_doubts} calls: the local time in the name contradicts the PBX's own id, which"
                " was believed; is --time-zone the PBX's?"
            )
        if self.clock_doubts and 2 * self.clock_doubts > self.imported_calls:
            notes.append(
                f"{self.clock_doubts} calls began some hours away from their files' own times; was the PBX's"
                " clock off (--shift), or is --time-zone another?"
            )
        return notes

    def to_json(self) -> dict[str, Any]:
        """For machines; all text is valid Unicode."""
        return {
            "files": self.files,
            "bytes": self.bytes,
            "imported_calls": self.imported_calls,
            "imported_files": self.imported_files,
            "known_files": self.known_files,
            "other_files": self.others,
            "is_whole": self.is_whole,
            "notes": self.notes(),
            "problem_counts": dict(sorted(self.problem_counts.items())),
            "problems": [{"path": one.path, "code": one.code, "detail": one.detail} for one in self.problems],
        }
