"""What `fonoteka doctor` asks of a database and an object store that are not embedded."""

from __future__ import annotations

from collections.abc import Iterator

from fonoteka import wiring
from fonoteka.cli.finding import Finding, Verdict
from fonoteka.domain.errors import FonotekaError
from fonoteka.settings import Settings
from fonoteka.store import Store


def check_database(settings: Settings) -> Iterator[Finding]:
    """A database that was named: it answers."""
    if not settings.database_url:
        return
    try:
        store = Store.open(settings.database_url)
        state = store.state()
        store.close()
    except FonotekaError as error:
        yield Finding(
            "Database",
            Verdict.BAD,
            str(error),
            "Calls are recorded meanwhile. Check database_url, that the server runs and lets this user in.",
        )
        return
    yield Finding(
        "Database", Verdict.GOOD, f"answers, its tables are at revision {state.revision or 'none yet'}"
    )


def check_objects(settings: Settings) -> Iterator[Finding]:
    """An object store that was named: it takes, keeps to conditions, gives back, deletes."""
    if not settings.objects_url:
        return
    try:
        probe = wiring.open_objects(settings).probe()
    except FonotekaError as error:
        yield Finding(
            "Object store",
            Verdict.BAD,
            str(error),
            "Calls are recorded and wait in the spool until it answers.",
        )
        return
    lacks = [
        what
        for what, there in (
            ("parts of objects", probe.reads_ranges),
            ("writes that must not overwrite", probe.creates_once),
        )
        if not there
    ]
    yield Finding(
        "Object store",
        Verdict.WARN if lacks else Verdict.GOOD,
        f"it does not honour {' and '.join(lacks)}" if lacks else "takes, gives back and deletes",
        "Such stores may lose data when several programs write: use another one." if lacks else "",
    )
