"""Servers that stop, crash or freeze during an ingest: for seconds, for longer, for good.

An ingest of drawn pictures runs as a process of its own against a real Qdrant and a real Postgres,
of which one goes away in the middle. Where it comes back, the ingest has to have waited aloud and
to end well. Where it does not, the ingest has to end with a sentence after its patience, and so has
a search; once the server is back, the same command has to complete the collection. Nothing may be
lost, in the catalog or in the index.

    python -m benchmarks.outages --seed 7 --n 400

Exits with 1 if there is a finding.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from catalog.models import EmbeddingTask, TaskState
from deployment import Deployment
from errors import VasariError
from settings import Settings
from tests.pictures import make_folder
from tests.servers import Lifecycle
from tests.servers.postgres import PostgresServer, running_postgres
from tests.servers.qdrant import QdrantServer, running_qdrant

MODELS = ("colour_grid", "edge_grid")
ROOT = Path(__file__).resolve().parents[1]
FOR_GOOD = float("inf")
WAYS = ("stopped", "killed", "frozen")
PATIENCE_SECONDS = 5.0
"""Where the server stays away."""

NOTICED_SECONDS = 12.0
"""A freeze that is shorter may pass unnoticed: until it is noticed, it is a slow answer."""

GIVEN_UP_SECONDS = 60.0
DEADLINE_SECONDS = 400.0


@dataclass
class Case:
    """One server that goes away in one way, and what came of it."""

    server: str
    way: str
    seconds: float
    findings: list[str] = field(default_factory=list)
    aloud: bool = False
    ended_after: float = 0.0
    search_after: float | None = None

    def line(self) -> str:
        """Return the case as a line of the report."""
        away = "for good" if self.seconds == FOR_GOOD else f"{self.seconds:g} s"
        search = "" if self.search_after is None else f"{self.search_after:.1f}"
        aloud = "yes" if self.aloud else "no"
        return (
            f"{self.server:9}{self.way:9}{away:>9}{aloud:>7}{self.ended_after:>10.1f}{search:>9}  "
            f"{'; '.join(self.findings) or 'nothing lost'}"
        )


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

    @contextmanager
    def settings(self, home: Path, patience: float) -> Iterator[Settings]:
        """Give the settings of an empty collection on both."""
        with (
            self.qdrant.unique_alias() as alias,
            self.postgres.fresh_database() as url,
        ):
            yield Settings(
                home=home,
                models=MODELS,
                batch_size=8,
                qdrant_url=self.qdrant.url,
                qdrant_alias=alias,
                database_url=SecretStr(url),
                outage_patience_seconds=patience,
            )


def run(case: Case, servers: Servers, pictures: Path, *, works: int, after: int) -> None:
    """Play one case, and note what is wrong."""
    lifecycle = servers.lifecycle(case.server)
    patience = PATIENCE_SECONDS if case.seconds == FOR_GOOD else 600.0
    with tempfile.TemporaryDirectory() as home, servers.settings(Path(home), patience) as settings:
        try:
            process = _start(settings, "ingest", "folder", str(pictures))
            _wait_for(settings, after, process)
            {"stopped": lifecycle.stop, "killed": lifecycle.kill, "frozen": lifecycle.freeze}[
                case.way
            ]()
            begun = time.monotonic()
            if case.seconds == FOR_GOOD:
                said, code = _end(process, GIVEN_UP_SECONDS)
                case.ended_after = time.monotonic() - begun
                _check_given_up(case, said, code)
                _search(case, settings, pictures)
            else:
                time.sleep(case.seconds)
            lifecycle.start()
            if case.seconds == FOR_GOOD:
                process = _start(settings, "ingest", "folder", str(pictures))
            back = time.monotonic()
            again, code = _end(process, DEADLINE_SECONDS)
            if case.seconds != FOR_GOOD:
                said = again
                case.ended_after = time.monotonic() - back
            case.aloud = "does not answer, waiting" in said
            unnoticed = case.way == "frozen" and case.seconds < NOTICED_SECONDS
            # Patience that is over before a freeze is noticed leaves nothing to wait for.
            if not (case.aloud or unnoticed or case.seconds == FOR_GOOD):
                case.findings.append("it did not say that it waits")
            if code != 0:
                case.findings.append(f"ended with {code}: {again[-300:]}")
            _check_complete(case, settings, works)
        finally:
            lifecycle.start()


def _check_given_up(case: Case, said: str, code: int | None) -> None:
    if code is None:
        case.findings.append(f"still waiting after {GIVEN_UP_SECONDS:.0f} s")
    elif code != 1 or "run the same command again" not in " ".join(said.split()):
        case.findings.append(f"gave up with {code}: {said[-300:]}")
    if "Traceback" in said:
        case.findings.append("a traceback")


def _search(case: Case, settings: Settings, pictures: Path) -> None:
    begun = time.monotonic()
    picture = str(pictures / "images" / "000.jpg")
    said, code = _end(_start(settings, "search", picture), GIVEN_UP_SECONDS)
    case.search_after = time.monotonic() - begun
    if code != 1 or "answers at" not in " ".join(said.split()) or "Traceback" in said:
        case.findings.append(f"a search ended with {code}: {said[-300:]}")


def _check_complete(case: Case, settings: Settings, works: int) -> None:
    with Deployment(settings) as deployment:
        status = deployment.index.status()
        held = {status.points, *(vector.points for vector in status.vectors.values())}
        done = _done(deployment)
    if held != {works}:
        case.findings.append(f"the index holds {sorted(held)} of {works}")
    if done != works * len(MODELS):
        case.findings.append(f"{done} of {works * len(MODELS)} tasks are done")


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


def _start(settings: Settings, *arguments: str) -> "subprocess.Popen[str]":
    assert settings.database_url is not None
    environment = {name: value for name, value in os.environ.items() if "VASARI" not in name} | {
        "VASARI_HOME": str(settings.home),
        "VASARI_MODELS": ",".join(settings.models),
        "VASARI_BATCH_SIZE": str(settings.batch_size),
        "VASARI_QDRANT_URL": str(settings.qdrant_url),
        "VASARI_QDRANT_ALIAS": settings.qdrant_alias,
        "VASARI_DATABASE_URL": settings.database_url.get_secret_value(),
        "VASARI_OUTAGE_PATIENCE_SECONDS": str(settings.outage_patience_seconds),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "ui.main", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _end(process: "subprocess.Popen[str]", seconds: float) -> tuple[str, int | None]:
    """Return what a process says until its end and how it ends; None if it has to be killed."""
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
        return said, None
    return said, process.returncode


def main() -> int:
    """Play all cases, and return 1 if there is a finding."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--n", type=int, default=400, help="pictures of each ingest")
    parser.add_argument("--seconds", type=float, nargs="*", default=[5.0, 20.0, FOR_GOOD])
    parser.add_argument("--server", choices=["qdrant", "postgres"], nargs="*")
    parser.add_argument("--way", choices=WAYS, nargs="*")
    given = parser.parse_args()
    chance = random.Random(given.seed)
    findings = 0
    print(f"{'server':9}{'way':9}{'away':>9}{'aloud':>7}{'ended, s':>10}{'search':>9}", flush=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        running_qdrant() as qdrant,
        running_postgres() as postgres,
    ):
        pictures = make_folder(Path(scratch), given.n)
        servers = given.server or ["qdrant", "postgres"]
        for server, way, seconds in product(servers, given.way or WAYS, given.seconds):
            case = Case(server, way, seconds)
            after = chance.randrange(1, given.n)
            run(case, Servers(qdrant, postgres), pictures, works=given.n, after=after)
            print(case.line(), flush=True)
            findings += len(case.findings)
    print(f"{findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
