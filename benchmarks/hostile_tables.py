"""Hostile tables through the command line, on SQLite and on Postgres.

    python -m benchmarks.hostile_tables --seed 7 --n 400 [--first N] [--processes 12]

Each table is taken in by each reader on both databases. A finding is a traceback, a command that
takes longer than twenty seconds, an answer to ``--json`` that is no JSON document, a good row that
was lost, a control character in the catalog, and whatever differs between the two databases. With
findings it exits with 1.

Every twentieth table is embedded too; of the others the embedding is left out. ``--processes``
also ingests that many tables, each in a separate process.
"""

import json
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import create_engine, delete, select

from benchmarks.campaign import Ended, run, run_process, what_is_wrong
from benchmarks.forked_commands import must_run, run_command
from catalog.models import Artwork, Base, JobFailure
from tests.hostile_tables import READERS, HostileTable, make_hostile_table
from tests.servers.postgres import running_postgres
from ui.catch_all import REFUSED

EMBED_EVERY = 20
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
SHOWN = ("title", "artist", "genre", "style", "school", "file", "source")
COMPARED = (*SHOWN, "source_id", "year", "image_signature", "extra", "artist_as_given")

Plan = tuple[str, int, Callable[..., Ended]]
"""A reader, the number of a table, and how the command is run."""


@dataclass(frozen=True)
class Collection:
    """A collection that is emptied for each table."""

    home: Path
    settings: Mapping[str, str]
    database: str

    @property
    def name(self) -> str:
        """The kind of its database."""
        return self.home.name

    def empty(self) -> None:
        """Delete all rows."""
        engine = create_engine(self.database)
        with engine.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(delete(table))
        engine.dispose()

    def rows(self) -> dict[str, Any]:
        """Return the works, by id, and how many rows failed for which reason."""
        engine = create_engine(self.database)
        columns = [getattr(Artwork, name) for name in COMPARED]
        with engine.connect() as connection:
            works = {
                str(row[0]): dict(zip(COMPARED, row[1:], strict=True))
                for row in connection.execute(select(Artwork.id, *columns))
            }
            failures = Counter(
                (failure.stage, failure.reason, failure.item)
                for failure in connection.execute(
                    select(JobFailure.stage, JobFailure.reason, JobFailure.item)
                )
            )
        engine.dispose()
        return {"works": works, "failures": failures}


def judge(table: HostileTable, ended: Ended, rows: Mapping[str, Any], where: str) -> Iterator[str]:
    """Go through what is wrong with an answer and with what it left in the catalog."""
    if wrong := list(what_is_wrong(ended, where, as_json=True)):
        yield from wrong
        return
    for said in _lost_or_shown(table, ended, rows):
        yield f"{where}: {said}"


def _lost_or_shown(table: HostileTable, ended: Ended, rows: Mapping[str, Any]) -> Iterator[str]:
    document = json.loads(ended.output)
    if ended.code not in (0, REFUSED):
        yield f"exit code {ended.code}: {ended.messages[-300:]}"
    if ended.code and not document.get("error"):
        yield "an exit code without an error"
    if ended.code and not table.may_be_refused:
        yield f"the whole table is refused: {document.get('error')!r}"
    works = list(rows["works"].values())
    if not ended.code and (lost := table.good - {work["title"] for work in works}):
        yield f"good rows are lost: {sorted(lost)}"
    for work in works:
        for name in SHOWN:
            if CONTROLS.search(work[name] or ""):
                yield f"a control character in {name}: {work[name]!r}"
        if CONTROLS.search(json.dumps(work["extra"], ensure_ascii=False)):
            yield "a control character in extra"


def outcome(ended: Ended) -> Any:
    """Return what a command answered, without what is never the same."""
    try:
        document = json.loads(ended.output)
    except ValueError:
        return ended.code, None
    kept = {name: value for name, value in document.items() if name not in {"job", "seconds"}}
    # Which come first is a matter of threads; all of them are compared as the catalog has them.
    kept["failures"] = sorted(
        (group["stage"], group["reason"], group["count"]) for group in kept.get("failures", ())
    )
    return ended.code, kept


def try_table(
    plan: Plan, seed: int, collections: list[Collection], source: Path
) -> tuple[list[str], str]:
    """Take one table in on all databases; return the findings, and how it went."""
    reader, number, how = plan
    findings: list[str] = []
    seen: list[Any] = []
    table = make_hostile_table(reader, number, seed, source)
    arguments = ["ingest", *table.arguments, "--json"]
    # The museum's images are on its server: those are not asked for.
    if number % EMBED_EVERY or reader == "nga":
        arguments.append("--queue-only")
    for collection in collections:
        collection.empty()
        ended = how(arguments, collection.home, more=collection.settings)
        rows = collection.rows()
        findings += judge(table, ended, rows, f"{reader} {number}, {collection.name}")
        seen.append((outcome(ended), rows))
    shutil.rmtree(source)
    if any(other != seen[0] for other in seen[1:]):
        findings.append(f"{reader} {number}: the databases differ: {seen}"[:1500])
    (code, _), rows = seen[0]
    return findings, "refused" if code else "failures" if rows["failures"] else "clean"


@contextmanager
def two_collections(folder: Path) -> Iterator[list[Collection]]:
    """Give a collection on SQLite and one on Postgres, with a model that needs no weights."""
    with running_postgres() as server, server.fresh_database() as url:
        plain = {"VASARI_MODELS": "colour_grid"}
        lite, served = folder / "sqlite", folder / "postgres"
        collections = [
            Collection(lite, plain, f"sqlite:///{lite}/catalog.db"),
            Collection(served, plain | {"VASARI_DATABASE_URL": url}, url),
        ]
        for collection in collections:
            must_run(["db", "upgrade"], collection.home, collection.settings)
        yield collections


def main(
    seed: int = 7,
    n: Annotated[int, typer.Option("--n", help="Tables for each reader.")] = 400,
    first: Annotated[int, typer.Option(help="Number of the first table.")] = 0,
    processes: Annotated[int, typer.Option(help="Tables taken in by processes of their own.")] = 12,
    reader: Annotated[list[str] | None, typer.Option(help=", ".join(READERS))] = None,
) -> None:
    """Take hostile tables in, and say what was lost or broken."""
    chosen = reader or READERS
    plans: list[Plan] = [
        (name, number, run_command) for number in range(first, first + n) for name in chosen
    ]
    plans += [
        (chosen[number % len(chosen)], first + number, run_process) for number in range(processes)
    ]
    run(partial(campaign, plans=plans, seed=seed), f"{len(plans)} tables")


def campaign(folder: Path, *, plans: list[Plan], seed: int) -> Iterator[str]:
    """Try each table; yield what was found, and print how they went."""
    went, start = Counter[str](), time.monotonic()
    with two_collections(folder) as collections:
        for done, plan in enumerate(plans, start=1):
            findings, how = try_table(plan, seed, collections, folder / "source")
            yield from findings
            went[f"{plan[0]} {how}"] += 1
            if done % 100 == 0:
                print(f"{done} of {len(plans)}", flush=True)
    print(f"{time.monotonic() - start:.0f} s")
    print(", ".join(f"{count} {how}" for how, count in sorted(went.items())))


if __name__ == "__main__":
    typer.run(main)
