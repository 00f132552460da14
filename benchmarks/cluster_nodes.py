"""A cluster of three nodes, of which one after another dies or is restarted, under load.

An ingest of drawn pictures runs as a process of its own, and searches are asked at a steady rate.
A node is killed at random and started again some seconds later, over and over; or, with
``--rolling``, all are stopped and started in turn, as for an upgrade. No search may fail, no work
may be lost or double, and in the end each copy of each shard, asked alone, holds the same.

    python -m benchmarks.cluster_nodes --works 20000 --minutes 10
    python -m benchmarks.cluster_nodes --works 20000 --rolling

Exits with 1 if there is a finding.
"""

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from pydantic import SecretStr

from benchmarks.campaign import run, start
from catalog.filters import Filter
from deployment import Deployment
from errors import VasariError
from maintenance.drift import find_drift
from search.index.contract import Index, Vector
from settings import Settings
from tests.pictures import make_folder
from tests.servers.postgres import running_postgres
from tests.servers.qdrant import QdrantServer, qdrant_cluster
from tests.servers.replicas import points_by_copy

MODELS = ("colour_grid", "edge_grid")
SEARCHERS = 8
AWAY_SECONDS = (3.0, 15.0)
CAUGHT_UP_SECONDS = 300.0


class Searches:
    """Searches asked at a steady rate by several threads, with what went wrong and how long."""

    def __init__(self, index: Index, rate: float) -> None:
        self._index, self._rate = index, rate
        self._over = threading.Event()
        self.seconds: list[float] = []
        self.failures: Counter[str] = Counter()
        self._pool = ThreadPoolExecutor(SEARCHERS)
        self._running = [self._pool.submit(self._ask, number) for number in range(SEARCHERS)]

    def _ask(self, number: int) -> None:
        drawn = np.random.default_rng(number)
        pause = SEARCHERS / self._rate
        following = time.monotonic() + pause * number / SEARCHERS
        while not self._over.is_set():
            time.sleep(max(0.0, following - time.monotonic()))
            following += pause
            begun = time.monotonic()
            queries = {name: _vector(self._index.specs[name].dimension, drawn) for name in MODELS}
            wanted = Filter(source=("north",)) if drawn.random() < 0.5 else Filter()
            try:
                self._index.nearest_under_each(queries, wanted=wanted, top=10)
            except VasariError as error:
                self.failures[f"{type(error).__name__}: {error}"] += 1
            self.seconds.append(time.monotonic() - begun)

    def end(self) -> None:
        """Let the last searches end."""
        self._over.set()
        for searcher in self._running:
            searcher.result()
        self._pool.shutdown()


def campaign(
    folder: Path, *, works: int, minutes: float, rate: float, rolling: bool, seed: int
) -> Iterator[str]:
    """Play it; yield what was found, and print figures."""
    pictures = make_folder(folder / "pictures", works)
    chance = random.Random(seed)
    with ExitStack() as running:
        nodes = running.enter_context(qdrant_cluster())
        url = running.enter_context(running.enter_context(running_postgres()).fresh_database())
        settings = Settings(
            home=folder / "home",
            models=MODELS,
            qdrant_url=",".join(node.url for node in nodes),
            qdrant_shards=6,
            qdrant_replicas=2,
            database_url=SecretStr(url),
        )
        with Deployment(settings) as deployment:
            ingest = start(settings, "ingest", "folder", str(pictures))
            index = _begun(deployment, ingest)
            searches = Searches(index, rate)
            if rolling:
                disturbed = _roll(nodes, index)
            else:
                disturbed = _kill(nodes, index, chance=chance, minutes=minutes)
            said, _ = ingest.communicate()
            searches.end()
            if ingest.returncode != 0:
                yield f"the ingest ended with {ingest.returncode}: {said[-500:]}"
            for failure, count in searches.failures.items():
                yield f"{count} searches failed: {failure}"
            p50, p95, p99 = (1_000 * np.percentile(searches.seconds, q) for q in (50, 95, 99))
            print(
                f"{disturbed}; {len(searches.seconds):,} searches, p50 {p50:.0f}, p95 {p95:.0f}, "
                f"p99 {p99:.0f} ms, the slowest {max(searches.seconds):.1f} s",
                flush=True,
            )
            yield from _differences(deployment, nodes, works=works)


def _begun(deployment: Deployment, ingest: "subprocess.Popen[str]") -> Index:
    """Return the index as soon as the ingest has made it."""
    while not deployment.index.specs:
        if ingest.poll() is not None:
            raise RuntimeError(f"the ingest ended too early: {ingest.communicate()[0][-500:]}")
        time.sleep(0.2)
        deployment.index.refresh()
    return deployment.index


def _kill(
    nodes: Sequence[QdrantServer], index: Index, *, chance: random.Random, minutes: float
) -> str:
    ends, kills = time.monotonic() + 60 * minutes, 0
    while time.monotonic() < ends:
        node = chance.choice(nodes)
        following = time.monotonic() + chance.uniform(30, 60)
        _lifecycle(node, "kill")
        time.sleep(chance.uniform(*AWAY_SECONDS))
        _lifecycle(node, "start")
        kills += 1
        _catch_up(index)
        time.sleep(max(0.0, following - time.monotonic()))
    return f"{kills} nodes killed in {minutes:g} minutes"


def _roll(nodes: Sequence[QdrantServer], index: Index) -> str:
    begun = time.monotonic()
    for node in nodes:
        _lifecycle(node, "stop")
        _lifecycle(node, "start")
        _catch_up(index)
    return f"{len(nodes)} nodes restarted in {time.monotonic() - begun:.0f} s"


def _lifecycle(node: QdrantServer, what: str) -> None:
    if node.lifecycle is None:
        sys.exit("nodes that somebody else runs are not this campaign's to stop")
    getattr(node.lifecycle, what)()


def _catch_up(index: Index) -> None:
    """Wait until all copies are in use again, as whoever restarts nodes has to."""
    deadline = time.monotonic() + CAUGHT_UP_SECONDS
    while time.monotonic() < deadline:
        with suppress(VasariError):
            if not index.storage().advice:
                return
        time.sleep(0.5)
    raise RuntimeError(f"not all copies are in use again after {CAUGHT_UP_SECONDS:.0f} s")


def _differences(
    deployment: Deployment, nodes: Sequence[QdrantServer], *, works: int
) -> Iterator[str]:
    _catch_up(deployment.index)
    drift = find_drift(
        deployment.database, deployment.index, deployment.image_store, deployment.registry
    )
    if drift.works != works or drift.points != works or drift:
        yield f"catalog and index differ: {drift}"
    generation = deployment.index.status().generation
    collection = f"{deployment.settings.qdrant_alias}_{generation:04d}"
    found = points_by_copy(nodes, collection, deployment.index.storage().shards)
    held = sum(len(copies[0]) for copies in found.values())
    if held != works:
        yield f"the shards hold {held} points of {works}"
    for number, copies in found.items():
        if len(copies) != 2 or copies[0] != copies[1]:
            yield f"the copies of shard {number} differ"


def _vector(dimension: int, drawn: np.random.Generator) -> Vector:
    vector = drawn.standard_normal(dimension).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def main(
    works: Annotated[int, typer.Option(help="Of the ingest.")] = 20_000,
    minutes: Annotated[float, typer.Option(help="Of nodes that die.")] = 10.0,
    rate: Annotated[float, typer.Option(help="Searches a second.")] = 50.0,
    rolling: Annotated[bool, typer.Option("--rolling", help="Restart all in turn.")] = False,
    seed: int = 7,
) -> None:
    """Play it."""
    run(
        partial(campaign, works=works, minutes=minutes, rate=rate, rolling=rolling, seed=seed),
        "a rolling restart" if rolling else "nodes that die",
    )


if __name__ == "__main__":
    typer.run(main)
