"""Hostile tables through the command line, on SQLite and on Postgres.

    python -m benchmarks.hostile_tables --seed 7 --n 400 [--first N] [--processes 12]

Each table is taken in by each reader on both databases. A finding is a traceback, a command that
takes longer than twenty seconds, an answer to ``--json`` that is no JSON document, a good row that
was lost, a control character in the catalog, and whatever differs between the two databases. With
findings it exits with 1.

Every twentieth table is embedded too; of the others the embedding is left out. ``--processes``
also ingests that many tables, each in a separate process.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import create_engine, delete, select
from typer.testing import CliRunner

from catalog.models import Artwork, Base, JobFailure
from tests.hostile_tables import READERS, HostileTable, make_hostile_table
from tests.servers.postgres import running_postgres

ROOT = Path(__file__).resolve().parents[1]
LONGEST_SECONDS = 20
EMBED_EVERY = 20
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
SHOWN = ("title", "artist", "genre", "style", "school", "file", "source")
COMPARED = (*SHOWN, "source_id", "year", "image_signature", "extra", "artist_as_given")


class Hang(BaseException):
    """A command takes too long."""


@dataclass(frozen=True)
class Answer:
    """What a command answered."""

    code: int
    stdout: str
    stderr: str
    fault: str = ""


@dataclass(frozen=True)
class Collection:
    """A collection that is emptied for each table."""

    name: str
    environment: Mapping[str, str]
    database: str

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


def in_this_process(arguments: list[str], environment: Mapping[str, str]) -> Answer:
    """Run a command quickly, with its imports done."""
    from ui.cli import app

    def stop(_number: int, _frame: object) -> NoReturn:
        raise Hang

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST_SECONDS)
    try:
        run = CliRunner().invoke(app, arguments, env=dict(environment))
    except Hang:
        return Answer(-1, "", "", f"longer than {LONGEST_SECONDS} s")
    finally:
        signal.alarm(0)
    fault = run.exception
    told = "" if fault is None or isinstance(fault, SystemExit) else repr(fault)
    return Answer(run.exit_code, run.stdout, run.stderr, told)


def in_a_process(arguments: list[str], environment: Mapping[str, str]) -> Answer:
    """Run a command as anybody does."""
    command = [sys.executable, "-m", "ui.main", *arguments]
    try:
        run = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | environment,
            capture_output=True,
            timeout=3 * LONGEST_SECONDS,  # with its imports, on a busy machine
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(-1, "", "", f"longer than {3 * LONGEST_SECONDS} s")
    return Answer(
        run.returncode, run.stdout.decode(errors="replace"), run.stderr.decode(errors="replace")
    )


def judge(table: HostileTable, answer: Answer, rows: Mapping[str, Any]) -> Iterator[str]:
    """Go through what is wrong with an answer and with what it left in the catalog."""
    if answer.fault:
        yield f"fault: {answer.fault}"
        return
    if "Traceback" in answer.stdout + answer.stderr:
        yield f"traceback: {answer.stderr[-300:]}"
    if answer.code not in {0, 1}:
        yield f"exit code {answer.code}: {answer.stderr[-300:]}"
    try:
        document = json.loads(answer.stdout, parse_constant=_refuse)
    except ValueError as error:
        yield f"no JSON: {error}: {answer.stdout[:200]!r}"
        return
    if answer.code and not document.get("error"):
        yield "an exit code without an error"
    if answer.code and not table.may_be_refused:
        yield f"the whole table is refused: {document.get('error')!r}"
    if CONTROLS.search(answer.stderr):
        yield f"a control character on the screen: {answer.stderr[:200]!r}"
    works = list(rows["works"].values())
    if not answer.code and (lost := table.good - {work["title"] for work in works}):
        yield f"good rows are lost: {sorted(lost)}"
    for work in works:
        for name in SHOWN:
            if CONTROLS.search(work[name] or ""):
                yield f"a control character in {name}: {work[name]!r}"
        if CONTROLS.search(json.dumps(work["extra"], ensure_ascii=False)):
            yield "a control character in extra"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def outcome(answer: Answer) -> Any:
    """Return what a command answered, without what is never the same."""
    try:
        document = json.loads(answer.stdout)
    except ValueError:
        return answer.code
    kept = {name: value for name, value in document.items() if name not in {"job", "seconds"}}
    # Which come first is a matter of threads; all of them are compared as the catalog has them.
    kept["failures"] = sorted(
        (group["stage"], group["reason"], group["count"]) for group in kept.get("failures", ())
    )
    return answer.code, kept


def try_table(
    reader: str,
    number: int,
    seed: int,
    collections: list[Collection],
    run: Callable[[list[str], Mapping[str, str]], Answer],
) -> tuple[list[str], str]:
    """Take one table in on all databases; return the findings, and how it went."""
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    findings: list[str] = []
    seen: list[Any] = []
    try:
        table = make_hostile_table(reader, number, seed, folder / "source")
        arguments = ["ingest", *table.arguments, "--json"]
        # The museum's images are on its server: those are not asked for.
        if number % EMBED_EVERY or reader == "nga":
            arguments.append("--queue-only")
        for collection in collections:
            collection.empty()
            answer = run(arguments, collection.environment)
            rows = collection.rows()
            findings += [f"{collection.name}: {said}" for said in judge(table, answer, rows)]
            seen.append((outcome(answer), rows))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if any(other != seen[0] for other in seen[1:]):
        findings.append(f"the databases differ: {seen}"[:1500])
    code = seen[0][0][0] if isinstance(seen[0][0], tuple) else seen[0][0]
    return findings, "refused" if code else "failures" if seen[0][1]["failures"] else "clean"


@contextmanager
def two_collections() -> Iterator[list[Collection]]:
    """Give a collection on SQLite and one on Postgres, with a model that needs no weights."""
    with (
        tempfile.TemporaryDirectory(prefix="hostile-homes-") as homes,
        running_postgres() as server,
        server.fresh_database() as url,
    ):
        plain = {"VASARI_MODELS": "colour_grid", "VASARI_DOWNLOAD_ATTEMPTS": "1"}
        lite, served = Path(homes, "sqlite"), Path(homes, "postgres")
        collections = [
            Collection(
                "sqlite", plain | {"VASARI_HOME": str(lite)}, f"sqlite:///{lite}/catalog.db"
            ),
            Collection(
                "postgres", plain | {"VASARI_HOME": str(served), "VASARI_DATABASE_URL": url}, url
            ),
        ]
        for collection in collections:
            answer = in_this_process(["db", "upgrade"], collection.environment)
            if answer.code:
                sys.exit(f"{collection.name}: {answer.stderr}{answer.fault}")
        yield collections


def main() -> int:
    """Run the campaign and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--n", type=int, default=400, help="tables for each reader")
    parser.add_argument("--first", type=int, default=0, help="number of the first table")
    parser.add_argument("--processes", type=int, default=12)
    parser.add_argument("--reader", choices=READERS, action="append")
    given = parser.parse_args()
    chosen = given.reader or READERS
    found, went, start = 0, Counter[str](), time.monotonic()
    plans = [
        (reader, number, in_this_process)
        for number in range(given.first, given.first + given.n)
        for reader in chosen
    ]
    plans += [
        (chosen[number % len(chosen)], given.first + number, in_a_process)
        for number in range(given.processes)
    ]
    with two_collections() as collections:
        for done, (reader, number, run) in enumerate(plans, start=1):
            findings, how = try_table(reader, number, given.seed, collections, run)
            went[f"{reader} {how}"] += 1
            found += len(findings)
            for finding in findings:
                print(f"{reader} {number}: {finding}", flush=True)
            if done % 100 == 0:
                print(f"{done} of {len(plans)}, {found} findings", flush=True)
    seconds = time.monotonic() - start
    print(f"{len(plans)} tables, {len(collections)} databases, {seconds:.0f} s")
    print(", ".join(f"{count} {how}" for how, count in sorted(went.items())))
    print(f"{found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
