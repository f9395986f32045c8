"""An archive of as many calls as one asks for, without audio: two years of three companies.

    python -m bench.archive_of_calls sqlite 1000000        # prints the address of the database
    python -m bench.archive_of_calls postgresql 1000000    # the same, and serves it until Enter

Made once and kept in bench/out, or in the folder that FONOTEKA_BENCH_ARCHIVES names; `archive(kind, calls)`
gives it to other benches. Rows are written straight
into the real tables, by COPY or in large batches, in the order of time as years of work would have written
them. All but the ids follows from one seed.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from bench.bulk import Bulk
from bench.call_maker import CallMaker, Company
from bench.words_maker import WordsMaker
from fonoteka.domain.people import Extension, Group, Tenant
from fonoteka.domain.storage_plan import StoragePlan, WhenFull
from fonoteka.store import Store, Version
from tests.databases import PostgreSQL, find_postgresql

OUT = Path(os.environ.get("FONOTEKA_BENCH_ARCHIVES") or Path(__file__).parent / "out")
COMPANIES = (
    Company(
        "default", "Фонотека", calls_share=0.8, extensions=160, groups=("Продажи", "Сервис", "Опт", "Новички")
    ),
    Company("beta", "Beta", calls_share=0.15, extensions=30, groups=("Sales", "Support")),
    Company("gamma", "Гамма", calls_share=0.05, extensions=10, groups=("Все",)),
)
DAYS = 730
_BATCH_CALLS = 10_000


@contextmanager
def archive(kind: str, calls: int, *, with_words: bool = False) -> Iterator[str]:
    """The address of a filled database, `sqlite` or `postgresql`; made now unless it is there.

    `with_words`: one that has notes, tags and transcripts too.
    """
    suffix = "_words" if with_words else ""
    if kind == "sqlite":
        path = OUT / f"archive-{calls}{suffix}" / "fonoteka.sqlite3"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".unfinished")
            for one in path.parent.glob(f"{unfinished.name}*"):
                one.unlink()
            fill(f"sqlite:///{unfinished}", calls, with_words=with_words)
            unfinished.rename(path)
        yield f"sqlite:///{path}"
        return
    binaries = find_postgresql()
    if binaries is None:
        sys.exit("PostgreSQL is missing; install the package postgresql")
    server = PostgreSQL(binaries, OUT / "postgresql")
    try:
        name = f"archive_{calls}{suffix}"
        if name not in server.databases():
            server.execute(f"DROP DATABASE IF EXISTS {name}_unfinished")
            server.execute(f"CREATE DATABASE {name}_unfinished")
            fill(server.url(f"{name}_unfinished"), calls, with_words=with_words)
            server.execute(f"ALTER DATABASE {name}_unfinished RENAME TO {name}")
        yield server.url(name)
    finally:
        server.stop()


def fill(url: str, calls: int, *, with_words: bool = False) -> None:
    """Make the tables and so many calls."""
    began = time.perf_counter()
    store = Store.open(url)
    store.migrate()
    now = datetime.now(UTC).replace(microsecond=0)
    makers = []
    for seed, company in enumerate(COMPANIES):
        add_people(store, company, now - timedelta(days=DAYS))
        words = WordsMaker(company.id, seed) if with_words else None
        makers.append(CallMaker(company, seed, round(calls * company.calls_share), now, DAYS, words))
    with Bulk(url) as bulk:
        for maker in makers:
            maker.write_speakers(bulk)
        for day in range(DAYS):
            for maker in makers:
                maker.write_day(bulk, day)
            if bulk.waiting >= _BATCH_CALLS:
                bulk.flush()
                _settle(store)
    _settle(store)
    with Bulk(url) as bulk:
        bulk.finish()
    for company in COMPANIES:
        add_plan(store, company, now)
    store.close()
    took = time.perf_counter() - began
    Console(stderr=True).print(f"{calls:,} calls in {took:.0f} s", highlight=False)


def add_people(store: Store, company: Company, at: datetime) -> None:
    """The tenant with its extensions and groups, by the store itself."""
    with store.transaction() as tx:
        tx.tenants.add(Tenant(company.id, company.name), at)
        tx.extensions.add(
            [
                Extension(f"{company.id}-{number}", company.id, number, name, name)
                for number, name in company.people
            ]
        )
        for place, name in enumerate(company.groups):
            members = frozenset(number for number, _ in company.people[place :: len(company.groups)])
            tx.groups.add(Group(f"{company.id}-g{place}", company.id, name, members))


def add_plan(store: Store, company: Company, at: datetime) -> None:
    """What the company uses, as the recordings say, in a plan that this nearly fills."""
    with store.transaction() as tx:
        tx.usage.lock(company.id)
        used = tx.usage.sums(company.id).counted
        tx.usage.set(company.id, used)
        quota_bytes = max(1_000_000, round(used.stored_bytes / 0.89))
        plan = StoragePlan(company.id, 1, quota_bytes, WhenFull.OVERWRITE_OLDEST)
        tx.plans.add(Version(plan, "bench", "bench", at, ""))


def _settle(store: Store) -> None:
    """What the worker does between times."""
    while True:
        with store.transaction() as tx:
            if not tx.call_tallies.fold() + tx.sound_days.count_marked():
                return


def main() -> None:
    kind, calls = sys.argv[1], int(sys.argv[2])
    if "--anew" in sys.argv:
        shutil.rmtree(OUT / f"archive-{calls}", ignore_errors=True)
    with archive(kind, calls) as url:
        print(url)
        if kind == "postgresql":
            input("PostgreSQL serves it until you press Enter. ")


if __name__ == "__main__":
    main()
