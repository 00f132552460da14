"""Servers that stop, crash or freeze during an ingest: for seconds, for longer, for good.

An ingest of drawn pictures runs as a process of its own against a real Qdrant and a real Postgres,
of which one goes away in the middle. Where it comes back, the ingest has to have waited aloud and
to end well. Where it does not, the ingest has to end with a sentence after its patience, and so has
a search; once the server is back, the same command has to complete the collection. Nothing may be
lost, in the catalog or in the index.

    python -m benchmarks.outages --seed 7 --n 400

Exits with 1 if there is a finding.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from benchmarks.campaign import run, start
from benchmarks.servers import empty_collection
from catalog.models import EmbeddingTask, TaskState
from deployment import Deployment
from errors import VasariError
from settings import Settings
from tests.pictures import make_folder
from tests.servers import Lifecycle
from tests.servers.postgres import PostgresServer, running_postgres
from tests.servers.qdrant import QdrantServer, running_qdrant

MODELS = ("colour_grid", "edge_grid")
FOR_GOOD = float("inf")
WAYS = {"stopped": "stop", "killed": "kill", "frozen": "freeze"}
PATIENCE_SECONDS = 5.0
"""Where the server stays away."""

NOTICED_SECONDS = 12.0
"""A freeze that is shorter may pass unnoticed: until it is noticed, it is a slow answer."""

GIVEN_UP_SECONDS = 60.0
DEADLINE_SECONDS = 400.0


@dataclass(frozen=True)
class Case:
    """One server that goes away in one way, for some seconds."""

    server: str
    way: str
    seconds: float

    def __str__(self) -> str:
        """Return the case in words."""
        away = "for good" if self.seconds == FOR_GOOD else f"for {self.seconds:g} s"
        return f"{self.server} {self.way} {away}"


@dataclass(frozen=True)
class Servers:
    """The two servers, started by this campaign and its to stop."""

    qdrant: QdrantServer
    postgres: PostgresServer

    def lifecycle(self, name: str) -> Lifecycle:
        """Return what can be done to one of them."""
        found = self.qdrant.lifecycle if name == "qdrant" else self.postgres.lifecycle
        if found is None:
            sys.exit("servers that are named in the environment are not this campaign's to stop")
        return found

    def settings(self, home: Path, patience: float) -> AbstractContextManager[Settings]:
        """Give the settings of an empty collection on both."""
        return empty_collection(
            self.qdrant,
            self.postgres,
            home=home,
            models=MODELS,
            batch_size=8,
            outage_patience_seconds=patience,
        )


def play(case: Case, servers: Servers, pictures: Path, *, works: int, after: int) -> Iterator[str]:
    """Play one case; yield what is wrong, and print how long it took."""
    lifecycle = servers.lifecycle(case.server)
    for_good = case.seconds == FOR_GOOD
    patience = PATIENCE_SECONDS if for_good else 600.0
    ingest = ("ingest", "folder", str(pictures))
    with tempfile.TemporaryDirectory() as home, servers.settings(Path(home), patience) as settings:
        try:
            process = start(settings, *ingest)
            _wait_for(settings, after, process)
            getattr(lifecycle, WAYS[case.way])()
            if for_good:
                gave_up, code, seconds = _end(process, GIVEN_UP_SECONDS)
                yield from _not_given_up(gave_up, code)
                yield from _search(settings, pictures)
                lifecycle.start()
                said, code, _ = _end(start(settings, *ingest), DEADLINE_SECONDS)
            else:
                time.sleep(case.seconds)
                lifecycle.start()
                said, code, seconds = _end(process, DEADLINE_SECONDS)
            aloud = "does not answer, waiting" in (gave_up if for_good else said)
            how = "aloud" if aloud else "silent"
            print(f"{case}: {how}, ended after {seconds:.1f} s", flush=True)
            unnoticed = case.way == "frozen" and case.seconds < NOTICED_SECONDS
            # Patience that is over before a freeze is noticed leaves nothing to wait for.
            if not (aloud or unnoticed or for_good):
                yield "it did not say that it waits"
            if code != 0:
                yield f"ended with {code}: {said[-300:]}"
            yield from _incomplete(settings, works)
        finally:
            lifecycle.start()


def _not_given_up(said: str, code: int | None) -> Iterator[str]:
    if code is None:
        yield f"still waiting after {GIVEN_UP_SECONDS:.0f} s"
    elif code != 1 or "run the same command again" not in " ".join(said.split()):
        yield f"gave up with {code}: {said[-300:]}"
    if "Traceback" in said:
        yield "a traceback"


def _search(settings: Settings, pictures: Path) -> Iterator[str]:
    picture = str(pictures / "images" / "000.jpg")
    said, code, seconds = _end(start(settings, "search", picture), GIVEN_UP_SECONDS)
    print(f"a search ended after {seconds:.1f} s")
    if code != 1 or "answers at" not in " ".join(said.split()) or "Traceback" in said:
        yield f"a search ended with {code}: {said[-300:]}"


def _incomplete(settings: Settings, works: int) -> Iterator[str]:
    with Deployment(settings) as deployment:
        status = deployment.index.status()
        held = {status.points, *(vector.points for vector in status.vectors.values())}
        done = _done(deployment)
    if held != {works}:
        yield f"the index holds {sorted(held)} of {works}"
    if done != works * len(MODELS):
        yield f"{done} of {works * len(MODELS)} tasks are done"


def _done(deployment: Deployment) -> int:
    with deployment.database.transaction() as session:
        counted = select(func.count()).where(EmbeddingTask.state == TaskState.DONE)
        return session.scalar(counted) or 0


def _wait_for(settings: Settings, after: int, process: "subprocess.Popen[str]") -> None:
    """Wait until at least ``after`` tasks are done."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    with Deployment(settings) as deployment:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                if _done(deployment) >= after:
                    return
            except (VasariError, SQLAlchemyError):
                pass  # it is being made
            time.sleep(0.05)
    raise RuntimeError(f"the ingest ended too early: {process.communicate()[0][-500:]}")


def _end(process: "subprocess.Popen[str]", seconds: float) -> tuple[str, int | None, float]:
    """Return what a process says, how it ends (None if it has to be killed), and after how long."""
    begun = time.monotonic()
    code: int | None
    try:
        said, _ = process.communicate(timeout=seconds)
        code = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        said, code = process.communicate()[0], None
    return said, code, time.monotonic() - begun


def main(
    seed: int = 7,
    n: Annotated[int, typer.Option("--n", help="Pictures of each ingest.")] = 400,
    seconds: Annotated[list[float] | None, typer.Option(help="Away; repeat.")] = None,
    server: Annotated[list[str] | None, typer.Option(help="qdrant or postgres.")] = None,
    way: Annotated[list[str] | None, typer.Option(help=", ".join(WAYS))] = None,
) -> None:
    """Play all cases."""
    away = seconds or [5.0, 20.0, FOR_GOOD]
    cases = [Case(*case) for case in product(server or ("qdrant", "postgres"), way or WAYS, away)]
    run(partial(campaign, cases=cases, seed=seed, n=n), f"{len(cases)} outages")


def campaign(folder: Path, *, cases: list[Case], seed: int, n: int) -> Iterator[str]:
    """Play cases; yield what was found."""
    chance, pictures = random.Random(seed), make_folder(folder / "pictures", n)
    with running_qdrant() as qdrant, running_postgres() as postgres:
        for case in cases:
            after = chance.randrange(1, n)
            for wrong in play(case, Servers(qdrant, postgres), pictures, works=n, after=after):
                yield f"{case}: {wrong}"


if __name__ == "__main__":
    typer.run(main)
