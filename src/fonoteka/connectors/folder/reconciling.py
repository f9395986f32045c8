"""A CDR held against the ledger: which calls of it have a recording, and which should have one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from fonoteka.connectors.folder.cdr import keys_of_row
from fonoteka.connectors.folder.cdr_calls import CdrClock, calls_of, key_of
from fonoteka.connectors.folder.cdr_file import START, Lines, read_on
from fonoteka.domain.announced import Announce, AnnouncedCall
from fonoteka.domain.call import CallOutcome
from fonoteka.domain.errors import ImportInvalid

EXAMPLES_MAX = 1_000
LACKING = frozenset({CallOutcome.EXPECTED, CallOutcome.MISSING, CallOutcome.REFUSED, CallOutcome.FAILED})


@dataclass(slots=True)
class Reconciliation:
    """Figures in calls. `by_file` have a recording among the files of this import.

    `examples` are calls without a recording that should have one, the first `EXAMPLES_MAX`. `left_out` are
    records that were not understood.
    """

    calls: int = 0
    by_file: int = 0
    left_out: int = 0
    outcomes: Counter[CallOutcome] = field(default_factory=Counter)
    examples: list[AnnouncedCall] = field(default_factory=list)

    @property
    def lacking(self) -> int:
        """How many calls should have a recording and have none."""
        return sum(self.outcomes[one] for one in LACKING)

    @property
    def recorded(self) -> int:
        """How many calls have one."""
        return self.by_file + self.outcomes[CallOutcome.RECORDED]

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "calls": self.calls,
            "recorded": self.recorded,
            "missing": self.lacking,
            "skipped": self.outcomes[CallOutcome.SKIPPED],
            "not_kept": self.outcomes[CallOutcome.NOT_KEPT],
            "missed": self.outcomes[CallOutcome.MISSED],
            "left_out": self.left_out,
            "examples": [
                {
                    "started_at": one.started_at.isoformat(),
                    "numbers": list(one.numbers),
                    "id": one.external_id,
                }
                for one in self.examples
            ],
        }


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Tells the ledger of the calls of a CDR that begin `since` or later; with `dry_run` only asks it.

    `met` is by what the CDR knows the calls whose recordings are on their way in.
    """

    tenant_id: str
    clock: CdrClock
    announce: Announce
    met: frozenset[str] = frozenset()
    since: datetime | None = None
    dry_run: bool = False

    def run(self, path: Path) -> Reconciliation:
        """Raises `ImportInvalid` when the file cannot be read, `StoreUnavailable`."""
        found = Reconciliation()
        try:
            for lines in read_on(path, START):
                self._take(lines, found)
        except (OSError, EOFError) as error:
            raise ImportInvalid(f"{path.name} cannot be read: {error}.") from error
        return found

    def _take(self, lines: Lines, found: Reconciliation) -> None:
        by_file = {key_of(row) for row in lines.rows if not self.met.isdisjoint(keys_of_row(row))}
        calls, wrong = calls_of(lines.rows, self.tenant_id, self.clock)
        found.left_out += len(wrong) + len(lines.problems)
        wanted = [one for one in calls if self.since is None or one.started_at >= self.since]
        rest = [one for one in wanted if one.external_id not in by_file]
        found.calls += len(wanted)
        found.by_file += len(wanted) - len(rest)
        if not rest:
            return
        for call, told in zip(rest, self.announce(rest, self.dry_run), strict=True):
            found.outcomes[told.outcome] += 1
            if told.outcome in LACKING and len(found.examples) < EXAMPLES_MAX:
                found.examples.append(call)
